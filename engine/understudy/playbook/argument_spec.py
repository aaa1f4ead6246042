"""Arguments against a spec as modules and roles write it: a mapping from names to what they are.

The order of the steps, and so of the faults, is that of ansible-core 2.19; a spec may be nested
(`options`). Runs on the targets too: standard library and Python 3.6 only.
"""

from understudy.playbook import argument_relations as rules
from understudy.values.argument_types import CONVERTERS, FALSE_WORDS, TRUE_WORDS, type_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import Any

    Spec = Mapping[str, Mapping[str, Any]]
    Converters = Mapping[str, Callable[[Any], Any]]

REPORTED_TYPE = {"whole": "int", "str_or_list": "str_or_list_of_str"}
_GROUPS = ("mutually_exclusive", "required_together", "required_one_of")


class Checked:
    """What became of arguments: their `values`, and every fault in the words of Ansible.

    `unsupported` are names that the spec has not, with the way to them (`sub.name`); `supported`
    tells the names of the first level that had one. `secrets` are the values marked `no_log`.
    `deprecated` are notices: `msg`, `version` or `date`, `collection_name`.
    """

    def __init__(self, values: "dict[str, Any]") -> None:
        self.values = values
        self.faults = []  # type: list[str]
        self.unsupported = []  # type: list[str]
        self.supported = ""
        self.secrets = set()  # type: set[str]
        self.warnings = []  # type: list[str]
        self.deprecated = []  # type: list[dict[str, Any]]


def check_spec(
    spec: "Spec",
    given: "Mapping[str, Any]",
    relations: "Mapping[str, Any] | None" = None,
    converters: "Converters" = CONVERTERS,
) -> Checked:
    """Hold `given` against a spec; `relations` has `required_if` and the like, as a module's."""
    checked = Checked(dict(given))
    _Level(spec, checked, checked.values, relations or {}, converters, (), "").check()
    return checked


def relations_of(written: "Mapping[str, Any]") -> rules.Relations:
    """Return the relations that stand beside a spec, under the names that modules use."""
    exclusive, together, any_of = (
        [(group,) if isinstance(group, str) else tuple(group) for group in _groups(written, name)]
        for name in _GROUPS
    )
    conditions = [
        rules.RequiredIf(rule[0], rule[1], tuple(rule[2]), bool(rule[3:] and rule[3]))
        for rule in written.get("required_if") or ()
    ]
    needs = dict(written.get("required_by") or {})
    pairs = [(n, (v,) if isinstance(v, str) else tuple(v)) for n, v in needs.items()]
    return rules.Relations(exclusive, together, any_of, conditions, pairs)


def _groups(written: "Mapping[str, Any]", name: str) -> "Sequence[Any]":
    """Return the groups under a name; a single one may stand there without a list around it."""
    groups = written.get(name) or ()
    return [groups] if groups and all(isinstance(item, str) for item in groups) else groups


