"""What the arguments of a module can be instead of what it takes."""

TEXT = """
unknown-argument: error
A module has no argument of this name.
The task would fail on every host; some modules ignore it instead, and do something else.
Correct its spelling, or the indentation if it is a keyword of the task.

unsupported-argument: error
An argument of Ansible's module is not here yet.
It is refused rather than ignored.
Leave it out, or run this playbook with Ansible.

missing-argument: error
An argument that a module needs is not given.
The task would fail wherever it is reached.
Give the argument.

argument-type: error
An argument has a value of the wrong type.
The module cannot make of it what it needs.
Write a value of the type that is shown.

argument-choice: error
An argument has a value that is none of its choices.
The task would fail wherever it is reached.
Use one of the choices that are shown.

argument-value: error
An argument has a value that its module refuses.
The task would fail wherever it is reached.
Write a value as its description says.

argument-conflict: error
Two arguments that exclude each other are given.
Nothing says which one counts, and the module refuses both.
Give only one of them.

argument-given-twice: warning
One argument is given under two of its names.
One of the two values is dropped without a word.
Remove one of them.

deprecated-argument: warning
An argument will be gone in a release to come.
The task stops working with that release.
Write what its description says instead.

arguments-type: error
The arguments of a module are neither a mapping nor a text.
A list or a number names no argument.
Write them as `name: value` below the module.

unexpected-text: error
A module that takes no text is given one.
The text would be lost, and the arguments that were meant are missing.
Write the arguments as `name: value` below the module.

unbalanced-text: error
A quote or a brace of a text of arguments is never closed.
The text is split into arguments before anything is run.
Close it, or write `cmd:` with the command as a value of its own.

template-arguments: warning
One template gives all arguments of a task.
Whatever it yields is taken, also what nobody expects; nothing of it can be checked.
Write the arguments one by one.
"""
