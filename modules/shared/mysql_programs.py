"""The server's own programs: the one that dumps, the one that reads a dump, and packers between.

How to log in is never among their arguments: they read it from an option file without a name, which
only they can open and which is gone with them, however they end.
"""

import os
import shlex
import shutil
import subprocess
import tempfile

from understudy.connections.commands import encoded
from understudy.connections.target_files import expand
from understudy.modules.shared import mysql

GLOBAL_OPTIONS = ("/etc/my.cnf", "/etc/mysql/my.cnf")
PACKERS = {".gz": "gzip", ".bz2": "bzip2", ".xz": "xz", ".zst": "zstd"}
HIDDEN = "********"


class Command:
    """A program with its arguments. `options` is the text of its option file, with the password.

    `shown` is the line that would do the same in a shell, without the password.
    """

    def __init__(self, words, options, shown):
        self.words = words
        self.options = options
        self.shown = shown


def packer(path, target):
    """Return the command that packs what goes to such a file, or None; fail if it is missing."""
    name = PACKERS.get(os.path.splitext(path)[1])
    if name is None:
        return None
    found = shutil.which(name)
    if found is None:
        target.fail("`%s` is not on the path of the target, and %s needs it" % (name, path))
    return [found]


def dump(args, settings, is_mariadb):
    """Return the command that dumps the databases of a task. Raises OSError, ValueError."""
    program = _find("dump", is_mariadb)
    what, names = _selection(args["name"])
    options = ["--force"] if args.get("force") else []
    more = _dump_options(args)
    shown = _shown(program, args, settings, options, [*what, *names, *more])
    words = [*options, *what, *more, *(["--", *names] if names else [])]
    return Command([program, *words], _option_file(args, settings), shown)


def load(args, settings, is_mariadb):
    """Return the command that runs a dump in the database of a task. Raises OSError."""
    program = _find("", is_mariadb)
    options = ["-f"] if args.get("force") else []
    more = _encoding(args)
    every = args["name"] == ["all"]
    name = [] if every else ["--one-database"]
    last = [] if every else args["name"]
    shown = _shown(program, args, settings, options, [*more, *name, *last])
    words = [*options, *more, *name, *(["--", *last] if last else [])]
    return Command([program, *words], _option_file(args, settings), shown)


def pour(steps, source, sink, target, folder):
    """Run commands, each reading what the one before wrote; fail if any of them fails.

    The program that speaks with the server is the one whose complaint is told first.
    """
    processes, complaints = [], []
    try:
        for number, step in enumerate(steps):
            last = number + 1 == len(steps)
            out = (sink or subprocess.DEVNULL) if last else subprocess.PIPE
            complaints.append(tempfile.TemporaryFile())  # noqa: SIM115 (read when all have ended)
            processes.append(_start(step, source, out, complaints[-1], expand(folder)))
            if number:
                source.close()  # else nobody notices when a reader ends
            source = processes[-1].stdout
    except OSError:
        for process in processes:
            process.kill()
        raise
    finally:
        ended = [process.wait() for process in processes]
    _judge(steps, ended, complaints, target)


def _judge(steps, ended, complaints, target):
    order = sorted(range(len(steps)), key=lambda number: not isinstance(steps[number], Command))
    for number in order:
        complaints[number].seek(0)
        text = complaints[number].read(1 << 16).decode("utf-8", "replace")
        if ended[number]:
            words = getattr(steps[number], "words", steps[number])
            target.fail(text or "%s ended with %d" % (words[0], ended[number]))


def _start(step, source, out, complaint, folder):
    options = getattr(step, "options", None)
    words = getattr(step, "words", step)
    shared = {
        "stdin": source or subprocess.DEVNULL,
        "stdout": out,
        "stderr": complaint,
        "cwd": folder and encoded(folder),
    }
    if options is None:
        return subprocess.Popen([encoded(word) for word in words], **shared)
    with tempfile.TemporaryFile() as file:
        file.write(encoded(options))
        file.flush()
        words = [words[0], "--defaults-file=/proc/self/fd/%d" % file.fileno(), *words[1:]]
        return subprocess.Popen(
            [encoded(word) for word in words], pass_fds=(file.fileno(),), **shared
        )


