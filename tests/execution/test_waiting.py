"""Waiting: polls, pushes, delays, slots and limits, in virtual time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.execution.fleet import Machine, play
from understudy.events import ConnectionLost, ConnectionRestored, JobPolled, Retrying, Status
from understudy.execution.timing import STRICT_POLLING

HOSTS = [f"web{n}" for n in range(1, 51)]
SLEEP = "    - {name: nap, command: sleep %d%s}\n"
STATUS = """\
    - {name: start, command: sleep 7, async: 60, poll: 0, register: job}
    - name: collect
      async_status: {jid: "{{ job.ansible_job_id }}"}
      register: end
      until: end is finished
      retries: 10
      delay: 5
"""


def test_a_synchronous_command_holds_its_slot(tmp_path: Path) -> None:
    """50 hosts with 5 forks sleep 20 s in ten batches."""
    played = play(tmp_path, SLEEP % (20, ""), hosts=HOSTS)
    assert played.elapsed_s == pytest.approx(200, abs=1)


def test_a_polled_job_holds_no_slot(tmp_path: Path) -> None:
    """50 hosts with 5 forks wait for their jobs at the same time."""
    played = play(tmp_path, SLEEP % (20, ", async: 60, poll: 5"), hosts=HOSTS)
    assert played.elapsed_s == pytest.approx(20, abs=1)


def test_a_delay_holds_no_slot(tmp_path: Path) -> None:
    """Retrying hosts sleep side by side, whatever `forks` is."""
    tasks = "    - {command: echo, register: r, until: r.rc == 1, retries: 2, delay: 30}\n"
    played = play(tmp_path, tasks, hosts=HOSTS, forks=1)
    assert played.elapsed_s == pytest.approx(60, abs=1)


def test_throttle_limits_the_hosts_of_one_task(tmp_path: Path) -> None:
    """`throttle` counts as `forks` does, for its task alone."""
    played = play(tmp_path, SLEEP % (2, ", throttle: 1"), hosts=HOSTS[:6])
    assert played.elapsed_s == pytest.approx(12, abs=1)


def test_the_end_of_a_polled_job_is_pushed(tmp_path: Path) -> None:
    """A job of 2 s with poll 10 is done after 2 s."""
    played = play(tmp_path, SLEEP % (2, ", async: 30, poll: 10"))
    assert played.elapsed_s == pytest.approx(2, abs=0.1)
    assert played.all(JobPolled) == []


def test_strict_polling_sleeps_before_the_first_check(tmp_path: Path) -> None:
    """Without the push the first check comes after `poll` seconds (S13)."""
    played = play(tmp_path, SLEEP % (2, ", async: 30, poll: 10"), timing=STRICT_POLLING)
    assert played.elapsed_s == pytest.approx(10, abs=0.1)


def test_a_push_ends_the_delay_of_a_status_task(tmp_path: Path) -> None:
    """A status task whose job ends while it sleeps asks at once, instead of later."""
    pushed = play(tmp_path, STATUS)
    strict = play(tmp_path, STATUS, timing=STRICT_POLLING)
    assert pushed.elapsed_s == pytest.approx(7, abs=0.1)
    assert strict.elapsed_s == pytest.approx(10, abs=0.1)
    assert pushed.result("collect")["attempts"] == strict.result("collect")["attempts"] == 3


def test_a_retry_of_a_status_check_is_told_as_one(tmp_path: Path) -> None:
    """Reports can tell waiting from failing."""
    played = play(tmp_path, STATUS, timing=STRICT_POLLING)
    assert [r.status_check for r in played.all(Retrying)] == [True, True]


def test_a_job_beyond_its_limit_gives_the_controllers_result(tmp_path: Path) -> None:
    """With poll > 0 the end of the limit says so in Ansible's words, and the job file stays."""
    played = play(tmp_path, SLEEP % (60, ", async: 10, poll: 3"))
    result = played.result("nap")
    assert result["msg"] == "async task did not complete within the requested time - 10s"
    assert result["async_result"]["finished"] is False
    assert played.elapsed_s == pytest.approx(10, abs=0.1)
    assert [c.args.get("mode") for c in played.machines["web1"].calls if c.args.get("mode")] == [
        "status"
    ] * 4


