"""`user`: an account of the target is there as it should be, or is not there.

Accounts are changed with the system's own programs: useradd, usermod, userdel, chage.
"""

import grp
import os
import pwd
import re
import shutil
import socket
import tempfile
import time

from understudy.connections import target_files as files
from understudy.modules.shared import operands, required_program
from understudy.modules.user import home_keys

NOT_SHOWN = "NOT_LOGGING_PASSWORD"
OF_LOGIN_DEFS = (("uid_min", "UID_MIN"), ("uid_max", "UID_MAX"), ("umask", "UMASK"))
DAY_S = 86400
AGES = (
    ("password_expire_max", "-M", 4),
    ("password_expire_min", "-m", 3),
    ("password_expire_warn", "-W", 5),
)
"""Limits of a password's age: the argument, the option of `chage`, the field of the shadow file."""
NOT_HASHED = (
    "The input password appears not to have been hashed. The 'password' argument must be encrypted"
    " for this module to work properly."
)
NO_GROUPS = (
    "'append' is set, but no 'groups' are specified. Use 'groups' for appending new groups."
    "This will change to an error in Ansible 2.14."
)
KEY_IS_THERE = (
    'Found existing ssh key private file "%s", no force, so skipping ssh-keygen generation'
)
NO_PASSWORDS = ("", "*", "!", "*" * 13)
HASHED = re.compile(
    r"\$(1\$[^$:]*\$[./\w]{22}|5\$(rounds=\d+\$)?[^$:]*\$[./\w]{43}"
    r"|6\$(rounds=\d+\$)?[^$:]*\$[./\w]{86}"
    r"|2[abxy]?\$\d\d\$[./\w]{53}|(7|g?y)\$[^:]*\$[./\w]{43})",
    re.ASCII,
)
"""What crypt(3) makes: MD5, SHA-256 and SHA-512, bcrypt, scrypt and yescrypt."""


def run(args, target):
    """Add, change or remove an account."""
    for key, _ in OF_LOGIN_DEFS:
        if args.get("local") and args.get(key) is not None:
            target.fail("'%s' can not be used with 'local'" % key)
    operands.check(target, args, "name", "group", "groups")
    account = Account(args, target)
    password = args.get("password")
    if password is not None and password not in NO_PASSWORDS and not HASHED.fullmatch(password):
        target.warn(NOT_HASHED)
    if args.get("append") and not args.get("groups"):
        target.warn(NO_GROUPS)
    if args.get("state") == "absent":
        return account.remove()
    found = _find(args["name"])
    if found is None and target.check_mode:
        return {"changed": True}  # its groups may be what an earlier task has foretold
    account.check_groups()
    return account.add() if found is None else account.change(found)


