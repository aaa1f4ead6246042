"""`yum_repository` and `rpm_key`: where rpm's packages come from, and whom it trusts."""

import subprocess
from pathlib import Path

import pytest

from tests.modules.case import Case, read_cases, verify
from tests.modules.runner import Host
from tests.sandbox import Sandbox

USUAL = {"reposdir": "{w}", "name": "a", "description": "A", "baseurl": "u"}


@pytest.mark.parametrize("case", read_cases("yum_repository", USUAL), ids=str)
def test_yum_repository(case: Case, host: Host, tmp_path: Path) -> None:
    """Check mode predicts, the run does it, a second run finds it done."""
    verify(case, host, tmp_path, tmp_path)


@pytest.mark.parametrize(
    ("text", "msg"),
    [
        ("x\n", "File contains no section headers."),
        ("[a]\nb=1\nb=2\n", "While reading from '{w}/a.repo' [line  3]: option 'b' in section 'a'"),
    ],
)
def test_a_broken_file_stays(here: Host, tmp_path: Path, text: str, msg: str) -> None:
    """Nobody knows what its author meant."""
    path = tmp_path / "a.repo"
    path.write_text(text)
    args = {**USUAL, "reposdir": str(tmp_path)}
    result = here.run("yum_repository", args)
    assert result["msg"].startswith("Task failed: Module failed: " + msg.format(w=tmp_path))
    assert path.read_text() == text


@pytest.mark.root
@pytest.mark.slow
def test_a_full_disk_leaves_the_old_file(sandbox: Sandbox, inside: Host) -> None:
    """A repository that cannot be written is a failure; what was there is whole."""
    sandbox.run(["mount", "-t", "tmpfs", "-o", "size=8k", "tmpfs", "/mnt"])
    (sandbox.root / "mnt/a.repo").write_text("[b]\nx=1\n")
    args = {**USUAL, "reposdir": "/mnt", "baseurl": ["u" * 1000] * 20}
    result = inside.run("yum_repository", args)
    assert result["msg"] == "Problems handling file '/mnt/a.repo'."
    assert sandbox.run(["cat", "/mnt/a.repo"]) == "[b]\nx=1\n"
    assert sandbox.run(["ls", "-A", "/mnt"]) == "a.repo\n"


def _make_keys(folder: Path) -> str:
    """Write the public keys `one.asc`, `two.asc` and `both.asc`; return one's fingerprint."""
    home = folder / "keys"
    home.mkdir(mode=0o700)
    gpg = ["gpg", "-q", "--homedir", str(home), "--batch"]
    for name in ("one", "two"):
        command = ["--passphrase", "", "--quick-gen-key", f"{name}@x.org", "ed25519", "sign"]
        subprocess.run([*gpg, *command], check=True, capture_output=True)
        exported = subprocess.check_output([*gpg, "--armor", "--export", f"{name}@x.org"])
        (folder / f"{name}.asc").write_bytes(exported)
    (folder / "both.asc").write_bytes(subprocess.check_output([*gpg, "--armor", "--export"]))
    told = subprocess.check_output([*gpg, "--with-colons", "--fingerprint", "one"], text=True)
    subprocess.run(["gpgconf", "--homedir", home, "--kill", "all"], check=False)
    return next(line for line in told.splitlines() if line.startswith("fpr")).split(":")[9]


@pytest.mark.root
@pytest.mark.slow
def test_keys(sandbox: Sandbox, inside: Host, tmp_path: Path) -> None:
    """Keys come and go, by file and by identifier; check mode foretells it."""
    fingerprint = _make_keys(tmp_path)

    def changes(key: str, *, check: bool = False, **more: str) -> bool:
        result = inside.run("rpm_key", {"key": key, **more}, check=check)
        assert not result.get("failed"), result
        return bool(result["changed"])

    one, both = f"{tmp_path}/one.asc", f"{tmp_path}/both.asc"
    assert changes(one, check=True)
    assert changes(one, fingerprint=fingerprint.lower())
    assert not changes(one)
    assert not changes(fingerprint[-8:])
    assert changes(both)
    assert not changes(both)
    installed = sandbox.run(["rpm", "-qa", "gpg-pubkey"]).splitlines()
    assert len(installed) == 2
    assert changes(f"0x{fingerprint[-16:]}", state="absent", check=True)
    assert changes(f"0x{fingerprint[-16:]}", state="absent")
    assert not changes(one, state="absent")
    assert changes(both, state="absent")
    assert sandbox.run(["rpm", "-qa", "gpg-pubkey"]) == ""


@pytest.mark.root
@pytest.mark.slow
def test_what_is_no_key(sandbox: Sandbox, inside: Host, tmp_path: Path) -> None:
    """Each has its message, and nothing is imported."""
    fingerprint = _make_keys(tmp_path)
    (tmp_path / "bad.asc").write_text("garbage\n")
    two = f"{tmp_path}/two.asc"

    def message(key: str, **more: str) -> str:
        result = inside.run("rpm_key", {"key": key, **more})
        assert result["failed"]
        return str(result["msg"])

    assert message("nonsense") == "Not a valid key nonsense"
    assert "no valid OpenPGP data" in message(f"{tmp_path}/bad.asc")
    expected = f"The specified fingerprint, '{{'{fingerprint}'}}', does not match any key"
    assert message(two, fingerprint=fingerprint).startswith(expected)
    assert message(fingerprint) == "When importing a key, a valid file must be given"
    unreachable = "failed to fetch key at http://127.0.0.1:1/k , error was: Request failed: "
    assert message("http://127.0.0.1:1/k").startswith(unreachable)
    assert message(f"file://{tmp_path}/bad.asc").startswith("Not a public key: file://")
    assert sandbox.run(["rpm", "-qa", "gpg-pubkey"]) == ""
    (sandbox.root / "usr/bin/gpg").unlink()
    assert message(two).startswith('Failed to find required executable "gpg2" in paths: ')
