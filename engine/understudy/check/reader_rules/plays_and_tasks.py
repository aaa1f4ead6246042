"""What plays, blocks, tasks, roles and imports can be instead of what Ansible knows."""

TEXT = """
empty-playbook: error
A playbook holds no play.
There is nothing to run, which Ansible refuses too.
Begin it with `- hosts: all`.

not-a-list: error
Something other than a list stands where plays, tasks or roles are expected.
Their order matters, so they are elements of a list.
Begin each with `- `.

not-a-play: error
An element of a playbook is not a play.
A play is a mapping with `hosts` and what is to be done there.
Begin it with `- hosts: all`.

play-as-tasks: error
A file with plays is taken for a file of tasks.
Plays cannot stand inside of plays.
Import it with `import_playbook` beside the plays, or keep only its tasks.

no-hosts: error
A play, a limit or a pattern leaves no hosts.
A play must say where it runs; a pattern without a host is most often a slip of the pen.
Add `hosts: all`, or the names of hosts or groups that the inventory has.

two-users: error
A play has both `user` and `remote_user`.
They are the same keyword, and nothing says which one is meant.
Keep `remote_user`.

deprecated-form: warning
Something is written as older releases had it.
Releases to come will not read it.
Write the form that is shown.

not-a-task: error
An element of a list of tasks is not a task.
A task is a mapping with the module that it calls.
Write the module's name with a colon.

no-module: error
A task has keywords but calls no module.
There is nothing for it to do; most often a module's name is misspelt as a keyword's.
Add the module, for example `command:`.

two-modules: error
A task calls two modules.
One task is one call; a keyword that is misspelt is taken for a module, too.
Write two tasks, each beginning with `- `.

unknown-module: error
A module does not exist.
The task would fail wherever it is reached, after all that comes before it.
Correct the name; `understudy doc --list` shows all.

unsupported-module: error
A module exists in Ansible but not here.
A run would stop in the middle, where no other way is prepared.
Use a module that is here, or run this playbook with Ansible.

templated-module: error
A template names what must be known before a run.
Imports and their like are read before anything is run.
Write one task for each, with `when`.

unknown-keyword: error
A key is not a keyword where it stands.
Ansible refuses the whole playbook; keywords of a play are not all keywords of a task.
Correct its spelling, or put it where it may stand.

ignored-keyword: warning
A keyword has no effect where it stands.
It is read and then forgotten, so what it was to do does not happen.
Put it on the tasks themselves.

keyword-type: error
A keyword has a value of the wrong type.
A list where a number is expected ends a run before it begins.
Write a value of the type that is shown.

keyword-value: error
A keyword has a value that it cannot have once the task is reached.
It is read as late as that, so that everything before it would have been done.
Write a value of the type that is shown.

empty-condition: error
A condition is empty.
Nothing says whether it holds.
Write an expression, or remove the keyword.

variable-name: error
A name cannot be that of a variable.
Names have letters, digits and `_`, and do not begin with a digit: no template could name it.
Use another name.

reserved-name: warning
A name begins as those for Ansible's own use do.
What it is set to may be overwritten, or change how the task runs.
Use another name.

two-loops: error
A task has two loops.
Nothing says which one is inside of the other.
Keep one, or put the task into a file that is included in a loop.

import-in-loop: error
An import, or a thing like it, has a loop.
It is read once, before anything is run and before there are items.
Use the include of the same kind.

import-loop: error
An import leads back to the file that it stands in.
Reading it would never end.
Remove it, or use `include_tasks` with a condition.

too-many-imports: error
A playbook imports so much that what comes after is not checked.
Files that import others several times grow beyond every bound.
Import each file once, or check its parts by themselves.

nested-too-deep: error
Something is nested so deep that it is not checked.
Each level takes a part of the stack of the program that reads it.
Take it apart.

nothing-to-check: error
There is no file of Ansible's where something was to be checked.
A wrong path would otherwise look like a project without a mistake.
Name a playbook, or the directory of a project.

import-name: error
The name of what is imported is not known before a run.
Imports are read first: they see extra variables and those of the play, but no facts.
Use `include_tasks`, or give the variable with `-e`.

unknown-role: error
A role is not where roles are looked for.
The play cannot be read without it.
Put it into `roles/` beside the playbook, or set `roles_path`.

unsupported-role: error
A role is one of a collection.
Collections are not looked into yet, and the play cannot be read without its tasks.
Put the role into `roles/` beside the playbook, or run this playbook with Ansible.

not-a-role: error
An entry of `roles` names no role.
It is a name, or a mapping with `role` and what the role is given.
Write `- NAME`, or `- role: NAME`.

argument-spec: error
The argument specification of a role is not one.
It is checked before the role runs, so that the role could not run at all.
Correct `meta/argument_specs.yml`.

block-as-handler: error
A block stands among handlers.
A handler is found by its name and run alone.
Use `include_tasks`, or several handlers with the same `listen`.

no-block: error
`rescue` or `always` stands without a `block`.
There is nothing whose failure they could follow.
Put the tasks that may fail under `block:`.

no-role-to-end: error
`meta: end_role` stands where there is no role to end.
It ends the role that it stands in, and handlers are in none.
Write `end_host` or `end_play` to leave the play.

unknown-group: error
`module_defaults` names a group of modules that does not exist.
Its defaults would be given to no module.
Correct the name after `group/`.

unknown-plugin: error
A plugin that a keyword names does not exist.
The play cannot be run without it.
Use one of those that are shown.

not-supported: error
Something of Ansible is not here yet.
It is refused rather than done in another way than you expect.
Leave it out, or run this playbook with Ansible.
"""
