"""Another user on a target that is reached: an agent that the login user's agent starts.

No second connection is needed: the program that changes the user runs in a tunnel. `sudo` asks with
a prompt of ours on its standard error and reads the password from its input; `su` and `doas` ask on
a terminal, which the new agent puts into raw mode before it says its first word.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from understudy.connections import bootstrap
from understudy.connections.address import DEFAULT_FLAGS, BecomeAs
from understudy.connections.base import BecomeFailed, ShellReply, Unreachable
from understudy.connections.session import AgentSession
from understudy.connections.streams import Tunnel
from understudy.connections.through_agent import ThroughAgent

PATIENCE_S = 10.0
"""How long the program that changes the user may be silent before it has started the agent."""
_PASSWORD = re.compile(rb"(?i)pass(word|code|phrase)[^\n]*:\s*\Z")
_QUESTION = re.compile(r"(?i)pass(word|code|phrase)[^\n]*:\Z")
_KEPT = 1 << 12
_IN_ENGLISH = {"LC_ALL": "C", "LANGUAGE": "C"}


@dataclass(frozen=True, slots=True)
class Plan:
    """How one method is carried out: its command, and how it asks for a password."""

    argv: tuple[str, ...]
    prompt: re.Pattern[bytes]
    terminal: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)


def plan(who: BecomeAs, line: str) -> Plan:
    """Return how to let `/bin/sh` run a line as another user."""
    return {"sudo": _sudo, "su": _su, "doas": _doas}[who.method](who, line)


def _sudo(who: BecomeAs, line: str) -> Plan:
    """Plan sudo; without a password it must not ask, with one it asks with a prompt of ours."""
    flags = shlex.split(DEFAULT_FLAGS["sudo"] if who.flags is None else who.flags)
    prompt = f"[understudy {secrets.token_hex(8)}] password:"
    if who.password is not None:
        flags = [word for word in map(_without_n, flags) if word]
        flags += [] if "-S" in flags else ["-S"]
        flags += ["-p", prompt]
    argv = (who.exe or "sudo", *flags, "-u", who.user, "/bin/sh", "-c", line)
    if who.chdir is not None:
        argv = ("/bin/sh", "-c", _IN_DIRECTORY, "sh", who.chdir, *argv)
    return Plan(argv, re.compile(re.escape(prompt).encode()))


_NO_DIRECTORY = 251
_IN_DIRECTORY = f'cd "$1" || exit {_NO_DIRECTORY}; shift; exec "$@"'


def _without_n(word: str) -> str:
    """Return a word of options without `n`: sudo is to ask after all."""
    if word in ("-n", "--non-interactive"):
        return ""
    bundle = re.fullmatch(r"-[A-Za-z]+", word)
    return word.replace("n", "") if bundle else word


def _su(who: BecomeAs, line: str) -> Plan:
    flags = shlex.split(who.flags or "")
    argv = (who.exe or "su", *flags, who.user, "-c", bootstrap.login_command(line))
    return Plan(argv, _PASSWORD, terminal=True, environment=_IN_ENGLISH)


def _doas(who: BecomeAs, line: str) -> Plan:
    flags = shlex.split(who.flags or "")
    if who.password is None and "-n" not in flags:
        flags.append("-n")
    argv = (who.exe or "doas", *flags, "-u", who.user, "/bin/sh", "-c", line)
    return Plan(argv, _PASSWORD, terminal=True, environment=_IN_ENGLISH)


@dataclass(slots=True)
class Dialogue:
    """What passes between us and a program that changes the user, until the agent speaks."""

    who: BecomeAs
    prompt: re.Pattern[bytes]
    tunnel: Tunnel
    answered: Callable[[], None] = lambda: None
    """Is called when the password was given: the program may take its time again."""
    through: bool = False
    """The agent has spoken: nothing is a prompt any more."""
    _over: asyncio.Event = field(default_factory=asyncio.Event)
    _said: bytes = b""
    _unasked: bytes = b""
    _given: bool = False
    _refusal: str | None = None

    async def run(self) -> None:
        """Answer prompts; keep the last of what is said, until the program has ended."""
        while data := await self.tunnel.messages.read(_KEPT):
            self._said = (self._said + data)[-_KEPT:]
            self._unasked = (self._unasked + data)[-_KEPT:]
            if not self.through and self.prompt.search(self._unasked):
                self._unasked = b""
                self._answer()
        self._over.set()

    def _answer(self) -> None:
        """Give the password, once; else end the program's input."""
        if self.who.password is not None and not self._given:
            self._given = True
            self.tunnel.writer.write(self.who.password.encode() + b"\n")
            self.answered()
            return
        self._refusal = self._wrong() if self._given else _MISSING
        self.tunnel.writer.close()

    def said(self) -> str:
        """Return the last of what was said, without prompts and without the password."""
        text = self._said.decode("utf-8", "replace")
        if self.who.password:
            text = text.replace(self.who.password, "")
        lines = (line.strip() for line in text.splitlines())
        return "\n".join(line for line in lines if line and not _QUESTION.search(line))

    async def why_lost(self, said_before: bytes | None) -> Exception:
        """Tell why the program has ended: the user could not be become, or the agent is gone."""
        host, status = self.who.user, await self.tunnel.status
        await self._over.wait()
        if status < 0:
            return Unreachable(host, "the connection was lost")
        if said_before is None:
            return Unreachable(host, f"the agent of user `{host}` has ended: {self.said()}")
        return self.failed(self._reason(status, said_before))

    def _reason(self, status: int, said_before: bytes) -> str:
        said = self.said() or said_before.decode("utf-8", "replace").strip()
        if self._refusal is None and "a password is required" in said:
            return _MISSING
        why = said or f"it ended with status {status} and said nothing"
        return self._refusal or (f"{self._wrong()}: {why}" if self._given else why)

    def _wrong(self) -> str:
        """Say that the password is wrong, in Ansible's words."""
        return f"Incorrect {self.who.method} password"

    @property
    def refused(self) -> bool:
        """Whether a second password was asked for, or one that we do not have."""
        return self._refusal is not None

    def nothing_came(self) -> BecomeFailed:
        """Return the failure of a program that neither asks nor starts anything."""
        said = self.said()
        what = f"it printed: {said}" if said else "it printed nothing"
        return self.failed(f"no prompt and no success within {PATIENCE_S:g} s; {what}")

    def failed(self, why: str) -> BecomeFailed:
        """Return a failure to become the user."""
        return BecomeFailed(f"cannot become `{self.who.user}` with {self.who.method}: {why}")


