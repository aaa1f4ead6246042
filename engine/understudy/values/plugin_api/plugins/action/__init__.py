"""The base of action plugins: what runs on the controller, and asks the target for modules."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from shlex import quote
from typing import Any

from ...errors import AnsibleActionFail, AnsibleError
from ...utils.display import Display

Result = dict[str, Any]


class ActionBase:
    """One call of an action plugin; `run(tmp, task_vars)` is the plugin's own.

    `connection` stands for the host: it runs modules and commands there, and moves files.
    """

    TRANSFERS_FILES = False
    BYPASS_HOST_LOOP = False
    _VALID_ARGS: frozenset[str] = frozenset()
    _supports_check_mode = True
    _supports_async = False
    _requires_connection = True
    _display = Display()

    def __init__(
        self,
        task: Any,
        connection: Any,
        play_context: Any = None,
        loader: Any = None,
        templar: Any = None,
        shared_loader_obj: Any = None,
    ) -> None:
        self._task = task
        self._connection = connection
        self._play_context = play_context
        self._loader = loader
        self._templar = templar
        self._shared_loader_obj = shared_loader_obj

    def run(self, tmp: str | None = None, task_vars: Mapping[str, Any] | None = None) -> Result:
        """Return an empty result; refuse arguments that the plugin does not list."""
        unknown = sorted(set(self._task.args) - self._VALID_ARGS) if self._VALID_ARGS else []
        if unknown:
            raise AnsibleActionFail(f"Invalid options for {self._task.action}: {','.join(unknown)}")
        return {}

    def _execute_module(
        self,
        module_name: str | None = None,
        module_args: Mapping[str, Any] | None = None,
        tmp: str | None = None,
        task_vars: Mapping[str, Any] | None = None,
        **_: Any,
    ) -> Result:
        args = self._task.args if module_args is None else module_args
        result: Result = self._connection.run_module(module_name or self._task.action, dict(args))
        return result

    def _low_level_execute_command(
        self,
        cmd: str,
        sudoable: bool = True,
        in_data: bytes | None = None,
        executable: str | None = None,
        encoding_errors: str = "surrogate_then_replace",
        chdir: str | None = None,
    ) -> Result:
        line = f"cd {quote(chdir)} && {cmd}" if chdir else cmd
        result: Result = self._connection.run_command(line, executable)
        return result

    def _remote_expand_user(self, path: str, sudoable: bool = True) -> str:
        if not path.startswith("~"):
            return path
        return str(self._low_level_execute_command(f"echo {path}")["stdout"]).strip() or path

    def _transfer_file(self, local_path: str, remote_path: str) -> str:
        args = {"src": str(Path(local_path).absolute()), "dest": remote_path}
        self._connection.run_action("copy", args)
        return remote_path

    def _find_needle(self, dirname: str, needle: str) -> str:
        found: str = self._loader.find(dirname, needle)
        return found

    def _make_tmp_path(self, remote_user: str | None = None) -> str:
        made = self._connection.run_module("tempfile", {"state": "directory"})
        return str(made["path"])

    def _remove_tmp_path(self, tmp_path: str, force: bool = False) -> None:
        if tmp_path:
            self._connection.run_module("file", {"path": tmp_path, "state": "absent"})

    def _fixup_perms2(
        self, remote_paths: Any, remote_user: Any = None, execute: bool = True
    ) -> Any:
        return remote_paths

    def validate_argument_spec(
        self, argument_spec: Mapping[str, Any] | None = None, **relations: Any
    ) -> tuple[Any, Result]:
        """Hold the task's arguments against a spec; raise AnsibleError with what is wrong."""
        values, faults = self._connection.check_spec(argument_spec or {}, relations)
        if faults:
            raise AnsibleError(f"Validation of arguments failed:\n{faults[0]}")
        return values, values

    @staticmethod
    def _get_working_directory() -> str:
        return str(Path.cwd())
