"""Where configuration comes from, which value wins, and what is said about odd files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from understudy.config import Config, load_config
from understudy.config.ansible_keys import KEYS
from understudy.config.settings import SETTINGS
from understudy.text.diagnostic import PlaybookInvalid, Severity

Load = Callable[..., Config]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Load the configuration in an empty directory, from a cfg text and an environment."""

    def load_here(cfg: str | None = None, **environ: str) -> Config:
        if cfg is not None:
            (tmp_path / "ansible.cfg").write_text(cfg)
        return load_config({"HOME": str(tmp_path / "home"), **environ}, tmp_path)

    return load_here


def _messages(config: Config) -> list[str]:
    return [f"{warning.message} | {warning.help or ''}" for warning in config.warnings]


def test_defaults_are_those_of_ansible(load: Load) -> None:
    """Without file and environment the documented defaults hold, and say so."""
    config = load()
    assert (config.forks, config.poll_interval, config.timeout) == (5, 15, 10)
    assert (config.gathering, config.async_dir) == ("implicit", "~/.ansible_async")
    assert str(config.origin("forks")) == "default"
    assert config.file is None


def test_environment_wins_over_file_and_each_value_knows_its_origin(load: Load) -> None:
    """A variable of the environment beats the file; the origin names the variable or the line."""
    config = load("[defaults]\nforks = 7\ntimeout = 3\n", ANSIBLE_FORKS="9")
    assert (config.forks, config.timeout) == (9, 3)
    assert str(config.origin("forks")) == "env: ANSIBLE_FORKS"
    assert str(config.origin("timeout")).endswith("ansible.cfg:3")


def test_an_empty_variable_of_the_environment_is_not_set(load: Load) -> None:
    """`ANSIBLE_FORKS=` leaves the default."""
    assert load(ANSIBLE_FORKS="").forks == 5


@pytest.mark.parametrize(
    ("text", "value"), [("yes", True), ("T", True), ("on", True), ("no", False), ("maybe", False)]
)
def test_what_is_no_word_for_true_is_false(load: Load, text: str, *, value: bool) -> None:
    """Booleans are read leniently, as Ansible reads them."""
    assert load(ANSIBLE_NOCOWS=text).nocows is value


def test_inline_comments_quotes_case_and_continued_lines(load: Load) -> None:
    """`;` after a blank begins a comment, `#` does not; quotes fall; keys have no case."""
    config = load('[defaults]\nForks = 7 ; seven\nremote_user: "bob"\nroles_path = a:\n  b\n')
    assert (config.forks, config.remote_user) == (7, "bob")


def test_paths_are_relative_to_the_file_or_to_the_working_directory(
    load: Load, tmp_path: Path
) -> None:
    """A path in a file starts at the file, one in the environment at the working directory."""
    other = tmp_path / "conf"
    other.mkdir()
    (other / "ansible.cfg").write_text("[defaults]\nroles_path = r1:~/r2\ninventory = i1,i2\n")
    config = load(ANSIBLE_CONFIG=str(other), ANSIBLE_LOG_PATH="run.log")
    assert config.roles_path == (str(other / "r1"), str(Path("~/r2").expanduser()))
    assert config.inventory == (str(other / "i1"), str(other / "i2"))
    assert config.log_path == str(tmp_path / "run.log")


def test_the_first_file_of_the_search_order_is_the_only_one(load: Load, tmp_path: Path) -> None:
    """`ANSIBLE_CONFIG`, then the working directory, then the home: one file is read, not more."""
    home = tmp_path / "home"
    home.mkdir()
    (home / ".ansible.cfg").write_text("[defaults]\nforks=2\ntimeout=2\n")
    assert load().forks == 2
    config = load("[defaults]\nforks=3\n")
    assert (config.forks, config.timeout) == (3, 10)
    named = tmp_path / "other.cfg"
    named.write_text("[defaults]\nforks=4\n")
    assert load(ANSIBLE_CONFIG=str(named)).forks == 4


def test_a_missing_file_in_ansible_config_is_said_and_passed_over(load: Load) -> None:
    """The search goes on, but the user learns that the named file was not read."""
    config = load("[defaults]\nforks=3\n", ANSIBLE_CONFIG="/nowhere/x.cfg")
    assert config.forks == 3
    assert _messages(config) == ["`ANSIBLE_CONFIG` names `/nowhere/x.cfg`, which cannot be read | "]


def test_a_file_in_a_world_writable_directory_is_ignored(load: Load, tmp_path: Path) -> None:
    """Everybody could have written it; a warning says how to use it all the same."""
    tmp_path.chmod(0o777)
    config = load("[defaults]\nforks=3\n")
    assert config.forks == 5
    assert "everybody may write" in _messages(config)[0]


@pytest.mark.parametrize(
    ("cfg", "message"),
    [
        ("[defaults]\nforks = x\n", "`x` is not a whole number"),
        ("[defaults]\nforks\n", "`forks` is not a setting: write `key = value`"),
        ("forks = 3\n", "a setting stands before the first section"),
        ("[defaults]\nforks=1\nForks=2\n", "`forks` is set twice in `[defaults]`"),
        (
            "[defaults]\ngathering=lazy\n",
            "`lazy` is not one of `implicit`, `explicit`, `smart`",
        ),
    ],
)
def test_a_malformed_file_is_refused_with_its_place(load: Load, cfg: str, message: str) -> None:
    """A file that cannot be read as meant stops the run."""
    with pytest.raises(PlaybookInvalid) as raised:
        load(cfg)
    finding = raised.value.diagnostics[0]
    assert finding.message == message
    assert finding.span is not None


def test_a_wrong_value_in_the_environment_names_the_variable(load: Load) -> None:
    """Where no file is at fault the message says which variable is."""
    with pytest.raises(PlaybookInvalid, match=r"`x` is not a whole number \(env: ANSIBLE_FORKS\)"):
        load(ANSIBLE_FORKS="x")


@pytest.mark.parametrize(
    ("cfg", "message"),
    [
        ("[defaults]\nfork=3\n", "`fork` is not a setting of `[defaults]` | did you mean `forks`?"),
        (
            "[defaults]\nssh_args=-C\n",
            "`ssh_args` is not a setting of `[defaults]` | move it to `[ssh_connection]`",
        ),
        (
            "[defaults]\nhostfile=hosts\n",
            "`hostfile` is not a setting of `[defaults]` | it became `inventory` since 1.9",
        ),
        ("[default]\nforks=3\n", "no section is named `[default]` | did you mean `[defaults]`?"),
    ],
)
def test_an_unknown_key_is_warned_about(load: Load, cfg: str, message: str) -> None:
    """A key that nothing reads is said, with the key that was probably meant."""
    assert _messages(load(cfg)) == [message]


def test_a_setting_of_ansible_that_is_not_read_here_is_a_remark(load: Load) -> None:
    """It is no slip, so it is no warning."""
    assert [said.severity for said in load("[defaults]\ncow_selection=moose\n").warnings] == [
        Severity.INFO
    ]


def test_the_sections_of_plugins_are_left_alone(load: Load) -> None:
    """Their keys are the plugins' own."""
    assert not load("[callback_timer]\nx=1\n[sudo_become_plugin]\nuser=a\n").warnings


def test_every_setting_is_known_to_ansible() -> None:
    """The two tables agree: a setting that is read is never reported as unknown."""
    for names in SETTINGS.values():
        for name in names.ini:
            section, key = name.split(".")
            assert key in KEYS[section], name
