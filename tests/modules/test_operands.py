"""What begins with a hyphen is no option of the programs that modules run."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.modules.runner import Host

OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "git repo": {"repo": "--upload-pack=touch {w}/x", "dest": "{w}/d"},
    "git version": {"repo": "{w}/r", "dest": "{w}/d", "version": "--orphan=x"},
    "git refspec": {"repo": "{w}/r", "dest": "{w}/d", "refspec": "--upload-pack=touch {w}/x"},
    "git remote": {"repo": "{w}/r", "dest": "{w}/d", "remote": "-x"},
    "subversion repo": {"repo": "--config-dir={w}", "dest": "{w}/d"},
    "pip name": {"name": "--index-url=http://127.0.0.1:9"},
    "user name": {"name": "-D", "state": "absent"},
    "user groups": {"name": "nobody", "groups": ["-x"]},
    "group name": {"name": "--root={w}"},
    "getent database": {"database": "-s"},
    "dnf name": {"name": ["--eval=%(touch {w}/x)"]},
    "dnf list": {"list": "--installroot={w}"},
}
NEEDS = {"git": "git", "subversion": "svn", "dnf": "dnf"}


@pytest.mark.parametrize("what", OPTIONS)
def test_what_would_be_an_option_is_refused(here: Host, tmp_path: Path, what: str) -> None:
    """A name, a version or an address that begins with a hyphen is no way to other programs."""
    module, name = what.split()
    if module in NEEDS and shutil.which(NEEDS[module]) is None:
        pytest.skip(f"{module} is not there")
    args = {key: _filled(value, tmp_path) for key, value in OPTIONS[what].items()}
    result = here.run(module, args)
    assert result.get("failed"), result
    assert result["msg"].startswith(f"{name} cannot begin with a hyphen: -")
    assert not list(tmp_path.iterdir())


def _filled(value: Any, root: Path) -> Any:
    if isinstance(value, list):
        return [_filled(one, root) for one in value]
    return value.replace("{w}", str(root))


def test_pip_is_not_what_lies_in_the_directory_it_runs_in(
    here: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It runs where everybody may write: a `pip.py` there is no pip."""
    (tmp_path / "pip.py").write_text("open('caught', 'w')\n")
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    result = here.run("pip", {"name": "pip"})
    assert not result.get("failed"), result
    assert result["cmd"][1:3] == ["-m", "pip"]
    assert [path.name for path in tmp_path.iterdir()] == ["pip.py"]


def test_pip_tells_no_password_of_an_index(here: Host) -> None:
    """The password in an address is in none of what pip is told and says."""
    args = {
        "name": ["no-such @ http://u:secret@127.0.0.1:9/no-such.tar.gz"],
        "extra_args": "--retries 0 --timeout 1 --index-url http://u:secret@127.0.0.1:9/simple",
    }
    result = here.run("pip", args)
    assert result.get("failed"), result
    assert "secret" not in str(result)
