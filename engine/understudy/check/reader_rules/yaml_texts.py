"""What a file's text can be instead of YAML in UTF-8."""

TEXT = """
missing-file: error
A file that is named does not exist.
Nothing of it can be read, so a run ends there; an include fails its hosts, and may be rescued.
Correct the name; it is looked for beside the file that names it, and in the role.

unreadable-file: error
A file is there but cannot be read.
Its permissions, its kind or the disk forbid it, and what is in it stays unknown.
Give yourself the right to read it.

not-utf-8: error
A file holds bytes that are not UTF-8.
Playbooks, variables and inventories are read as UTF-8 and as nothing else.
Save the file in the encoding UTF-8.

control-character: error
A text holds a character that YAML does not allow.
It cannot be seen in an editor, and most often came with a copy from somewhere.
Remove it, or write it as an escape in double quotes.

yaml-syntax: error
A text is not YAML.
Nothing of a file is read when its text cannot be.
Mend the place that is shown, or what stands before it.

yaml-tab: error
A tab indents a line.
YAML counts spaces only: a tab does not say how deep a line is.
Replace each tab by spaces.

yaml-unclosed: error
A quote or a bracket is never closed.
Everything after it belongs to the value, up to the end of the file.
Close it where the value ends.

yaml-escape: error
A text in double quotes holds an escape that YAML does not know.
A backslash in double quotes begins an escape; regular expressions and Windows paths have others.
Write the text in single quotes, or double the backslash.

unquoted-template: error
A value begins with a template and has no quotes.
YAML takes `{` at the begin of a value for that of a mapping.
Put the whole value in quotes.

yaml-quotes: error
A value needs quotes, or has them around a part of it only.
A quote at the begin of a value ends it at the next one; some signs begin something else in YAML.
Put the whole value in quotes.

yaml-colon: error
A colon is missing, or stands where a value has none.
`: ` separates a key from its value, wherever it stands outside of quotes.
Write a blank after a key's colon, and put a value with `: ` in quotes.

yaml-indentation: error
A line is indented as nothing above it is.
What belongs together begins in the same column.
Begin the line in the column of its neighbours.

yaml-key: error
A key is a list or a mapping.
Keys are texts; a template without quotes is taken for a mapping.
Put the key in quotes.

yaml-merge: error
`<<` merges something that is not a mapping.
Only the keys of a mapping can be put into another one.
Refer to a mapping with `<<: *name`, or to a list of such.

yaml-value: error
A value is not possible for its type.
A date with a thirteenth month, or a number that no computer holds, is no value.
Put it in quotes if it is meant as a text.

yaml-tag: error
A tag is not known, or stands where it cannot.
Playbooks have `!vault` and `!unsafe`, and the tags of YAML itself.
Put the text in quotes if it begins with `!` and is no tag.

yaml-alias: error
An alias repeats a value that is not there.
`*name` repeats the value that was named `&name` further above.
Name the value, or put the text in quotes if it is no alias.

yaml-anchor: error
One anchor names two values.
Which of them an alias repeats would depend on where it stands.
Give each value a name of its own.

yaml-aliases: error
Aliases stand for more values than can be held.
A few lines of aliases of aliases can stand for billions of values.
Repeat fewer values.

yaml-depth: error
Collections are nested deeper than any playbook needs.
Deep nesting is how a hostile file exhausts a reader.
Take the structure apart.

file-too-big: error
A file is too big to be checked.
What authors write is far smaller; to read data of this size would only take memory.
Keep data apart from plays, tasks and variables.

yaml-documents: error
A file holds more than one YAML document.
Only one is read, and what follows would be lost.
Remove the second `---`, or put what follows into a file of its own.
"""