def _find(kind, is_mariadb):
    """Return the path of a client program, the server's own kind first."""
    names = ("mariadb-dump", "mysqldump") if kind else ("mariadb", "mysql")
    for name in names if is_mariadb else reversed(names):
        found = shutil.which(name)
        if found:
            return found
    raise OSError("neither `%s` nor `%s` is on the path of the target" % names)


def _selection(names):
    if names == ["all"]:
        return ["--all-databases"], []
    return (["--databases"] if len(names) > 1 else []), names


def _encoding(args):
    encoding = args.get("encoding")
    return ["--default-character-set=%s" % encoding] if encoding else []


def _dump_options(args):
    switches = (
        ("skip_lock_tables", ["--skip-lock-tables"]),
        ("encoding", _encoding(args)),
        ("single_transaction", ["--single-transaction=true"]),
        ("quick", ["--quick"]),
        ("ignore_tables", ["--ignore-table=%s" % one for one in args.get("ignore_tables") or []]),
        ("hex_blob", ["--hex-blob"]),
        ("master_data", ["--master-data=%s" % args.get("master_data")]),
        ("dump_extra_args", _more_words(args.get("dump_extra_args") or "")),
    )
    return [word for key, words in switches if args.get(key) for word in words]


def _more_words(text):
    try:
        return shlex.split(text)
    except ValueError as error:
        raise ValueError("dump_extra_args: %s: %s" % (error, text)) from error


def _option_file(args, settings):
    """Return the options of a program: those that it would read anyway, then how to log in."""
    own = [settings.config_file]
    files = [*GLOBAL_OPTIONS, *own, os.path.expanduser("~/.my.cnf")]
    if args.get("restrict_config_file") and os.path.exists(settings.config_file):
        files = own
    if not settings.config_file:
        files = GLOBAL_OPTIONS
    read = [os.path.abspath(file) for file in files if os.access(file, os.R_OK)]
    text = "".join("!include %s\n" % file for file in dict.fromkeys(read))
    lines = [("user", settings.user), ("password", settings.password)]
    if settings.socket:
        lines += [("protocol", "socket"), ("socket", settings.socket)]
    else:
        lines += [("protocol", "tcp"), ("host", settings.host), ("port", settings.port)]
    given = (("ssl-ca", settings.ca), ("ssl-cert", settings.cert), ("ssl-key", settings.key))
    lines += [(name, value) for name, value in given if value]
    text += "[client]\n" + "".join(mysql.option_line(*line) for line in lines)
    return text + _verification(settings)


def _verification(settings):
    """Return the lines by which MariaDB's and MySQL's programs check who the server is."""
    if not settings.wants_tls or settings.tls is None:
        return ""
    if settings.tls.check_hostname:
        return "loose-ssl\nloose-ssl-verify-server-cert\nloose-ssl-mode=VERIFY_IDENTITY\n"
    mode = "VERIFY_CA" if settings.ca else "REQUIRED"
    return "loose-ssl\nloose-skip-ssl-verify-server-cert\nloose-ssl-mode=%s\n" % mode


def _shown(program, args, settings, options, rest):
    words = [shlex.quote(program)]
    if settings.config_file and os.path.exists(settings.config_file):
        name = "file" if args.get("restrict_config_file") else "extra-file"
        words.append("--defaults-%s=%s" % (name, shlex.quote(settings.config_file)))
    words.append("--user=%s" % shlex.quote(settings.user))
    if settings.password:
        words.append("--password=" + HIDDEN)
    words += options
    if settings.socket:
        words.append("--socket=%s" % shlex.quote(settings.socket))
    else:
        words.append("--host=%s --port=%d" % (shlex.quote(settings.host), settings.port))
    return " ".join([*words, *(shlex.quote(word) for word in rest)])
