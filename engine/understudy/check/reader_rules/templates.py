"""What templates, conditions, lookups and plugins can fail at."""

TEXT = """
template-failed: error
A template cannot be rendered.
A filter, a test or an operator was given what it cannot take.
Look at the values that it is given.

template-recursion: error
Variables are rendered from each other in a circle.
None of them ever gets a value.
Give one of them another name.

template: warning
A template of an inventory plugin has something odd.
What it makes of hosts may not be what you expect.
Write it as the message says.

omitted: error
`omit` is the value of a condition, or of a part of a name.
It leaves out an argument as a whole, and is no value anywhere else.
Use another default.

conditional-not-text: error
A condition is neither a text nor a boolean.
Only those can be judged.
Write an expression as a text.

conditional-empty: error
A condition is empty.
Nothing says whether it holds.
Write an expression, or remove the keyword.

conditional-not-boolean: error
A condition yields something that is neither true nor false.
Since ansible-core 2.19 a text or a list is no longer taken for true.
Compare the value, or test it: `result is success`, `items | length > 0`.

expression-not-text: error
An expression of an inventory plugin is not a text.
Only a text can be evaluated.
Write it as a text.

untrusted-expression: error
A text that came from a host or a program is used as an expression.
Whoever controls that host could have anything evaluated here.
Compare the value instead, for example `result.stdout == 'yes'`.

loop-not-a-list: error
`loop` is given something that is not a list.
A text or a mapping has no items.
Give it a list; `dict2items` makes one of a mapping.

unknown-lookup: error
A lookup does not exist, or is not here yet.
The value that it was to find is missing.
Correct the name, or use `loop` with a list.

lookup-failed: error
A lookup could not find its value.
The file, the variable or the program that it asks did not answer.
Look at what it was given; many lookups take `errors='ignore'`.

filter-failed: error
A filter of a plugin raised an error.
What it was given is not what it takes, or the plugin is wrong.
Look at the values that it is given.

test-failed: error
A test of a plugin raised an error.
What it was given is not what it takes, or the plugin is wrong.
Look at the values that it is given.

plugin-not-loaded: warning
A plugin or module of the project cannot be loaded.
What it defines is not there, and what uses it fails.
Mend the import that is shown.

plugin-not-run: warning
A value needs a plugin of the project, and a check runs none.
What depends on the value is not checked.
Run the playbook with `--check` to see it.

not-a-mapping: error
A file of variables does not hold a mapping.
Variables are names with values.
Write `name: value`.

vault-locked: error
An encrypted text cannot be opened.
Its password is not known here, or is another one.
Give its password with `--vault-password-file`, `--vault-id` or `-J`.

vault-password: error
The password of a vault cannot be had.
The file or the program that is to give it does not.
Correct the name of the file, or what the program prints.
"""
