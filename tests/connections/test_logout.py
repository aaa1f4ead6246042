"""Whether systemd ends jobs at logout, read off its files."""

import getpass

import pytest

from understudy.connections import logout

YES = "[Login]\nKillUserProcesses=yes\n"


@pytest.fixture
def root(tmp_path):
    """Give a function that makes a system of files, in a session of logind unless told."""

    def make(files, cgroup="0::/user.slice/user-1000.slice/session-4.scope\n"):
        for name, text in {"proc/self/cgroup": cgroup, **files}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return f"{tmp_path}/"

    return make


@pytest.mark.parametrize(
    ("files", "dies"),
    [
        ({}, False),
        ({"etc/systemd/logind.conf": "#KillUserProcesses=yes\n"}, False),
        ({"etc/systemd/logind.conf": YES + "KillExcludeUsers=\n"}, True),
        ({"etc/systemd/logind.conf": YES + "KillExcludeUsers=me you\n"}, False),
        ({"etc/systemd/logind.conf": YES + "KillExcludeUsers=\nKillOnlyUsers=you\n"}, False),
        ({"etc/systemd/logind.conf": YES + "KillExcludeUsers=\nKillOnlyUsers=me\n"}, True),
        (
            {
                "etc/systemd/logind.conf": YES + "KillExcludeUsers=\n",
                "etc/systemd/logind.conf.d/50-jobs.conf": "[Login]\nKillUserProcesses=no\n",
            },
            False,
        ),
    ],
)
def test_jobs_die_where_logind_says_so(root, monkeypatch, files, dies):
    """Later files win; users may be excluded, or the only ones."""
    monkeypatch.setattr(logout, "_user", lambda: "me")
    said = logout.warning(root(files))
    assert (said is not None) == dies


def test_root_is_excluded_unless_told_otherwise(root, monkeypatch):
    """That is logind's default."""
    files = {"etc/systemd/logind.conf": YES}
    monkeypatch.setattr(logout, "_user", lambda: "root")
    assert logout.warning(root(files)) is None
    monkeypatch.setattr(logout, "_user", lambda: "deploy")
    assert "user deploy" in (logout.warning(root(files)) or "")


def test_outside_of_a_session_nothing_is_ended(root):
    """A container or a service has no logout."""
    files = {"etc/systemd/logind.conf": YES + "KillExcludeUsers=\n"}
    assert logout.warning(root(files, cgroup="0::/system.slice/cron.service\n")) is None


def test_the_user_is_who_runs_this():
    """By name."""
    assert logout._user() == getpass.getuser()
