"""`mysql_db`: databases of a MySQL or MariaDB server are there, are not, are dumped or filled.

Databases are made and removed in a session; dumps go through the server's own programs, as streams
that are never whole in memory. A dump replaces an old one only when it is complete.
"""

import os
import shlex
import stat

from understudy.connections import target_files
from understudy.modules.shared import mysql, mysql_programs, mysql_values

EVERY = ["all"]
_NAMES = "SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA"


def run(args, target):
    """Bring databases to the state asked for."""
    names, state = args["name"], args.get("state", "present")
    _check(args, target)
    settings, session = _log_in(args, target)
    task = Databases(args, target, settings, session)
    try:
        if not args.get("sql_log_bin", True):
            task.execute("SET SQL_LOG_BIN = 0", "error turning binary logging off")
        done = getattr(task, "make_" + state)()
    finally:
        session.close()
    return dict(done, db=" ".join(names), db_list=names)


def _check(args, target):
    names, state = args["name"], args.get("state", "present")
    if names == EVERY and state in ("present", "absent"):
        target.fail("name is not allowed to equal 'all' unless state equals import, or dump.")
    if state in ("dump", "import") and not args.get("target"):
        target.fail("with state=%s target is required" % state)
    if state == "import" and len(names) > 1:
        target.fail("Multiple databases are not supported with state=import")


def _log_in(args, target):
    """Return how we logged in and the session; as root without a password first, if asked."""
    if args.get("check_implicit_admin"):
        settings = mysql.Settings(dict(args, login_user="root", login_password=""))
        try:
            return settings, mysql.connect(settings)
        except (mysql_values.SqlError, OSError, ValueError):
            pass
    settings = mysql.Settings(args)
    try:
        return settings, mysql.connect(settings)
    except (mysql_values.SqlError, OSError, ValueError) as error:
        target.fail(mysql.why_not(settings, error))


class Databases:
    """The databases of one task, and the session that they are seen in."""

    def __init__(self, args, target, settings, session):
        self.args = args
        self.target = target
        self.settings = settings
        self.session = session
        self.names = args["name"]
        self.executed = []

    def execute(self, sql, complaint):
        """Run a statement; if it fails, so does the task, with this complaint."""
        try:
            return self.session.execute(sql)
        except mysql_values.SqlError as error:
            self.target.fail("%s: %s" % (complaint, error))

    def make_present(self):
        """Make the databases that are not there."""
        missing = self._missing()
        return self._change([self._creation(name) for name in missing], "creating")

    def make_absent(self):
        """Remove the databases that are there."""
        missing = self._missing()
        there = [name for name in self.names if name not in missing]
        return self._change(["DROP DATABASE %s" % self._quoted(n) for n in there], "deleting")

    def make_dump(self):
        """Write the databases to a file, which replaces an old one when it is complete."""
        missing = [] if self.names == EVERY else self._missing()
        if missing:
            self.target.fail("Cannot dump database(s) %r - not found" % ", ".join(missing))
        if self.target.check_mode:
            return {"changed": True}
        command = self._command(mysql_programs.dump)
        path = target_files.expand(self.args["target"])
        packer = mysql_programs.packer(path, self.target)
        shown = [command.shown] + ([packer[0]] if packer else [])
        try:
            self._dump(command, packer, path)
        except OSError as error:
            self.target.fail("cannot write %s: %s" % (path, error.strerror or error))
        self.executed.append("%s > %s" % (" | ".join(shown), shlex.quote(path)))
        return {"changed": True, "executed_commands": self.executed, "msg": ""}

    def make_import(self):
        """Run what is in a file, in a database that is made if it is not there."""
        path = target_files.expand(self.args["target"])
        if not os.path.exists(self._in_chdir(path)):
            self.target.fail("target %s does not exist on the host" % path)
        if self.target.check_mode:
            return {"changed": True}
        command = self._command(mysql_programs.load)
        packer = mysql_programs.packer(path, self.target)
        if self.names != EVERY and self._missing():
            self._change([self._creation(self.names[0])], "creating")
        try:
            with open(self._in_chdir(path), "rb") as source:
                steps = ([[packer[0], "-dc"]] if packer else []) + [command]
                mysql_programs.pour(steps, source, None, self.target, self.args.get("chdir"))
        except OSError as error:
            self.target.fail("cannot read %s: %s" % (path, error.strerror or error))
        quoted = shlex.quote(path)
        unpack = "%s -dc %s | %s" % (packer[0], quoted, command.shown) if packer else None
        self.executed.append(unpack or "%s < %s" % (command.shown, quoted))
        return {"changed": True, "executed_commands": self.executed, "msg": ""}

    def _command(self, made_by):
        try:
            return made_by(self.args, self.settings, "mariadb" in self.session.version.lower())
        except (OSError, ValueError) as error:
            self.target.fail(str(error))

    def _dump(self, command, packer, path):
        place = os.path.realpath(self._in_chdir(path))
        steps = [command] + ([packer] if packer else [])
        folder = self.args.get("chdir")
        if os.path.exists(place) and not stat.S_ISREG(os.stat(place).st_mode):
            with open(place, "wb") as sink:  # a device or a pipe is not replaced
                mysql_programs.pour(steps, None, sink, self.target, folder)
            return
        new = self.target.temporary(directory=os.path.dirname(place))
        with open(new, "wb") as sink:
            mysql_programs.pour(steps, None, sink, self.target, folder)
        target_files.replace(new, place)

    def _in_chdir(self, path):
        folder = target_files.expand(self.args.get("chdir"))
        return os.path.join(folder, path) if folder else path

    def _change(self, statements, what):
        if self.target.check_mode:
            return {"changed": bool(statements)}
        for sql in statements:
            self.execute(sql, "error %s database" % what)
            self.executed.append(sql)
        return {"changed": bool(statements), "executed_commands": self.executed}

    def _creation(self, name):
        sql = "CREATE DATABASE %s" % self._quoted(name)
        for clause, key in (("CHARACTER SET", "encoding"), ("COLLATE", "collation")):
            if self.args.get(key):
                value = mysql_values.text_literal(self.args[key], self.session.status)
                sql += " %s %s" % (clause, value)
        return sql

    def _quoted(self, name):
        try:
            return mysql_values.identifier(name)
        except ValueError as error:
            self.target.fail(str(error))

    def _missing(self):
        """Return which of the databases are not there, as far as this user may see."""
        rows = self.execute(_NAMES, "error listing databases").rows
        found = {mysql_values.plain(row["name"]) for row in rows}
        folds = self.execute("SELECT @@lower_case_table_names AS n", "error listing databases")
        if folds.rows[0]["n"]:
            found = {name.lower() for name in found}
            return [name for name in self.names if name.lower() not in found]
        return [name for name in self.names if name not in found]
