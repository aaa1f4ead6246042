from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from understudy.check.settings.configuration import find_configuration, read_configuration
from understudy.check.settings.setting_values import READERS
from understudy.check.settings.settings import Asked, Settings, SettingsInvalid, settings_of
from understudy.check.targets import Target
from understudy.text.diagnostic import Severity

WHOLE = """
[check]
select = ["template-syntax", "unknown-keyword"]
ignore = ["duplicate-key"]
severity = { template-syntax = "info", duplicate-key = "off" }
fail-on = "never"
target = "ansible-2.17"
inventories = ["inventory", "web1,web2"]
variables = ["release"]
exclude = ["molecule"]
baseline = "known.json"
cache = "tmp/cache"
"""


def asked(folder: Path, text: str, name: str = ".understudy.toml") -> Asked:
    """Return what a configuration of this text says."""
    (folder / name).write_text(text, "utf-8")
    return read_configuration(folder / name)


def told(folder: Path, text: str, name: str = ".understudy.toml") -> str:
    """Return what is told of a configuration that is wrong."""
    with pytest.raises(SettingsInvalid) as wrong:
        asked(folder, text, name)
    return str(wrong.value)


def test_every_setting_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Paths are relative to the file, a list of hosts is no path."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "project" / "inventory").mkdir(parents=True)
    held = settings_of(asked(tmp_path / "project", WHOLE), {})
    assert held.select == {"template-syntax", "unknown-keyword"}
    assert held.ignore == {"duplicate-key"}
    assert held.severities == {"template-syntax": Severity.INFO, "duplicate-key": None}
    assert held.fail_on is None
    assert held.target is Target.ANSIBLE_2_17
    assert held.inventories == (Path("project/inventory"), Path("web1,web2"))
    assert held.variables == {"release"}
    assert held.exclude.covers("project/molecule/x.yml")
    assert not held.exclude.covers("molecule/x.yml")
    assert held.baseline == Path("project/known.json")
    assert held.cache_dir == Path("project/tmp/cache")


def test_pyproject_has_a_table_of_its_own(tmp_path: Path) -> None:
    """The same settings stand in `[tool.understudy.check]`; other tools' are not looked at."""
    text = '[tool.ruff]\nselect = ["ALL"]\n[tool.understudy.check]\ncache = false\n'
    assert asked(tmp_path, text, "pyproject.toml") == {"uses_cache": False}


def test_the_nearest_file_with_the_table_holds(tmp_path: Path) -> None:
    """A pyproject.toml of others is passed over, also if it is broken; upward, the first wins."""
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    (tmp_path / ".understudy.toml").write_text('[check]\nfail-on = "error"\n')
    (tmp_path / "a" / "pyproject.toml").write_text("[tool.ruff\n")
    playbook = inner / "site.yml"
    assert find_configuration(playbook) == {"fail_on": Severity.ERROR}
    (inner / "pyproject.toml").write_text('[tool.understudy.check]\nfail-on = "info"\n')
    assert find_configuration(playbook) == {"fail_on": Severity.INFO}
    (inner / ".understudy.toml").write_text("")
    assert find_configuration(playbook) == {}
    assert find_configuration(inner) == {}


