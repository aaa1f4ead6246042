"""`AnsibleModule`: how a module of the project's own takes its arguments and gives its result.

Names, arguments and results follow the documentation for developers of Ansible's modules.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

from ansible.module_utils.common.process import get_bin_path
from ansible.module_utils.common.text.converters import (
    jsonify,
    to_bytes,
    to_native,
    to_text,
)
from ansible.module_utils.common.validation import bytes_to_human, human_to_bytes, safe_eval
from ansible.module_utils.common.warnings import deprecate, notes, warn
from ansible.module_utils.errors import AnsibleFallbackNotFound
from ansible.module_utils.parsing.convert_bool import (
    boolean,
)

from understudy.connections import selinux
from understudy.connections import target_files as files
from understudy.playbook.argument_spec import check_spec
from understudy.values.argument_types import CONVERTERS

_ANSIBLE_ARGS = None
_MODULES = []
_MASK = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
_STARS = "********"
_SHORTEST_SECRET = 4
_SOUNDS_SECRET = re.compile(r"pass(?!ive)|secret|token|cryptkey", re.IGNORECASE)


def _unsafe_writes():
    value = os.environ.get("ANSIBLE_UNSAFE_WRITES")
    if value is None:
        raise AnsibleFallbackNotFound
    return value


FILE_COMMON_ARGUMENTS = {
    "mode": {"type": "raw"},
    "owner": {"type": "str"},
    "group": {"type": "str"},
    "seuser": {"type": "str"},
    "serole": {"type": "str"},
    "selevel": {"type": "str"},
    "setype": {"type": "str"},
    "attributes": {"type": "str", "aliases": ["attr"]},
    "unsafe_writes": {"type": "bool", "default": False, "fallback": (_unsafe_writes,)},
}


def env_fallback(*names, **_):
    """Return the first environment variable that is set; the `fallback` of an argument."""
    for name in names:
        if name in os.environ:
            return os.environ[name]
    raise AnsibleFallbackNotFound


def missing_required_lib(library, reason=None, url=None):
    """Return the message for a Python package that a module needs and has not."""
    text = "Failed to import the required Python library (%s) on %s's Python %s." % (
        library,
        os.uname().nodename,
        sys.executable,
    )
    text += " This is required %s." % reason if reason else ""
    text += " See %s for more info." % url if url else ""
    return text + (
        " Please read the module documentation and install it in the appropriate location. If the "
        "required library is installed, but Ansible is using the wrong Python interpreter, please "
        "consult the documentation on ansible_python_interpreter"
    )


def get_platform():
    """Return the name of the operating system."""
    return os.uname().sysname


def get_all_subclasses(cls):
    """Return every class below one."""
    below = set(cls.__subclasses__())
    return below.union(*(get_all_subclasses(one) for one in below))


def sanitize_keys(value, secrets, ignore_keys=frozenset()):
    """Return a result with the secrets in its keys replaced."""
    if isinstance(value, dict):
        return {
            key
            if key in ignore_keys or str(key).startswith("_ansible")
            else _hidden(key, secrets): sanitize_keys(item, secrets, ignore_keys)
            for key, item in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [sanitize_keys(item, secrets, ignore_keys) for item in value]
    return value


def remove_values(value, secrets):
    """Return a result with the secrets in its texts replaced."""
    if isinstance(value, dict):
        return {key: remove_values(item, secrets) for key, item in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [remove_values(item, secrets) for item in value]
    if isinstance(value, bool) or not isinstance(value, (str, bytes, int, float)):
        return value
    text = to_text(value, errors="surrogateescape") if isinstance(value, bytes) else value
    hidden = _hidden(text, secrets)
    return hidden if hidden != str(text) else text


def without_secrets(told):
    """Return what is told of a module that broke off, without the secrets that it knew."""
    return remove_values(told, set().union(*(module.no_log_values for module in _MODULES)))


def heuristic_log_sanitize(data, no_log_values=None):
    """Return a text for a log, without the secrets in it."""
    return str(remove_values(data, no_log_values or ()))


def _hidden(value, secrets):
    text = str(value)
    if text in secrets:
        return _MASK
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SHORTEST_SECRET:
            text = text.replace(secret, _STARS)
    return text


def _may_be_shown_by_mistake(name, about):
    """Tell whether an argument sounds like a secret, and nobody has said that it is none."""
    if about.get("no_log") is not None or about.get("type") == "bool" or about.get("choices"):
        return False
    return _SOUNDS_SECRET.search(name) is not None


def _to_path(value):
    return files.expand(CONVERTERS["path"](value))


_CONVERTERS = dict(CONVERTERS, path=_to_path)


def _given():
    """Return the arguments: those this process was told, or JSON on the command line or input."""
    data = _ANSIBLE_ARGS
    if data is None and len(sys.argv) > 1:
        with open(sys.argv[1], "rb") as file:
            data = file.read()
    elif data is None:
        data = sys.stdin.buffer.read()
    return json.loads(to_text(data))["ANSIBLE_MODULE_ARGS"]


class AnsibleModule:
    """A module that runs: `params` are its arguments, `check_mode` whether it may change a thing.

    It ends with `exit_json` or `fail_json`, which print the result and leave.
    """

    def __init__(
        self,
        argument_spec,
        bypass_checks=False,
        no_log=False,
        mutually_exclusive=None,
        required_together=None,
        required_one_of=None,
        add_file_common_args=False,
        supports_check_mode=False,
        required_if=None,
        required_by=None,
    ):
        self.argument_spec = dict(argument_spec)
        if add_file_common_args:
            self.argument_spec = dict(FILE_COMMON_ARGUMENTS, **self.argument_spec)
        self.supports_check_mode = supports_check_mode
        self.bypass_checks = bypass_checks
        self.run_command_environ_update = {}
        self.cleanup_files = []
        self.no_log_values = set()
        _MODULES.append(self)
        self.aliases = {}
        self._tmpdir = None
        given = _given()
        self._take_told(given, no_log)
        self.params = given
        if not bypass_checks:
            self._check(
                {
                    "mutually_exclusive": mutually_exclusive,
                    "required_together": required_together,
                    "required_one_of": required_one_of,
                    "required_if": required_if,
                    "required_by": required_by,
                }
            )
        if self.check_mode and not supports_check_mode:
            text = "remote module (%s) does not support check mode"
            self.exit_json(skipped=True, msg=text % self._name)

    def _take_told(self, given, no_log):
        """Take what a module is told besides its arguments out of them."""
        told = {name: given.pop(name) for name in list(given) if name.startswith("_ansible_")}
        self.check_mode = bool(told.get("_ansible_check_mode"))
        self.no_log = bool(told.get("_ansible_no_log")) or no_log
        self._diff = bool(told.get("_ansible_diff"))
        self._debug = bool(told.get("_ansible_debug"))
        self._verbosity = told.get("_ansible_verbosity", 0)
        self._name = told.get("_ansible_module_name", "")
        self.ansible_version = told.get("_ansible_version")
        self._remote_tmp = told.get("_ansible_remote_tmp")
        self._keep_remote_files = bool(told.get("_ansible_keep_remote_files"))
        self._shell = told.get("_ansible_shell_executable")
        self._socket_path = told.get("_ansible_socket")

    def _check(self, relations):
        checked = check_spec(self.argument_spec, self.params, relations, _CONVERTERS)
        self.params = checked.values
        self.no_log_values.update(checked.secrets)
        for name, about in self.argument_spec.items():
            if _may_be_shown_by_mistake(name, about):
                warn("Module did not set no_log for %s" % name)
        for text in checked.warnings:
            warn(text)
        for notice in checked.deprecated:
            deprecate(**notice)
        if checked.unsupported:
            names = ", ".join(sorted(checked.unsupported))
            text = "Unsupported parameters for (%s) module: %s. Supported parameters include: %s."
            checked.faults.append(text % (self._name, names, checked.supported))
        if checked.faults:
            self.fail_json(msg=checked.faults[0])

    @property
    def tmpdir(self):
        """A directory that is removed when the module has ended."""
        if self._tmpdir is None:
            parent = files.expand(self._remote_tmp) if self._remote_tmp else None
            if parent and not os.path.isdir(parent):
                parent = None
            self._tmpdir = tempfile.mkdtemp(prefix="ansible-moduletmp-", dir=parent)
        return self._tmpdir

    # How it ends.

    def exit_json(self, **kwargs):
        """Print the result and leave."""
        kwargs.setdefault("changed", False)
        self._leave(kwargs, 0)

    def fail_json(self, msg, **kwargs):
        """Print the result of a failure and leave."""
        self._leave(dict(kwargs, failed=True, msg=msg), 1)

    def _leave(self, result, status):
        for text in _as_list(result.pop("warnings", ())):
            self.warn(text)
        for one in _as_list(result.pop("deprecations", ())):
            self.deprecate(one["msg"] if isinstance(one, dict) else one)
        result.update(notes())
        if not self.bypass_checks or "invocation" not in result:
            result.setdefault("invocation", {"module_args": self.params})
        self.do_cleanup_files()
        sys.stdout.write("\n%s\n" % self.jsonify(remove_values(result, self.no_log_values)))
        sys.exit(status)

    def do_cleanup_files(self):
        """Remove what the module has put on the list for it."""
        for path in self.cleanup_files:
            files.remove(path)
        if self._tmpdir is not None and not self._keep_remote_files:
            shutil.rmtree(self._tmpdir, ignore_errors=True)

    def add_cleanup_file(self, path):
        """Have a file removed when the module has ended."""
        if path not in self.cleanup_files:
            self.cleanup_files.append(path)

    cleanup = staticmethod(files.remove)

    def warn(self, warning, help_text=None):
        """Add a warning to the result."""
        warn(warning)

    def deprecate(self, msg, version=None, date=None, collection_name=None, **_):
        """Tell in the result that something will be gone."""
        deprecate(msg, version=version, date=date, collection_name=collection_name)

    def log(self, msg, log_args=None):
        """Write to the system's log."""
        import syslog

        if not self.no_log:
            syslog.openlog("ansible-%s" % self._name, 0, syslog.LOG_USER)
            syslog.syslog(syslog.LOG_INFO, heuristic_log_sanitize(msg, self.no_log_values))

    def debug(self, msg):
        """Write to the system's log, when asked to."""
        if self._debug:
            self.log("[debug] %s" % msg)

    def fail_on_missing_params(self, required_params=None):
        """Fail if one of these arguments was not given."""
        missing = [name for name in required_params or () if not self.params.get(name)]
        if missing:
            self.fail_json(msg="missing required arguments: %s" % ", ".join(missing))

    def error_on_warnings(self):
        """Whether warnings are failures: never."""
        return False

    # Values.

    boolean = staticmethod(boolean)
    jsonify = staticmethod(jsonify)
    bytes_to_human = staticmethod(bytes_to_human)
    human_to_bytes = staticmethod(human_to_bytes)
    pretty_bytes = staticmethod(bytes_to_human)

    @staticmethod
    def from_json(data):
        """Read JSON."""
        return json.loads(to_text(data))

    @staticmethod
    def safe_eval(value, locals=None, include_exceptions=False):  # noqa: A002 (as it is called)
        """Return the value of a Python literal, or the text itself."""
        return safe_eval(value, include_exceptions=include_exceptions)

    # Programs.

    def get_bin_path(self, arg, required=False, opt_dirs=None):
        """Return the path of a program; None, or a failure if it is `required`."""
        try:
            return get_bin_path(arg, opt_dirs)
        except ValueError as error:
            if required:
                self.fail_json(msg=str(error))
            return None

    def run_command(
        self,
        args,
        check_rc=False,
        close_fds=True,
        executable=None,
        data=None,
        binary_data=False,
        path_prefix=None,
        cwd=None,
        use_unsafe_shell=False,
        prompt_regex=None,
        environ_update=None,
        umask=None,
        encoding="utf-8",
        errors="surrogateescape",
        expand_user_and_vars=True,
        pass_fds=None,
        before_communicate_callback=None,
        ignore_invalid_cwd=True,
        handle_exceptions=True,
    ):
        """Run a program; return its exit status, standard output and standard error.

        A list is a program and its arguments; a text is split as a shell would, or given to one
        with `use_unsafe_shell`. With `check_rc` a status other than 0 is a failure.
        """
        try:
            process = subprocess.Popen(
                self._command(args, use_unsafe_shell, expand_user_and_vars),
                shell=use_unsafe_shell,
                executable=executable,
                stdin=subprocess.PIPE if data is not None else subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                close_fds=close_fds,
                pass_fds=pass_fds or (),
                cwd=self._directory(cwd, ignore_invalid_cwd),
                env=self._environment(environ_update, path_prefix),
                preexec_fn=(lambda: os.umask(umask)) if umask is not None else None,
            )
            if before_communicate_callback is not None:
                before_communicate_callback(process)
            out, err = process.communicate(_input(data, binary_data))
        except OSError as error:
            if not handle_exceptions:
                raise
            self._not_executed(args, error)
        if encoding is not None:
            out, err = to_native(out, encoding, errors), to_native(err, encoding, errors)
        if check_rc and process.returncode:
            msg = heuristic_log_sanitize(to_native(err).rstrip(), self.no_log_values)
            told = {"rc": process.returncode, "stdout": out, "stderr": err}
            self.fail_json(cmd=self._shown(args), msg=msg, **told)
        return process.returncode, out, err

    def _directory(self, cwd, ignore_invalid):
        if cwd is None:
            return None
        directory = files.expand(to_text(cwd, errors="surrogateescape"))
        if os.path.isdir(directory):
            return directory
        if not ignore_invalid:
            self.fail_json(msg="Provided cwd is not a valid directory: %s" % directory)
        return None

    def _environment(self, update, path_prefix):
        environment = dict(os.environ, **self.run_command_environ_update)
        environment.update(update or {})
        if path_prefix:
            environment["PATH"] = "%s:%s" % (path_prefix, environment.get("PATH", ""))
        return environment

    def _not_executed(self, args, error):
        msg = "Error executing command: %s" % error
        self.fail_json(msg=msg, cmd=self._shown(args), rc=error.errno, stdout="", stderr="")

    def _command(self, args, use_shell, expand):
        if isinstance(args, (str, bytes)):
            if use_shell:
                return to_text(args, errors="surrogateescape")
            import shlex

            args = shlex.split(to_text(args, errors="surrogateescape"))
        elif not isinstance(args, (list, tuple)):
            msg = "Argument 'args' to run_command must be list or string"
            self.fail_json(rc=257, cmd=str(args), msg=msg)
        elif use_shell:
            from shlex import quote

            return " ".join(quote(to_text(arg, errors="surrogateescape")) for arg in args)
        words = [to_text(arg, errors="surrogateescape") for arg in args if arg is not None]
        return [files.expand(word) or word for word in words] if expand else words

    def _shown(self, args):
        words = [args] if isinstance(args, (str, bytes)) else list(args)
        return " ".join(str(remove_values(to_native(w), self.no_log_values)) for w in words)

    # Files.

    def load_file_common_arguments(self, params, path=None):
        """Return the wishes for a file's owner, group and permissions; nothing without a path."""
        path = path or params.get("path") or params.get("dest")
        if path is None:
            return {}
        path = files.expand(to_native(path))
        if params.get("follow") and os.path.islink(path):
            path = os.path.realpath(path)
        wishes = {name: params.get(name) for name in FILE_COMMON_ARGUMENTS}
        asked = [params.get(name) for name in self._context_arguments()]
        return dict(wishes, path=path, secontext=asked, follow=params.get("follow"))

    def set_fs_attributes_if_different(self, file_args, changed, diff=None, expand=True):
        """Give a file what `load_file_common_arguments` returned; return whether it changed."""
        notes_of_diff = None
        if diff is not None:
            notes_of_diff = {side: diff.setdefault(side, {}) for side in ("before", "after")}
        path = files.expand(file_args["path"]) if expand else file_args["path"]
        return files.apply_attributes(self._target(), path, file_args, notes_of_diff) or changed

    set_file_attributes_if_different = set_fs_attributes_if_different

    def set_directory_attributes_if_different(self, file_args, changed, diff=None, expand=True):
        """Do the same for a directory."""
        return self.set_fs_attributes_if_different(file_args, changed, diff, expand)

    def set_mode_if_different(self, path, mode, changed, diff=None, expand=True):
        """Set the permissions of a file; return whether they changed."""
        wishes = {"path": path, "mode": mode}
        return self.set_fs_attributes_if_different(wishes, changed, diff, expand)

    def set_owner_if_different(self, path, owner, changed, diff=None, expand=True):
        """Set the owner of a file; return whether it changed."""
        wishes = {"path": path, "owner": owner}
        return self.set_fs_attributes_if_different(wishes, changed, diff, expand)

    def set_group_if_different(self, path, group, changed, diff=None, expand=True):
        """Set the group of a file; return whether it changed."""
        wishes = {"path": path, "group": group}
        return self.set_fs_attributes_if_different(wishes, changed, diff, expand)

    def set_attributes_if_different(self, path, attributes, changed, diff=None, expand=True):
        """Set the attributes of a file as `chattr` does; return whether they changed."""
        wishes = {"path": path, "attributes": attributes}
        return self.set_fs_attributes_if_different(wishes, changed, diff, expand)

    def set_context_if_different(self, path, context, changed, diff=None):
        """Set the parts of a file's SELinux context that are given; return whether it changed."""
        wishes = dict(zip(self._context_arguments(), context), path=path)
        return self.set_fs_attributes_if_different(wishes, changed, diff)

    def selinux_enabled(self):
        """Whether files have SELinux contexts here."""
        return selinux.is_on()

    def selinux_mls_enabled(self):
        """Whether contexts have a level here."""
        return selinux.is_on() and selinux.has_levels()

    def selinux_initial_context(self):
        """Return a context without a value."""
        return [None] * len(self._context_arguments())

    def selinux_context(self, path):
        """Return the parts of a file's context."""
        found = selinux.context_of(to_native(path)) if selinux.is_on() else None
        return found or self.selinux_initial_context()

    def selinux_default_context(self, path, mode=0):
        """Return the parts of the context that the policy has for a path."""
        found = selinux.default_context(to_native(path), mode) if selinux.is_on() else None
        return found.split(":", 3) if found else self.selinux_initial_context()

    def _context_arguments(self):
        return selinux.ARGUMENTS[: 4 if self.selinux_mls_enabled() else 3]

    def _target(self):
        return _Asked(self)

    def user_and_group(self, path, expand=True):
        """Return the numbers of a file's owner and group."""
        info = os.lstat(files.expand(path) if expand else path)
        return info.st_uid, info.st_gid

    def find_mount_point(self, path):
        """Return the directory that the file system of a path is mounted on."""
        path = os.path.realpath(files.expand(to_native(path)))
        while not os.path.ismount(path):
            path = os.path.dirname(path)
        return path

    def add_path_info(self, kwargs):
        """Add to a result what is known about the file that it names."""
        path = kwargs.get("path", kwargs.get("dest"))
        kwargs.update(files.describe(path) if path and os.path.exists(path) else {})
        return kwargs

    def is_executable(self, path):
        """Whether some user may run a file."""
        return bool(os.stat(path).st_mode & 0o111)

    def digest_from_file(self, filename, algorithm):
        """Return the hexadecimal checksum of a file; None if it is not there."""
        if not os.path.exists(filename):
            return None
        if os.path.isdir(filename):
            self.fail_json(msg="attempted to take checksum of directory: %s" % filename)
        digest = files.digest(filename, algorithm)
        if digest is None:
            self.fail_json(
                msg="Could not hash file '%s' with algorithm '%s'." % (filename, algorithm)
            )
        return digest

    def md5(self, filename):
        """Return the MD5 of a file."""
        return self.digest_from_file(filename, "md5")

    def sha1(self, filename):
        """Return the SHA-1 of a file."""
        return self.digest_from_file(filename, "sha1")

    def sha256(self, filename):
        """Return the SHA-256 of a file."""
        return self.digest_from_file(filename, "sha256")

    def backup_local(self, fn):
        """Copy a file beside itself; return the copy's path, nothing if there is no file."""
        try:
            return files.back_up(fn) if os.path.exists(fn) else ""
        except files.ModuleFailed as failed:
            self.fail_json(**failed.result)

    def preserved_copy(self, src, dest):
        """Copy a file with its owner, permissions and times."""
        shutil.copy2(src, dest)
        info = os.stat(src)
        os.chown(dest, info.st_uid, info.st_gid)

    def atomic_move(self, src, dest, unsafe_writes=False, keep_dest_attrs=True):
        """Move a file to another place in one step."""
        try:
            files.replace(to_native(src), to_native(dest), unsafe_writes, keep_dest_attrs)
        except OSError as error:
            self.fail_json(msg="Could not replace file: %s to %s: %s" % (src, dest, error))

    def append_to_file(self, filename, text):
        """Add a text to the end of a file."""
        with open(files.expand(filename), "a", encoding="utf-8") as file:
            file.write(text)


class _Asked:
    """An AnsibleModule as our functions for files ask for the target they work on."""

    def __init__(self, module):
        self.check_mode = module.check_mode
        self._module = module

    def fail(self, msg, **more):
        self._module.fail_json(msg=msg, **more)

    def command(self, args):
        return _Ran(*self._module.run_command(list(args)))


class _Ran:
    def __init__(self, rc, stdout, stderr):
        self.rc, self.stdout, self.stderr = rc, stdout, stderr


def _as_list(value):
    return value if isinstance(value, (list, tuple)) else [value]


def _input(data, binary):
    if data is None:
        return None
    data = to_bytes(data, errors="surrogateescape")
    return data if binary or data.endswith(b"\n") else data + b"\n"


def get_exception():
    """Return the exception that is being handled."""
    return sys.exc_info()[1]