class Account:
    """One account, and what is asked of it."""

    def __init__(self, args, target):
        self.args = dict(args)
        for key in ("home", "shell"):
            self.args[key] = files.expand(args.get(key))
        self.target = target
        self.name = args["name"]
        self.outputs = {"stdout": "", "stderr": ""}
        self.has_set = False

    def remove(self):
        """Remove the account, with its home directory if that is asked for."""
        result = {"name": self.name, "state": "absent"}
        if _find(self.name) is None:
            return dict(result, changed=False)
        if self.target.check_mode:
            return {"changed": True}
        force, remove = bool(self.args.get("force")), bool(self.args.get("remove"))
        options = ["-f"] * force + ["-r"] * remove
        self._run([self._program("userdel"), *options, self.name])
        return dict(self._said(result), changed=True, force=force, remove=remove)

    def add(self):
        """Make the account."""
        self._run([self._program("useradd"), *self._new(), self.name])
        if self.args.get("password") is not None and not self._password_is_seen:
            self._set_password()
        self._complete_local()
        self._set_ages()
        self._lock()
        found = _find(self.name)
        made = {"create_home": bool(self.args.get("create_home", True))}
        made["system"] = bool(self.args.get("system"))
        return self._result(found, True, dict(made, **self._key(found)))

    def _complete_local(self):
        """Do for a new account what useradd does and luseradd does not."""
        if not self.args.get("local"):
            return
        for group in self.args.get("groups") or []:
            self._run([self._program("groupmod"), "-M", self.name, group])
        expires = self.args.get("expires")
        if expires is not None:
            day = _day_number(expires) or "-1"
            self._run([self._program("chage"), "-E", day, self.name])

    def change(self, found):
        """Bring an account that is there to what is asked for."""
        options = self._differences(found)
        changed = bool(options) or self.has_set
        if options:
            self._run([self._program("usermod"), *options, self.name])
        changed = self._change_local_groups(found) or changed
        changed = self._set_ages() or changed
        changed = self._lock() or changed
        changed = self._make_home(found) or changed
        more = {
            "append": bool(self.args.get("append")),
            "move_home": bool(self.args.get("move_home")),
        }
        key = self._key(found)
        changed = key.pop("changed", False) or changed
        return self._result(_find(self.name), changed, dict(more, **key))

    def check_groups(self):
        """Fail if a group does not exist."""
        wanted = list(self.args.get("groups") or [])
        if self.args.get("group") is not None:
            wanted.insert(0, self.args["group"])
        for name in wanted:
            if name and _group(name) is None:
                self.target.fail("Group %s does not exist" % name)

    def _new(self):
        """Return the options of `useradd`."""
        args = self.args
        options = self._new_groups()
        if args.get("uid") is not None:
            options += ["-u", str(args["uid"])] + ["-o"] * bool(args.get("non_unique"))
        for key, option in (("comment", "-c"), ("home", "-d"), ("shell", "-s")):
            if args.get(key) is not None:
                options += [option, args[key]]
        if args.get("expires") is not None and not args.get("local"):
            options += ["-e", _day(args["expires"])]
        if args.get("password_expire_account_disable") is not None:
            options += ["-f", str(args["password_expire_account_disable"])]
        if args.get("password") is not None and self._password_is_seen:
            options += ["-p", self._password()]
        if args.get("seuser") is not None:
            options += ["-Z", args["seuser"]]
        return options + self._new_home()

    def _new_groups(self):
        options = []
        if self.args.get("group") is not None:
            options += ["-g", self.args["group"]]
        elif _group(self.name) is not None:
            options += ["-g", self.name]  # useradd would not make the account otherwise
        if self.args.get("groups") and not self.args.get("local"):
            options += ["-G", ",".join(self.args["groups"])]
        return options

    def _new_home(self):
        args = self.args
        if not args.get("create_home", True):
            options = ["-M"]
        else:
            made_anyway = self.args.get("local")  # luseradd has no such option
            options = ["-m"] * (not made_anyway) + (
                ["-k", args["skeleton"]] if args.get("skeleton") else []
            )
        for key, setting in OF_LOGIN_DEFS:
            if args.get(key) is not None:
                options += ["-K", "%s=%s" % (setting, args[key])]
        return options + ["-r"] * bool(args.get("system"))

    def _password(self):
        return ("!" if self.args.get("password_lock") else "") + self.args["password"]

    @property
    def _password_is_seen(self):
        """Whether the hash has to be an argument, which others see: or is none that could be."""
        odd = set(":\n") & set(self.args["password"])
        return bool(odd or self.args.get("local") or not required_program.find("chpasswd"))

    def _set_password(self):
        line = "%s:%s\n" % (self.name, self._password())
        self._run([self._program("chpasswd"), "-e"], line.encode("utf-8", "surrogateescape"))

    def _differences(self, found):
        """Return the options of `usermod` for what is not as it should be."""
        args = self.args
        options = []
        if args.get("uid") is not None and int(args["uid"]) != found.pw_uid:
            options += ["-u", str(args["uid"])] + ["-o"] * bool(args.get("non_unique"))
        if args.get("group") is not None and _group(args["group"]).gr_gid != found.pw_gid:
            options += ["-g", str(_group(args["group"]).gr_gid)]
        options += self._groups(found)
        plain = (("comment", "-c", found.pw_gecos), ("shell", "-s", found.pw_shell))
        for key, option, now in plain:
            if args.get(key) is not None and args[key] != now:
                options += [option, args[key]]
        if args.get("home") is not None and args["home"] != found.pw_dir:
            options += ["-d", args["home"]] + ["-m"] * bool(args.get("move_home"))
        return options + self._shadow()

    def _groups(self, found):
        if self.args.get("groups") is None or self.args.get("local"):
            return []
        wanted = {_group(name).gr_name for name in self.args["groups"] if name}
        now = set(_groups_of(self.name, found.pw_gid))
        append = bool(self.args.get("append"))
        if wanted == now or (append and wanted <= now):
            return []
        missing = sorted(wanted - now) if append else sorted(wanted)
        return ["-a"] * append + ["-G", ",".join(missing)]

    def _change_local_groups(self, found):
        """Join and leave groups one by one, as lusermod cannot; tell whether that was needed."""
        if self.args.get("groups") is None or not self.args.get("local"):
            return False
        wanted = {_group(name).gr_name for name in self.args["groups"] if name}
        now = set(_groups_of(self.name, found.pw_gid))
        left = set() if self.args.get("append") else now - wanted
        for option, groups in (("-M", wanted - now), ("-m", left)):
            for group in sorted(groups):
                self._run([self._program("groupmod"), option, self.name, group])
        return bool(wanted - now or left)

    def _shadow(self):
        """Return the options for what the shadow file holds."""
        args, fields = self.args, _shadow_of(self.name)
        options = []
        always = args.get("update_password", "always") == "always"
        if args.get("password") is not None and always and self._has_other_password(fields[1]):
            if self._password_is_seen:
                options += ["-p", self._password()]
            else:
                self._set_password()
                self.has_set = True
        expires = args.get("expires")
        # an account without a line in the shadow file gets one
        if expires is not None and (_day_number(expires) != fields[7] or _has_no_shadow(self.name)):
            if args.get("local"):
                self._run([self._program("chage"), "-E", _day_number(expires) or "-1", self.name])
                self.has_set = True
            else:
                options += ["-e", _day(expires)]
        disable = args.get("password_expire_account_disable")
        if disable is not None and str(disable) != fields[6]:
            options += ["-f", str(disable)]
        return options

    def _has_other_password(self, now):
        return not now or now.lstrip("!") != self.args["password"].lstrip("!")

    def _lock(self):
        """Lock or unlock the password; tell whether that changed anything."""
        wanted = self.args.get("password_lock")
        locked = _shadow_of(self.name)[1].startswith("!")
        if wanted is None or bool(wanted) == locked:
            return False
        self._run([self._program("usermod"), "-L" if wanted else "-U", self.name])
        return True

    def _set_ages(self):
        """Set the limits of the password's age; tell whether that changed anything."""
        fields = _shadow_of(self.name)
        options = []
        for key, option, index in AGES:
            wanted = self.args.get(key)
            if wanted is not None and str(wanted) != fields[index]:
                options += [option, str(wanted)]
        if options:
            self._run([required_program.require(self.target, "chage"), *options, self.name])
        return bool(options)

    def _make_home(self, found):
        """Make the home directory of an account that has none; tell whether that was needed."""
        home = self.args.get("home") or found.pw_dir
        if not self.args.get("create_home", True) or os.path.exists(home):
            return False
        if not self.target.check_mode:
            skeleton = self.args.get("skeleton") or "/etc/skel"
            if os.path.isdir(skeleton):
                shutil.copytree(skeleton, home, symlinks=True)
            else:
                os.makedirs(home)
            os.chmod(home, 0o755)  # noqa: S103 (what useradd does)
            _give(home, found.pw_uid, found.pw_gid)
        return True

    def _key(self, found):
        """Make an SSH key if that is asked for; return what the result tells of it."""
        args = self.args
        if not args.get("generate_ssh_key"):
            return {}
        kind = args.get("ssh_key_type", "rsa")
        given = args.get("ssh_key_file") or os.path.join(".ssh", "id_%s" % kind)
        path = os.path.join(found.pw_dir, os.path.expanduser(given))
        changed = False
        if not os.path.exists(path) or args.get("force"):
            changed = True
            if not self.target.check_mode:
                self._make_key(found, path, kind)
        else:
            self.target.warn(KEY_IS_THERE % path)
        if not os.path.exists(path):
            return {"changed": changed}
        program = required_program.require(self.target, "ssh-keygen")
        told = self.target.command([program, "-l", "-f", path])
        with open(path + ".pub") as public:
            text = public.read().strip()
        return {
            "changed": changed,
            "ssh_fingerprint": told.stdout.strip(),
            "ssh_key_file": path,
            "ssh_public_key": text,
        }

    def _make_key(self, found, path, kind):
        if os.path.lexists(path + ".pub") and not self.args.get("force"):
            text = "a key with the name %s.pub already exists and 'force' is not set"
            self.target.fail(text % path, name=self.name)
        with tempfile.TemporaryDirectory(prefix=".understudy-") as private:
            made = os.path.join(private, "key")
            done = self._run_keygen(kind, made)
            if done.rc:
                said = (done.stderr or done.stdout).replace(made, path)
                self.target.fail(said, name=self.name, rc=done.rc)
            try:
                home_keys.place(found, made, path)
            except OSError as error:
                text = "could not write the key %s: %s"
                self.target.fail(text % (path, error), name=self.name)

    def _run_keygen(self, kind, path):
        comment = self.args.get("ssh_key_comment")
        comment = comment or "ansible-generated on %s" % socket.gethostname()
        program = required_program.require(self.target, "ssh-keygen")
        command = [program, "-t", kind, "-C", comment, "-f", path]
        if self.args.get("ssh_key_bits"):
            command += ["-b", str(self.args["ssh_key_bits"])]
        phrase = self.args.get("ssh_key_passphrase") or ""
        # asked for twice on standard input: it must not be seen among the processes
        return self.target.command(
            ["setsid", *command] if phrase else [*command, "-N", ""],
            stdin=("%s\n%s\n" % (phrase, phrase)).encode() if phrase else None,
        )

    def _program(self, name):
        name = "l" + name if self.args.get("local") else name
        return required_program.require(self.target, name)

    def _run(self, command, stdin=None):
        if self.target.check_mode:
            return
        done = self.target.command(command, stdin=stdin)
        if done.rc:
            self.target.fail(done.stderr or done.stdout, name=self.name, rc=done.rc)
        self.outputs["stdout"] += done.stdout
        self.outputs["stderr"] += done.stderr

    def _said(self, result):
        return dict(result, **{key: text for key, text in self.outputs.items() if text})

    def _result(self, found, changed, more):
        result = {
            "changed": changed,
            "comment": found.pw_gecos,
            "group": found.pw_gid,
            "home": found.pw_dir,
            "name": self.name,
            "shell": found.pw_shell,
            "state": "present",
            "uid": found.pw_uid,
        }
        if self.args.get("groups") is not None:
            result["groups"] = ",".join(self.args["groups"])
        if self.args.get("password") is not None:
            result["password"] = NOT_SHOWN
        result.update(more)
        return self._said(result)


