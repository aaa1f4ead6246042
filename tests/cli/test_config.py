"""`understudy config`: what is shown of the settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from understudy.cli.main import main


@pytest.mark.parametrize(
    ("salt", "shown"), [("pepper", "(env: ANSIBLE_VAULT_ENCRYPT_SALT) = ********"), (None, "None")]
)
def test_the_salt_of_vaults_is_not_shown(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    salt: str | None,
    shown: str,
) -> None:
    """But whether there is one, and where it comes from."""
    monkeypatch.chdir(tmp_path)
    if salt is not None:
        monkeypatch.setenv("ANSIBLE_VAULT_ENCRYPT_SALT", salt)
    assert main(["config"]) == 0
    out = capsys.readouterr().out
    assert "pepper" not in out
    (line,) = [line for line in out.splitlines() if line.startswith("vault_encrypt_salt")]
    assert line.endswith(shown)