def test_a_file_that_somebody_else_may_have_laid_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a directory that everybody may write into, only files of known owners count."""
    (tmp_path / ".understudy.toml").write_text('[check]\nfail-on = "error"\n')
    assert find_configuration(tmp_path) != {}
    tmp_path.chmod(0o1777)
    assert find_configuration(tmp_path) != {}
    real, stranger = Path.stat, 12345

    def stat(path: Path, **how: bool) -> object:
        found = real(path, **how)
        if path.name != ".understudy.toml":
            return found
        return type(found)([*found[:4], stranger, *found[5:]])

    monkeypatch.setattr(Path, "stat", stat)
    assert find_configuration(tmp_path) == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[check]\n\nslect = ["a"]', ":3: `slect` is not a setting of a check; did you mean `sel"),
        ('[check]\nfail_on = "error"', ":2: `fail_on` is not a setting of a check; did you mean `"),
        ('[check]\nfail-on = "warn"', ":2: `fail-on`: `warn` is none of its values; did you mean"),
        ('[check]\nfail-on = "x"', ":2: `fail-on`: `x` is none of its values; expected one of err"),
        ("[check]\nfail-on = true", ":2: `fail-on`: `true` is none of its values; expected one"),
        (
            '[check]\ntarget = "ansible-2.1"',
            ":2: `target`: `ansible-2.1` is none of its values; d",
        ),
        ('[check]\nselect = "all"', ":2: `select`: must be a list of texts, not `all`"),
        (
            '[check]\nselect = ["template-sintax"]',
            ":2: `select`: `template-sintax` is no rule; d",
        ),
        ('[check]\nselect = [\n"template-syntax",\n"qqq",\n]', ":4: `select`: `qqq` is no rule"),
        ('[check.severity]\na = 1\nqqq = "off"', ":2: `severity`: `a` is no rule"),
        (
            '[check]\nseverity.template-syntax = "of"',
            ":2: `severity`: `of` is none of its values; d",
        ),
        ("[check]\nseverity = 3", ":2: `severity`: must be a table of rules"),
        ('[check]\nbaseline = "a\\u0000"', ":2: `baseline`: no path has a NUL character"),
        ('[check]\ninventories = ["hots"]', ":2: `inventories`: there is no file or directory `ho"),
        ('[check]\ncache = "~nobody-at-all/x"\nx = 1', ":3: `x` is not a setting of a check"),
        ("[check]\nbaseline = 3", ":2: `baseline`: must be a path, not `3`"),
        ("check = 3", ":1: `check` must be a table"),
        ("[chek]\n", ":1: `chek` is not a table of this file; did you mean `check`?"),
        ("\n[check\n", ":2: this is not TOML: "),
        ("[check]\na = 1\na = 2", ":3: this is not TOML: "),
        ("\na = \xff", ":2: this is not TOML: "),
    ],
)
def test_what_is_wrong_is_told_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, message: str
) -> None:
    """Keys, values and slugs that there are not are named, with what is near."""
    monkeypatch.chdir(tmp_path)
    assert told(tmp_path, text).startswith(f".understudy.toml{message}")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=60)
@given(st.sampled_from(sorted(READERS)), VALUES)
def test_any_value_is_a_setting_or_told(key: str, value: object) -> None:
    """Nothing that TOML can hold makes a check fail otherwise."""
    with suppress(ValueError):
        settings_of(READERS[key](value, Path.cwd()), {})


def test_everything_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    """A line for each, in the order of the file."""
    lines = told(tmp_path, '[check]\nslect = []\ntarget = "x"\n').splitlines()
    assert [line.split(":")[1] for line in lines] == ["2", "3"]


def test_a_named_file_must_be_there_and_hold_the_table(tmp_path: Path) -> None:
    """Nothing is passed over silently where a file is asked for."""
    with pytest.raises(SettingsInvalid, match="no such file"):
        read_configuration(tmp_path / "none.toml")
    message = told(tmp_path, "[tool.ruff]\n", "pyproject.toml")
    assert message.endswith("there is no `[tool.understudy.check]`")
    assert "did you mean `check`" in told(tmp_path, "[tool.understudy.chek]", "pyproject.toml")


def test_flags_win() -> None:
    """Over each setting as a whole; over severities rule by rule."""
    configured: Asked = {
        "fail_on": Severity.ERROR,
        "target": Target.ANSIBLE_2_16,
        "severities": {"a": None, "b": Severity.INFO},
    }
    flags: Asked = {"fail_on": Severity.INFO, "severities": {"a": Severity.ERROR}}
    assert settings_of(configured, flags) == Settings(
        fail_on=Severity.INFO,
        target=Target.ANSIBLE_2_16,
        severities={"a": Severity.ERROR, "b": Severity.INFO},
    )


def test_a_rule_selected_by_a_flag_is_not_ignored_by_the_configuration() -> None:
    """Who asks for a rule by name gets it; what is ignored beside it stays so."""
    held = settings_of({"ignore": frozenset("ab")}, {"select": frozenset("a")})
    assert (held.select, held.ignore) == ({"a"}, {"b"})