class _Level:
    """One level of a spec: the arguments of the module, or those below one of its arguments."""

    def __init__(
        self,
        spec: "Spec",
        checked: Checked,
        values: "dict[str, Any]",
        relations: "Mapping[str, Any]",
        converters: "Converters",
        way: "tuple[str, ...]",
        path: str,
    ) -> None:
        self.spec = spec
        self.checked = checked
        self.values = values
        self.relations = relations_of(relations)
        self.converters = converters
        self.way = way
        self.path = path
        self.aliases = {
            alias: name for name, about in spec.items() for alias in about.get("aliases") or ()
        }

    def check(self) -> None:
        """Take the steps; only a level that is right itself hands on to those below."""
        self._fall_back()
        self._rename()
        self._note_secrets()
        self._note_deprecated()
        self._note_unsupported()
        given = {name: value for name, value in self.values.items() if value is not None}
        self._fault(exclusion_faults(self.relations, given))
        self._fault(missing_faults(self._missing()))
        self._convert_all()
        self._note_secrets()  # again: a list or a mapping may have come as one text
        self._choose_all()
        self._fault(relation_faults(self.relations, given, self._with_defaults()))
        self.values.update(
            (name, value) for name, value in self._with_defaults().items() if name in self.spec
        )
        for name, about in self.spec.items():
            self._enter(name, about)

    def _fault(self, faults: "Iterable[str]") -> None:
        found = " found in %s" % " -> ".join(self.way) if self.way else ""
        self.checked.faults.extend(fault + found for fault in faults)

    def _fall_back(self) -> None:
        for name, about in self.spec.items():
            fallback = about.get("fallback")
            if not fallback or self.values.get(name) is not None:
                continue
            function, positional, named = _fallback_of(fallback)
            try:
                self.values[name] = function(*positional, **named)
            except Exception as error:
                if type(error).__name__ != "AnsibleFallbackNotFound":
                    raise

    def _rename(self) -> None:
        for alias, name in self.aliases.items():
            if alias not in self.values:
                continue
            if name in self.values:
                text = "Both option %s and its alias %s are set."
                self.checked.warnings.append(text % (self._named(name), self._named(alias)))
            self.values[name] = self.values[alias]

    def _named(self, name: str) -> str:
        return "%s.%s" % (self.path, name) if self.path else name

    def _note_secrets(self) -> None:
        for name, about in self.spec.items():
            if about.get("no_log"):
                self.checked.secrets.update(texts_of(self.values.get(name, about.get("default"))))

    def _note_deprecated(self) -> None:
        for name, about in self.spec.items():
            version, date = about.get("removed_in_version"), about.get("removed_at_date")
            if (version or date) and name in self.values:
                first, *below = (*self.way, name)
                shown = first + "".join('["%s"]' % one for one in below)
                collection = about.get("removed_from_collection")
                self._deprecate("Param", shown, version, date, collection)
            for alias in about.get("deprecated_aliases") or ():
                if alias["name"] in self.values:
                    shown = self._named(alias["name"])
                    told = (alias.get(key) for key in ("version", "date", "collection_name"))
                    self._deprecate("Alias", shown, *told)

    def _deprecate(self, kind: str, shown: str, version: "Any", date: "Any", origin: "Any") -> None:
        msg = "%s '%s' is deprecated. See the module docs for more information" % (kind, shown)
        notice = {"msg": msg, "collection_name": origin}
        notice.update({"date": date} if date else {"version": version})
        if notice not in self.checked.deprecated:
            self.checked.deprecated.append(notice)

    def _note_unsupported(self) -> None:
        unknown = [n for n in self.values if n not in self.spec and n not in self.aliases]
        if unknown:
            self.checked.unsupported += [".".join((*self.way, str(name))) for name in unknown]
            names = supported_names(self.spec, self.aliases)
            self.checked.supported = self.checked.supported or names

    def _missing(self) -> "list[str]":
        return [n for n, a in self.spec.items() if a.get("required") and n not in self.values]

    def _convert_all(self) -> None:
        for name, about in self.spec.items():
            value = self.values.get(name)
            if name not in self.values or (value is None and not about.get("required")):
                continue
            try:
                self.values[name] = self._converted(name, value, about)
            except ValueError as error:
                self.checked.faults.append(str(error))

    def _converted(self, name: str, value: "Any", about: "Mapping[str, Any]") -> "Any":
        wanted = about.get("type") or "str"
        wanted = "jsonarg" if wanted == "json" else wanted
        if callable(wanted):
            return wanted(value)
        found = " found in '%s'." % " -> ".join(self.way) if self.way else ""
        return converted(name, value, wanted, about.get("elements"), self.converters, found)

    def _choose_all(self) -> None:
        for name, about in self.spec.items():
            if about.get("choices") is not None and self.values.get(name) is not None:
                self.values[name], fault = chosen(name, self.values[name], about["choices"])
                self._fault([fault] if fault else [])

    def _with_defaults(self) -> "dict[str, Any]":
        values = {name: about.get("default") for name, about in self.spec.items()}
        values.update((n, v) for n, v in self.values.items() if n not in values or v is not None)
        return values

    def _enter(self, name: str, about: "Mapping[str, Any]") -> None:
        options = about.get("options")
        value = self.values.get(name)
        if value is None and options and about.get("apply_defaults"):
            value = self.values[name] = {}
        is_list = about.get("type") == "list" and about.get("elements") == "dict"
        if options is None or value is None or not (is_list or about.get("type") == "dict"):
            return
        way = (*self.way, name)
        path = self._named(name)
        for number, item in enumerate(value if isinstance(value, list) else [value]):
            here = "%s[%d]" % (path, number) if isinstance(value, list) else path
            if isinstance(item, dict):
                _Level(options, self.checked, item, about, self.converters, way, here).check()


