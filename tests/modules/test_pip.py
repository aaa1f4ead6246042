"""`pip` in a virtual environment with packages of its own; no network."""

import importlib.util
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.modules.runner import PYTHONS, Host
from understudy.connections.local import LocalConnection

MODULES = Path(__file__).parents[2] / "modules"
pytestmark = pytest.mark.pip


def _wheel(folder: Path, name: str, version: str) -> None:
    about = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}.py", "")
        fields = f"Name: {name.replace('_', '-')}\nVersion: {version}\n"
        wheel.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\n{fields}")
        tag = "Root-Is-Purelib: true\nTag: py3-none-any\n"
        wheel.writestr(f"{about}/WHEEL", f"Wheel-Version: 1.0\nGenerator: x\n{tag}")
        wheel.writestr(f"{about}/RECORD", "")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give a folder with wheels; the virtual environment is made in it by the first test."""
    folder = tmp_path_factory.mktemp("pip")
    (folder / "wheels").mkdir()
    for name, version in (("alpha", "1.5"), ("alpha", "2.0"), ("beta_pkg", "1.0")):
        _wheel(folder / "wheels", name, version)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PIP_CONFIG_FILE", "/dev/null")
        patch.setenv("PIP_DISABLE_PIP_VERSION_CHECK", "1")
        patch.setenv("PIP_NO_INDEX", "1")
        patch.setenv("PIP_FIND_LINKS", str(folder / "wheels"))
        yield folder


@pytest.mark.slow
@pytest.mark.parametrize(
    "args",
    [
        {"name": "alpha>=1,<2"},
        {"name": "Alpha", "version": "2"},
        {"name": ["alpha>1", "beta.pkg~=1.0"]},
        {"requirements": "{w}/requirements.txt"},
        {"name": "beta-pkg", "state": "absent"},
        {"name": "beta-pkg", "state": "latest"},
        {"name": "alpha", "state": "latest", "extra_args": "-q"},
        {"requirements": "{w}/requirements.txt", "state": "absent"},
        {"name": "{w}/wheels/alpha-1.5-py3-none-any.whl"},
    ],
    ids=str,
)
def test_packages_come_and_go(shared: Path, here: Host, args: dict[str, Any]) -> None:
    """What a run changes, check mode foretells, before it and after it."""
    (shared / "requirements.txt").write_text("# two\nalpha==1.5  # old\nbeta-pkg\n")
    usual = {"virtualenv": str(shared / "v"), "virtualenv_command": f"{sys.executable} -m venv"}
    filled = {
        key: value.replace("{w}", str(shared)) if isinstance(value, str) else value
        for key, value in args.items()
    }
    given = {**usual, **filled}
    foretold = here.run("pip", given, check=True)
    result = here.run("pip", given)
    assert not result.get("failed"), result
    if "wheels" not in str(args.get("name")) and args.get("extra_args") is None:
        assert foretold["changed"] is result["changed"]
        again = here.run("pip", given, check=True)
        assert again["changed"] is False
    assert here.run("pip", given)["changed"] is False


@pytest.mark.slow
def test_the_pip_of_the_interpreter() -> None:
    """It is used even where another pip3 is the first on the path; the agent has no packages."""
    python = next((path for path in map(str, PYTHONS.values()) if _has_pip(path)), None)
    if python is None:
        pytest.skip("needs a Python with pip")
    there = Host(LocalConnection(host="here", interpreter=python))
    result = there.run("pip", {"name": "no-such-package-here", "state": "absent"})
    there.close()
    assert result["cmd"][1:3] == ["-m", "pip"], result
    assert result["changed"] is False


def _has_pip(python: str) -> bool:
    return subprocess.run([python, "-m", "pip"], capture_output=True, check=False).returncode == 0


def test_what_goes_wrong(shared: Path, here: Host) -> None:
    """The words of pip are in the message, with the command that said them."""
    venv = shared / "v"
    usual = {"virtualenv": str(venv), "virtualenv_command": f"{sys.executable} -m venv"}
    result = here.run("pip", {**usual, "name": "nonesuch"})
    assert result["cmd"] == [f"{venv}/bin/pip3", "install", "nonesuch"]
    assert "No matching distribution found for nonesuch" in result["msg"]
    bad = shared / "wheels" / "gamma-1.0-py3-none-any.whl"
    bad.write_bytes(b"PK broken")
    result = here.run("pip", {**usual, "name": "gamma"})
    assert result["failed"]
    assert ":stderr:" in result["msg"]


def test_an_environment_without_pip(here: Host, tmp_path: Path) -> None:
    """The failure tells where it was looked for."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/activate").touch()
    result = here.run("pip", {"name": "a", "virtualenv": str(tmp_path)})
    assert result["msg"].startswith(f"Unable to find pip in the virtualenv, {tmp_path}, ")