def _find(name):
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _group(name):
    try:
        return grp.getgrnam(name)
    except KeyError:
        pass
    try:
        return grp.getgrgid(int(name))
    except (KeyError, ValueError):
        return None


def _groups_of(name, primary):
    """Return the groups that list an account as a member, its primary one not among them."""
    found = (group for group in grp.getgrall() if name in group.gr_mem)
    return [group.gr_name for group in found if group.gr_gid != primary]


def _shadow_of(name):
    """Return the nine fields of an account's line in the shadow file, empty ones if unreadable."""
    try:
        with open("/etc/shadow", encoding="utf-8", errors="surrogateescape") as lines:
            for line in lines:
                fields = line.rstrip("\n").split(":")
                if fields[0] == name:
                    return fields + [""] * (9 - len(fields))
    except (IOError, OSError):
        pass
    return [name] + [""] * 8


def _has_no_shadow(name):
    return os.access("/etc/shadow", os.R_OK) and _shadow_of(name)[1:] == [""] * 8


def _day(seconds):
    return "" if seconds < 0 else time.strftime("%Y-%m-%d", time.gmtime(seconds))


def _day_number(seconds):
    """Return a time as the shadow file has it: in days, nothing for no limit."""
    return "" if seconds < 0 else str(int(seconds) // DAY_S)


def _give(path, uid, gid):
    """Give a new directory away from below: who owns it may swap what is in it for links."""
    for folder, folders, names in os.walk(path, topdown=False):
        for name in folders + names:
            os.lchown(os.path.join(folder, name), uid, gid)
    os.lchown(path, uid, gid)
