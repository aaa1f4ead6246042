"""What inventories and configurations can be instead of what is read."""

TEXT = """
missing-inventory: error
An inventory does not exist.
There are no hosts to run on.
Correct the path; a single host is written `-i name,` with a comma.

unparsed-inventory: warning
An inventory could not be read by any plugin that is enabled.
Its hosts are not there, and plays for them run nowhere.
Mend what is told with it.

not-enabled: error
An inventory has a form that the configuration does not enable.
`enable_plugins` names the only forms that are read.
Add the plugin to `enable_plugins` in `[inventory]`.

unsupported-inventory: error
An inventory plugin is not here.
Its hosts come from a program that is not run.
Write its hosts to a file with `ansible-inventory --list`, and use that.

invalid-inventory: error
An inventory is not built as one.
Groups are mappings with `hosts`, `children` and `vars`.
Correct the place that is shown.

inventory-script: error
The program of an inventory failed, or printed something other than JSON.
Its hosts are not there.
Run it with `--list`, and look at what it prints.

inventory-option: error
Options of `understudy inventory` do not fit together.
It shows one thing at a time.
Give the options that the message names.

toml-syntax: error
An inventory is not TOML.
Nothing of it can be read.
Mend the place that is shown.

invalid-host: error
The name of a host, or a range of names, is not one.
No host could be reached under it.
Write `name`, `name:port` or `name[1:9]`.

invalid-host-pattern: error
A pattern of hosts is not one.
A regular expression after `~`, or a slice, cannot be understood.
Correct the pattern.

invalid-section: error
A section of an INI inventory is not one.
What stands below it belongs to nothing.
Write `[group]`, `[group:vars]` or `[group:children]`.

invalid-variable: error
A line of an INI inventory is no variable.
It would be lost.
Write `name=value`, with quotes around a value with blanks.

undefined-group: error
An INI inventory names a group that no section defines.
Its variables or its hosts are lost; Ansible refuses the whole file.
Write a section of this name, or correct the name.

group-loop: error
A group contains itself, by way of others.
It would have no order in which variables win.
Remove one of the `children`.

group-name: warning
A group is named as no variable can be, or as a host is.
Templates cannot name it as `groups.name`, and patterns cannot tell the two apart.
Use letters, digits and `_`, and a name that no host has.

group-priority: warning
`ansible_group_priority` is not a whole number.
It is ignored, so other variables win than was meant.
Write a whole number.

too-many-hosts: info
An inventory names so many hosts that a check does not look at them.
A range of a few letters stands for a million hosts, and each takes memory.
Nothing need be done: rules take the variables of its hosts as unknown.

unknown-key: warning
A key of an inventory is ignored.
What stands below it, most often hosts, is not there.
Correct its spelling; hosts stand under `hosts:`.

invalid-config: error
A configuration cannot be read, or a setting has a value of the wrong type.
No command can know how it is to work.
Correct the line that is shown.

config: warning
A configuration has a setting that is not known or not read.
It does nothing, where something was expected of it.
Correct its spelling or its section, or remove it.
"""