def test_an_environment_that_cannot_be_made(here: Host, tmp_path: Path) -> None:
    """The failure has what the program says."""
    args = {"name": "a", "virtualenv_command": "/bin/sh -m venv", "virtualenv": f"{tmp_path}/v"}
    result = here.run("pip", args)
    assert (result["failed"], result["cmd"]) == (True, ["/bin/sh", "-m", "venv", f"{tmp_path}/v"])
    assert here.run("pip", args, check=True) == {"changed": True}
    args = {"name": "x", "virtualenv": str(tmp_path / "new"), "virtualenv_command": "nonesuch"}
    assert here.run("pip", args, check=True) == {"changed": True}


def test_the_mask_is_as_before(here: Host, tmp_path: Path) -> None:
    """What a module sets for its programs does not stay set."""
    fake = tmp_path / "pip"
    fake.write_text("#!/bin/sh\numask\n")
    fake.chmod(0o755)
    result = here.run("pip", {"name": "a", "executable": str(fake), "umask": "077"})
    assert result["stdout"] == "0077\n"
    made = tmp_path / "made"
    made.touch()
    assert made.stat().st_mode & 0o777 == 0o644


def _requirement() -> Any:
    path = MODULES / "shared/requirement.py"
    spec = importlib.util.spec_from_file_location("requirement", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


REQUIREMENT = _requirement()


@pytest.mark.parametrize(
    ("text", "version", "is_met"),
    [
        ("a", "1", True),
        ("A", "1", True),
        ("a==1", "1.0", True),
        ("a==1.0.0", "1", True),
        ("a>=1,<2", "1.10", True),
        ("a>1.2", "1.10", True),
        ("a<2", "2.0rc1", False),
        ("a>=2.0a1", "2.0rc1", True),
        ("a>=2", "2.0.dev1", False),
        ("a>2", "2.0.post1", False),
        ("a>=2", "2.0.post1", True),
        ("a~=1.4", "1.10", True),
        ("a~=1.4.2", "1.5", False),
        ("a==1.*", "1.9", True),
        ("a!=1.*", "1.9", False),
        ("a==1.0.*", "1.1", False),
        ("a===1.0", "1", False),
        ("a<1", "1!0.5", False),
        ("a==1.0", "1.0+local", True),
        ("a; python_version > '3'", "1", False),
        ("a @ https://x.example/a.whl", "1", False),
        ("./a", "1", False),
        ("b", "1", False),
    ],
)
def test_versions(*, text: str, version: str, is_met: bool) -> None:
    """They are ordered as PEP 440 has it; what cannot be compared is not met."""
    assert REQUIREMENT.Requirement(text).is_met_by({"a": version}) is is_met


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Beta.pkg >= 1.0, < 2 ", "Beta.pkg<2,>=1.0"),
        ("a[y,x] ~= 1.0; python_version >= '3'", 'a[x,y]~=1.0; python_version >= "3"'),
        ("a (>=2)", "a>=2"),
        ("a @ file:///x.whl", "a@ file:///x.whl"),
        ("git+https://x.example/y#egg=a", "git+https://x.example/y#egg=a"),
        ("==1", "==1"),
        ("", ""),
    ],
)
def test_what_pip_is_told(text: str, told: str) -> None:
    """Names with versions have one form; any other text stays."""
    assert REQUIREMENT.Requirement(text).text == told