def test_a_default_poll_is_the_settings(tmp_path: Path) -> None:
    """`poll` is 15 s when nobody says otherwise (S1)."""
    played = play(tmp_path, SLEEP % (1, ", async: 60"), timing=STRICT_POLLING)
    assert played.elapsed_s == pytest.approx(15, abs=0.1)


def test_a_host_that_is_away_during_a_poll_is_waited_for(tmp_path: Path) -> None:
    """A status check that cannot reach the host is passed over while time is left (S14)."""
    machine = Machine("web1", lost=lambda now: 1 < now < 18)
    tasks = SLEEP % (8, ", async: 40, poll: 5")
    played = play(tmp_path, tasks, machines={"web1": machine}, timing=STRICT_POLLING)
    assert played.ends("nap")["web1"].status is Status.CHANGED
    assert played.elapsed_s == pytest.approx(20, abs=0.1)


def test_a_host_that_stays_away_is_unreachable(tmp_path: Path) -> None:
    """When the time is up and the link is still down, the host is lost, and nothing is retried."""
    machine = Machine("web1", lost=lambda now: now > 1)
    tasks = SLEEP % (8, ", async: 20, poll: 5, retries: 3")
    played = play(tmp_path, tasks, machines={"web1": machine}, timing=STRICT_POLLING)
    assert played.ends("nap")["web1"].status is Status.UNREACHABLE
    assert played.code == 4


def test_a_cut_connection_does_not_disturb_a_job(tmp_path: Path) -> None:
    """The wait tells of it, comes back as soon as the host answers, and gets the push there."""
    machine = Machine("web1", cuts=3, lost=lambda now: 3 <= now < 7)
    played = play(tmp_path, SLEEP % (20, ", async: 60, poll: 15"), machines={"web1": machine})
    assert played.ends("nap")["web1"].status is Status.CHANGED
    assert played.elapsed_s == pytest.approx(20, abs=0.1)
    (lost,), (restored,) = played.all(ConnectionLost), played.all(ConnectionRestored)
    assert lost.why == "the line was cut"
    assert 4 <= restored.lost_s < 9


def test_a_job_that_ends_while_its_host_is_away_is_found_ended(tmp_path: Path) -> None:
    """It is told at once when the host answers again, before the next check is due."""
    machine = Machine("web1", cuts=3, lost=lambda now: 3 <= now < 17)
    played = play(tmp_path, SLEEP % (8, ", async: 60, poll: 30"), machines={"web1": machine})
    assert played.ends("nap")["web1"].status is Status.CHANGED
    assert 17 < played.elapsed_s < 30


def test_a_loop_of_status_checks_outlives_a_cut(tmp_path: Path) -> None:
    """`async_status` with `until` waits on without its host, and asks again when it is back."""
    machine = Machine("web1", cuts=3, lost=lambda now: 3 <= now < 5)
    played = play(tmp_path, STATUS, machines={"web1": machine})
    assert played.ends("collect")["web1"].status is Status.CHANGED
    assert played.elapsed_s == pytest.approx(7, abs=0.1)


def test_a_lost_push_costs_only_time(tmp_path: Path) -> None:
    """Where no push comes, the ordinary check still finds the end."""
    machine = Machine("web1", pushes=False)
    played = play(tmp_path, SLEEP % (2, ", async: 30, poll: 5"), machines={"web1": machine})
    assert played.elapsed_s == pytest.approx(5, abs=0.1)


def test_what_ansible_would_have_waited_is_counted(tmp_path: Path) -> None:
    """The run's end tells our wait and Ansible's for the same jobs."""
    played = play(tmp_path, SLEEP % (2, ", async: 30, poll: 10"), hosts=HOSTS[:3])
    end = played.all(type(played.events[-1][1]))[-1]
    assert end.polling_s == pytest.approx(2, abs=0.1)
    assert end.ansible_polling_s == pytest.approx(10)


def test_the_limit_of_a_job_is_rounded_only_in_strict_polling(tmp_path: Path) -> None:
    """Ansible's supervisor works in steps of five seconds (S16); ours holds to the second."""
    tasks = SLEEP % (1, ", async: 7, poll: 0")
    ours = play(tmp_path, tasks).machines["web1"].calls[0].job
    strict = play(tmp_path, tasks, timing=STRICT_POLLING).machines["web1"].calls[0].job
    assert ours is not None
    assert strict == replace(ours, limit_s=10, record_delay_s=1.0)