_MISSING = "a password is required: give it with `-K` or as `ansible_become_password`"


@dataclass(slots=True, kw_only=True)
class BecomeConnection(ThroughAgent):
    """The agent of another user, behind a connection of the user who logs in."""

    who: BecomeAs
    below: ThroughAgent
    _listening: asyncio.Task[None] | None = None

    async def start(self) -> AgentSession:
        """Become the user and start the agent; raise Unreachable, BecomeFailed."""
        dialogue = await self._begin(bootstrap.script(None, self.below.python))
        tunnel = dialogue.tunnel
        session = AgentSession(self.host, tunnel.output, tunnel.writer, dialogue.why_lost)
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(PATIENCE_S) as patience:
                dialogue.answered = lambda: patience.reschedule(loop.time() + PATIENCE_S)
                hello = await session.start()
        except TimeoutError:
            await session.close()
            raise dialogue.nothing_came() from None
        except BaseException:
            await session.close()
            raise
        dialogue.through = True
        self.python = hello["executable"]
        return session

    async def _begin(self, line: str) -> Dialogue:
        """Let `/bin/sh` run a line as the other user."""
        await self.below.open()
        self.cwd = self.below.cwd
        made = plan(self.who, line)
        tunnel = self.below.tunnel(made.argv, made.environment, terminal=made.terminal)
        dialogue = Dialogue(self.who, made.prompt, tunnel)
        self._listening = asyncio.create_task(dialogue.run())
        return dialogue

    async def shell(self, command: str) -> ShellReply:
        """Let `/bin/sh` run a command line as the other user; the login user's agent starts it."""
        dialogue = await self._begin(command)
        stdout = await dialogue.tunnel.output.read()
        rc = await dialogue.tunnel.status
        if dialogue.refused or (self.who.chdir is not None and rc == _NO_DIRECTORY):
            raise await dialogue.why_lost(b"")
        return ShellReply(rc, stdout, dialogue.said().encode())

    async def close(self) -> None:
        """End the agent."""
        if self.session is not None:
            await self.session.close()
