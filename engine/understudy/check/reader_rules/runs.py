"""What only a run can find, or refuses to begin with."""

TEXT = """
task-failed: error
A task failed.
What it was to do is not done, and the host takes no further tasks.
Look at the message of the module.

run-time: warning
Something odd was seen during a run.
The run goes on, but may do something else than you expect.
Look at the place that is shown.

unknown-handler: error
A task notifies a handler that does not exist.
Handlers are found by `name` and `listen`, written exactly so.
Correct the name, or write the handler.

once: error
A task that runs once for all hosts stands in a play with the strategy `free`.
There each host goes its own way, and it would run for every host.
Use the strategy `linear` for this play.

vars-prompt: error
A question of `vars_prompt` could not be asked or answered.
There is no terminal, or the answer cannot be what the question wants.
Give the variable with `-e`.

invalid-extra-vars: error
Extra variables are not written as such.
`-e` takes `name=value`, YAML, JSON or `@FILE`.
Put the whole in quotes for your shell.

no-start: error
There is no task to start at.
No task stands at that line of that file.
Name the line of a task.

open-files: warning
So many hosts may need more open files than a process may have.
Connections beyond the limit fail.
Raise the hard limit (`ulimit -Hn`), or take fewer hosts at once with `serial`.

unknown-noqa: info
A comment `# noqa: NAME` names no rule.
It silences nothing, though it looks as if it did. Names of ansible-lint's rules are no mistake.
Write the slug as a finding has it in brackets.

unused-noqa: info
A comment `# noqa` stands on a line of its own.
It silences findings on its own line and in the task that begins there, and there is none.
Write it at the end of the line of the finding, or of the first line of its task.

fix-failed: warning
The fixes of a file would leave a text that is not YAML.
The file is left alone as a whole, so that nothing in it is lost.
Make the fixes by hand, and report it: it is a mistake of understudy.

unwritable-file: error
A file that a run or `check --fix` is to write cannot be written.
A run is not begun, since its report would be lost; a check mends all other files.
Name a file that you may write, in a directory that you may write into.
"""
