"""A MariaDB server of a test's own: it lives in a folder, and is gone with the test.

Needs the programs of the Debian packages mariadb-server-core and mariadb-client, but no service.
"""

from __future__ import annotations

import getpass
import os
import socket
import subprocess
import time
from contextlib import AbstractContextManager
from pathlib import Path

_PATH = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"
_PATIENCE_S = 20
_QUICK = (
    "--innodb-buffer-pool-size=8M",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-log-file-size=4M",
    "--innodb-use-native-aio=0",
    "--performance-schema=off",
    "--skip-log-bin",
    "--skip-name-resolve",
)


class Server(AbstractContextManager["Server"]):
    """The server; root may log in without a password. `tls` has `cert.pem` and `key.pem`."""

    def __init__(self, folder: Path, *, tls: Path | None = None) -> None:
        self.socket = folder / "mysql.sock"
        self.port = _free_port()
        data = folder / "data"
        user = f"--user={getpass.getuser()}"
        places = (user, f"--datadir={data}")
        install = ("mariadb-install-db", "--no-defaults", *places, "--skip-test-db")
        self._call(*install, "--auth-root-authentication-method=normal")
        reach = (f"--socket={self.socket}", f"--port={self.port}", "--bind-address=127.0.0.1")
        secure = (f"--ssl-cert={tls}/cert.pem", f"--ssl-key={tls}/key.pem") if tls else ()
        with (folder / "server.log").open("wb") as log:
            self._process = subprocess.Popen(
                ("mariadbd", "--no-defaults", *places, *reach, *secure, *_QUICK),
                env={**os.environ, "PATH": _PATH},
                stdout=log,
                stderr=log,
            )
        self._wait(folder / "server.log")

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()

    def sql(self, text: str) -> list[str]:
        """Run statements as root; return the lines of what they give, without headings."""
        words = ("mariadb", "--no-defaults", "--user=root", f"--socket={self.socket}")
        return self._call(
            *words, "--batch", "--raw", "--skip-column-names", given=text
        ).splitlines()

    def clean(self) -> None:
        """Remove every database and account that is not the server's own."""
        own = "('information_schema', 'mysql', 'performance_schema', 'sys')"
        found = self.sql(
            "SELECT CONCAT('DROP DATABASE `', REPLACE(SCHEMA_NAME, '`', '``'), '`;')"
            f" FROM information_schema.SCHEMATA WHERE SCHEMA_NAME NOT IN {own};"
            "SELECT CONCAT('DROP USER `', User, '`@`', Host, '`;') FROM mysql.user"
            " WHERE User NOT IN ('root', 'mariadb.sys', 'PUBLIC') AND User != '';"
        )
        if found:
            self.sql("\n".join(found))

    def _wait(self, log: Path) -> None:
        deadline = time.monotonic() + _PATIENCE_S
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                with socket.socket(socket.AF_UNIX) as one:
                    one.connect(str(self.socket))
            except OSError:
                time.sleep(0.02)
            else:
                return
        raise OSError(f"no MariaDB:\n{log.read_text()}")

    @staticmethod
    def _call(*words: str, given: str = "") -> str:
        done = subprocess.run(
            words,
            input=given,
            env={**os.environ, "PATH": _PATH},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise OSError(f"{words[0]}: {done.stdout}{done.stderr}")
        return done.stdout


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
    return port
