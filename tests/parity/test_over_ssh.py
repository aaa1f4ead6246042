"""The same cases over SSH: what Ansible gave on this machine, understudy gives behind a server.

The recordings are those of the local connection. That Ansible's own results do not depend on it is
held by running a part of the cases with Ansible over SSH, too. Each case has a server of its own,
whose home holds the case's files, since that is where commands run.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.parity import recording
from tests.parity.__main__ import against
from tests.parity.case import Case, all_cases
from tests.parity.compare import JsonDict, differences
from tests.parity.oracle import oracle
from tests.parity.runner import OURS, RunFailedError, run_case
from tests.parity.shapes import Run
from tests.ssh.conftest import need
from tests.ssh.embedded import EmbeddedSshd
from tests.ssh.server import Setup, addresses

_OWN_CONNECTION = "is about a connection of its own"
_SHOWS_CONNECTION = "shows the variables that lead the connection"
_TWO_NAMES = "takes the playbook's directory for that of commands, as they are one only there"
LOCAL_ONLY = {
    "add_host_forms": _SHOWS_CONNECTION,
    "assemble_forms": _TWO_NAMES,
    "background_child": _TWO_NAMES,
    "blockinfile_forms": _TWO_NAMES,
    "blockinfile_places": _TWO_NAMES,
    "check_mode_modules": "lists the playbook's directory",
    "checked_and_done": _TWO_NAMES,
    "clear_errors_of_lost_host": _OWN_CONNECTION,
    "copy_forms": _TWO_NAMES,
    "copy_trees": _TWO_NAMES,
    "delegation_in_corners": _OWN_CONNECTION,
    "delegation_variables": _OWN_CONNECTION,
    "diff_foretold": _TWO_NAMES,
    "fact_cache": _TWO_NAMES,
    "facts_as_variables": _SHOWS_CONNECTION,
    "fatal_lost_host": _OWN_CONNECTION,
    "fetch_from_two": _TWO_NAMES,
    "files_of_all_kinds": _TWO_NAMES,
    "find_forms": _TWO_NAMES,
    "implicit_localhost": "is about a host that is this machine",
    "import_playbook_forms": _TWO_NAMES,
    "job_kill_group": _TWO_NAMES,
    "lineinfile_places": _TWO_NAMES,
    "local_folder": "is about the directory of the local connection",
    "names_with_spaces": _TWO_NAMES,
    "reboot_here": "is about a host that is this machine",
    "release_deployed": _TWO_NAMES,
    "replace_forms": _TWO_NAMES,
    "scripts_and_dialogs": _TWO_NAMES,
    "setup_forms": _TWO_NAMES,
    "stat_forms": _TWO_NAMES,
    "unreachable_and_ignored": _OWN_CONNECTION,
    "unreachable_not_retried": _OWN_CONNECTION,
}
CASES = {
    case.slug: case
    for case in all_cases()
    if not (case.excuse or case.in_sandbox or case.slug in LOCAL_ONLY)
}
AT_ONCE = 4
ALSO_WITH_ANSIBLE = (
    *("all_hosts_fail", "attempts_freeze_arguments", "block_nested", "changed_and_failed_when"),
    *("check_mode_until", "dict_arguments_and_omit", "failures_and_recap", "handlers_forced"),
    *("key_value_arguments", "keyword_types", "lazy_containers", "loop_control", "loop_registered"),
    *("magic_variables", "max_fail_percentage", "meta_conditions", "module_argument_errors"),
    *("pause_forms", "precedence", "set_fact_forms", "template_forms", "timeout_ends_the_task"),
    *("until_exhausted_failed_when_false", "until_order_of_decisions", "until_retries_zero"),
)


def _over_ssh(case: Case, command: Sequence[str] = OURS) -> Run | str:
    server = EmbeddedSshd(Setup())
    try:
        shutil.copytree(case.folder, server.home, dirs_exist_ok=True)
        variables = {
            "ansible_connection": "ssh",
            "ansible_host": server.hosts[0],
            "ansible_port": server.port,
            "ansible_user": server.user,
            "ansible_ssh_private_key_file": str(server.key_file),
            "ansible_ssh_common_args": f"-o UserKnownHostsFile={server.known_hosts}",
        }
        return run_case(case, (*command, "-e", json.dumps(variables)))
    except (RunFailedError, OSError) as error:
        return str(error)
    finally:
        server.stop()


@pytest.fixture(scope="module")
def runs(request: pytest.FixtureRequest) -> dict[str, Run | str]:
    """Run every selected case once, several at a time."""
    specs = (getattr(item, "callspec", None) for item in request.session.items)
    slugs = {str(spec.params.get("slug_over_ssh")) for spec in specs if spec}
    chosen = [case for slug, case in CASES.items() if slug in slugs]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip([c.slug for c in chosen], pool.map(_over_ssh, chosen), strict=True))


@pytest.mark.sshd
@pytest.mark.slow
@pytest.mark.parametrize("slug_over_ssh", CASES)
def test_case_is_the_same_over_ssh(slug_over_ssh: str, runs: dict[str, Run | str]) -> None:
    """Tasks, results, lines, recap and exit code do not depend on the connection."""
    run, stored = runs[slug_over_ssh], recording.load(CASES[slug_over_ssh])
    assert not isinstance(run, str), run
    assert stored is not None
    found = differences(stored.run, _without_addresses(run))
    assert not found, "\n".join(found)


@pytest.mark.oracle
@pytest.mark.sshd
@pytest.mark.slow
def test_ansible_gives_the_same_over_ssh() -> None:
    """So the recordings of the local connection may stand for it."""
    need(None if shutil.which("ssh") else "needs OpenSSH's client")
    cases = [CASES[slug] for slug in ALSO_WITH_ANSIBLE]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        runs = list(pool.map(lambda case: _over_ssh(case, (str(oracle()),)), cases))
    differ = {case.slug: against(case, run) for case, run in zip(cases, runs, strict=True)}
    assert {slug: found for slug, found in differ.items() if found} == {}


def _without_addresses(run: Run) -> JsonDict:
    """Return a run as if names were addresses: `alpha -> beta(127.0.1.1)` is `alpha -> beta`."""
    shown: JsonDict = json.loads(json.dumps(run.as_json()).replace(f"({addresses(1)[0]})", ""))
    return shown