def _fallback_of(written: "Sequence[Any]") -> "tuple[Any, list[Any], dict[str, Any]]":
    positional, named = [], {}  # type: list[Any], dict[str, Any]
    for part in written[1:]:
        if isinstance(part, dict):
            named = part
        else:
            positional = part
    return written[0], positional, named


def texts_of(value: "Any") -> "Iterator[str]":
    """Yield every text and number in a value, as text."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for item in value:
            for text in texts_of(item):
                yield text
    elif value is not None and not isinstance(value, bool) and value != "":
        yield str(value)


def converted(
    name: str,
    value: "Any",
    wanted: str,
    elements: "str | None",
    converters: "Converters" = CONVERTERS,
    found: str = "",
) -> "Any":
    """Convert one value, and the elements of a list; ValueError says why not, as Ansible does."""
    value = _one_converted(value, wanted, converters, "argument '%s'" % name, found)
    if elements is None or not isinstance(value, list):
        return value
    where = "Elements value for option '%s'" % name
    return [_one_converted(item, elements, converters, where, found) for item in value]


def _one_converted(
    value: "Any", wanted: str, converters: "Converters", where: str, found: str
) -> "Any":
    try:
        return converters.get(wanted, _of_no_type)(value)
    except ValueError as error:
        target = REPORTED_TYPE.get(wanted, wanted)
        text = "%s is of type %s%s and we were unable to convert to %s: %s"
        raise ValueError(text % (where, type_name(value), found, target, error)) from None


def _of_no_type(_value: "Any") -> "Any":
    raise ValueError("there is no type of this name")


def chosen(name: str, value: "Any", choices: "Sequence[Any]") -> "tuple[Any, str | None]":
    """Return the choice that a value is, or stands for, and what is wrong when it is none."""
    listed = ", ".join(str(choice) for choice in choices)
    if isinstance(value, list):
        unmatched = ", ".join(str(item) for item in value if item not in choices)
        text = "value of %s must be one or more of: %s. Got no match for: %s"
        return value, text % (name, listed, unmatched) if unmatched else None
    if value in choices:
        return value, None
    meant = boolean_choice(value, choices)
    if meant is not None:
        return meant, None
    return value, "value of %s must be one of: %s, got: %s" % (name, listed, value)


def boolean_choice(value: "Any", choices: "Sequence[Any]") -> "str | None":
    """Return the one choice that a YAML boolean stands for: `state: on` has come as true."""
    words = {"True": TRUE_WORDS, "False": FALSE_WORDS}.get(value if isinstance(value, str) else "")
    meant = [choice for choice in choices if words and choice in words]
    return meant[0] if len(meant) == 1 else None


def supported_names(names: "Iterable[str]", aliases: "Iterable[str]") -> str:
    """Return the names that there are, with their aliases behind them."""
    behind = " (%s)" % ", ".join(sorted(aliases)) if aliases else ""
    return ", ".join(sorted(names)) + behind


def exclusion_faults(relations: rules.Relations, given: "Mapping[str, Any]") -> "Iterator[str]":
    """Yield one fault for all groups of which more than one argument is given."""
    groups = list(rules.conflicts(relations, given))
    if groups:
        listed = ", ".join("|".join(group) for group in groups)
        yield "parameters are mutually exclusive: %s" % listed


def missing_faults(names: "Iterable[str]") -> "Iterator[str]":
    """Yield one fault for all names that are required and not given."""
    listed = ", ".join(sorted(names))
    if listed:
        yield "missing required arguments: %s" % listed


def relation_faults(
    relations: rules.Relations, given: "Mapping[str, Any]", values: "Mapping[str, Any]"
) -> "Iterator[str]":
    """Yield the faults between arguments; `values` are the given ones and the defaults."""
    for group in rules.incomplete(relations, given):
        yield "parameters are required together: %s" % ", ".join(group)
    for group in rules.without_any(relations, given):
        yield "one of the following is required: %s" % ", ".join(group)
    for rule, missing in rules.unmet(relations, given, values):
        kind = "any" if rule.one_is_enough else "all"
        text = "%s is %s but %s of the following are missing: %s"
        yield text % (rule.argument, rule.value, kind, ", ".join(missing))
    for name, missing in rules.dependencies(relations, given):
        yield "missing parameter(s) required by '%s': %s" % (name, ", ".join(missing))
