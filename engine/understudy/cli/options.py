"""The options of `understudy run`: those of ansible-playbook, and our own."""

from __future__ import annotations

import argparse

from understudy import __version__
from understudy.cli.vault_keys import add_options as add_vault_options


def parser() -> argparse.ArgumentParser:
    """Return the parser of `understudy run`."""
    made = argparse.ArgumentParser(
        prog="understudy run",
        description="Run playbooks, as ansible-playbook does.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    _add_version(made)
    made.add_argument("playbooks", nargs="+", metavar="PLAYBOOK", help="playbooks to run, in order")
    _add_selection(made)
    _add_behaviour(made)
    _add_listing(made)
    _add_output(made)
    _add_connection(made)
    _add_secrets(made)
    return made


def adhoc_parser() -> argparse.ArgumentParser:
    """Return the parser of `understudy adhoc`."""
    made = argparse.ArgumentParser(
        prog="understudy adhoc",
        description="Run one task on hosts, as ansible does.",
        allow_abbrev=False,
    )
    add = made.add_argument
    _add_version(made)
    add("pattern", metavar="PATTERN", help="the hosts: names, groups, patterns")
    add("-m", "--module-name", default="command", metavar="MODULE", help="the module (command)")
    add("-a", "--args", dest="module_args", default="", metavar="ARGS", help="its arguments")
    add("-B", "--background", dest="seconds", type=int, metavar="SECONDS", help="run as a job")
    add("-P", "--poll", dest="poll_interval", type=int, metavar="SECONDS", help="time of polls")
    add("-o", "--one-line", action="store_true", help="one line for each host")
    add("--task-timeout", type=int, metavar="SECONDS", help="time limit of the task")
    add("--playbook-dir", metavar="DIR", help="where roles, files and variables are looked for")
    add("--list-hosts", action="store_true", help="list the hosts, run nothing")
    add("--color", choices=("auto", "always", "never"), default="auto", help="when to use colour")
    add("-v", "--verbose", action="count", default=0, help="show more; up to -vvvv")
    add_inventory(made.add_argument_group("hosts and variables"))
    _add_modes(made.add_argument_group("behaviour"))
    _add_connection(made)
    _add_secrets(made)
    made.set_defaults(
        tags=[],
        skip_tags=[],
        force_handlers=False,
        strict_polling=False,
        stream=False,
    )
    return made


def _add_version(made: argparse.ArgumentParser) -> None:
    made.add_argument(
        "--version",
        action="version",
        version=f"understudy {__version__}",
        help="print the version",
    )


def add_inventory(group: argparse._ActionsContainer) -> None:
    """Add the options that name hosts and variables."""
    add = group.add_argument
    add(
        "-i",
        "--inventory",
        "--inventory-file",
        action="append",
        default=[],
        metavar="SOURCE",
        help="inventory file, directory, program, or `host1,host2,`; may be repeated",
    )
    add("-l", "--limit", metavar="PATTERN", help="run only on these hosts; `@FILE` reads a list")
    add(
        "-e",
        "--extra-vars",
        action="append",
        default=[],
        metavar="VARS",
        help="`name=value`, YAML, JSON or `@FILE`; wins over every other variable",
    )


def _add_selection(made: argparse.ArgumentParser) -> None:
    group = made.add_argument_group("hosts, variables and tasks")
    add_inventory(group)
    add = group.add_argument
    add(
        "-t",
        "--tags",
        action="append",
        default=[],
        metavar="TAGS",
        help="run only tasks with these tags",
    )
    add("--start-at-task", metavar="NAME", help="begin at the task of this name; `*` may stand")
    add("--start-at", metavar="FILE:LINE", help="begin at the task that stands there")
    add("--step", action="store_true", help="ask before each task: no, yes, or go on")
    add(
        "--skip-tags",
        action="append",
        default=[],
        metavar="TAGS",
        help="leave out tasks with these tags",
    )


def _add_behaviour(made: argparse.ArgumentParser) -> None:
    group = made.add_argument_group("behaviour")
    _add_modes(group)
    add = group.add_argument
    add("--force-handlers", action="store_true", help="run handlers even if a task fails")
    add(
        "--strict-polling",
        action="store_true",
        help="look for the end of jobs at Ansible's times only, not when it is pushed",
    )


def _add_modes(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add(
        "-M",
        "--module-path",
        action="append",
        default=[],
        metavar="DIRS",
        help="directories with modules of your own, divided by `:`",
    )
    add("-C", "--check", action="store_true", help="change nothing, report what would change")
    add("-D", "--diff", action="store_true", help="show the differences in files")
    add("--flush-cache", action="store_true", help="forget the facts in the cache first")
    add("-f", "--forks", type=int, metavar="N", help="how many hosts may be at work at once (5)")


def _add_listing(made: argparse.ArgumentParser) -> None:
    group = made.add_argument_group("look, do not run").add_mutually_exclusive_group()
    group.add_argument("--syntax-check", action="store_true", help="read the playbooks only")
    group.add_argument("--list-hosts", action="store_true", help="list the hosts of each play")
    group.add_argument("--list-tasks", action="store_true", help="list the tasks of each play")
    group.add_argument(
        "--list-vars", metavar="HOST", help="list the variables of a host, and where each is from"
    )
    group.add_argument("--list-tags", action="store_true", help="list the tags of each play")


def _add_output(made: argparse.ArgumentParser) -> None:
    group = made.add_argument_group("output")
    add = group.add_argument
    add("-v", "--verbose", action="count", default=0, help="show more; up to -vvvv")
    add("--classic-output", action="store_true", help="keep Ansible's wording to the letter")
    add("--stream", action="store_true", help="show what commands write while they run")
    add("--events", metavar="FILE", help="write every event as a line of JSON; `-` is stdout")
    add("--color", choices=("auto", "always", "never"), default="auto", help="when to use colour")


def _add_connection(made: argparse.ArgumentParser) -> None:
    group = made.add_argument_group("connection")
    add = group.add_argument
    add("-c", "--connection", metavar="TYPE", help="connection of hosts that name none (ssh)")
    add("-T", "--timeout", type=int, metavar="SECONDS", help="time limit of connecting (10)")
    add("-u", "--user", dest="remote_user", metavar="USER", help="user to log in as")
    add("-k", "--ask-pass", action="store_true", help="ask for the password to log in with")
    add("--private-key", "--key-file", dest="private_key", metavar="FILE", help="SSH key")
    add("--connection-password-file", metavar="FILE", help="file or program with that password")
    add("--ssh-common-args", metavar="ARGS", help="options of ssh: `-o ProxyJump=bastion`")
    add("--ssh-extra-args", metavar="ARGS", help="more options of ssh")
    add("--scp-extra-args", metavar="ARGS", help="accepted and ignored: scp is not used")
    add("--sftp-extra-args", metavar="ARGS", help="accepted and ignored: sftp is not used")


def _add_secrets(made: argparse.ArgumentParser) -> None:
    group = made.add_argument_group("other users and vault")
    add = group.add_argument
    add("-b", "--become", action="store_true", help="become another user")
    add("--become-user", metavar="USER", help="the user to become (root)")
    add("--become-method", metavar="METHOD", help="how: sudo, su or doas (sudo)")
    add("-K", "--ask-become-pass", action="store_true", help="ask for the password it takes")
    add("--become-password-file", metavar="FILE", help="file or program with that password")
    add_vault_options(group)


def ignored(options: argparse.Namespace) -> list[str]:
    """Return, in words, what was asked for that has no meaning here."""
    asked = (name for name in ("scp_extra_args", "sftp_extra_args") if getattr(options, name))
    return [f"`--{name.replace('_', '-')}` has no meaning: the agent moves files" for name in asked]
