"""`file`: make a file, directory or link be there with its owner and permissions, or be gone."""

import errno
import grp
import os
import pwd
import shutil
import time

from understudy.connections import target_files as files
from understudy.modules.shared import held

NOW = object()


class Wish:
    """What the task asks for, and the difference found on the way."""

    def __init__(self, target, args):
        self.target = target
        self.args = args
        self.path = files.expand(args["path"])
        self.state = args.get("state")
        self.src = files.expand(args.get("src"))
        self.follow = args.get("follow", True)
        self.force = args.get("force", False)
        self.diff = None

    def compare(self, prior):
        """Begin the difference: what the file is, and what it shall be."""
        self.diff = {"before": {"path": self.path}, "after": {"path": self.path}}
        if prior != self.state:
            self.diff["before"]["state"] = prior
            self.diff["after"]["state"] = self.state

    def own(self, path):
        """Give a file the owner and permissions that are asked for."""
        return files.apply_attributes(self.target, path, self.args, self.diff)

    def fail(self, msg, **more):
        """End the module with a failure that tells about the file."""
        files.fail_at(self.target, self.path, msg, **more)


def run(args, target):
    """Make the file what the task says; return what it is then."""
    wish = Wish(target, args)
    if args.get("_diff_peek") is not None:
        return _peek(wish.path)
    stated = wish.state is not None
    if not stated:
        wish.state = _implied_state(wish)
    if args.get("recurse") and wish.state != "directory":
        wish.fail("recurse option requires state to be 'directory'")
    if wish.src and wish.state not in ("link", "hard"):
        wish.fail("src option requires state to be 'link' or 'hard'")
    if target.check_mode and wish.state != "absent":
        _look_up_owners(wish)
    _enter_directory(wish)
    prior = files.state_of(wish.path)
    result = STATES[wish.state](wish, prior)
    if not target.diff:
        result.pop("diff", None)
    result.update((k, v) for k, v in _described(result).items() if k not in result)
    return result


def _described(result):
    return files.describe(result.get("path") or result.get("dest") or "")


def _look_up_owners(wish):
    """Warn in check mode of owners that are not there: a task before this one may make them."""
    kinds = (
        ("owner", "user", "uid", pwd.getpwuid, pwd.getpwnam),
        ("group", "group", "gid", grp.getgrgid, grp.getgrnam),
    )
    for name, kind, number, by_number, by_name in kinds:
        value = wish.args.get(name)
        if not value:
            continue
        try:
            wanted = int(value)
        except ValueError:
            wanted = None
        try:
            by_name(value) if wanted is None else by_number(wanted)
        except (KeyError, OverflowError):
            shown = value if wanted is None else "with %s %d" % (number, wanted)
            text = "failed to look up %s %s. Create %s up to this point in real play"
            wish.target.warn(text % (kind, shown, kind))


def _implied_state(wish):
    prior = files.state_of(wish.path)
    if prior != "absent":
        return prior
    return "directory" if wish.args.get("recurse") else "file"


def _peek(path):
    """Tell whether a file looks like text; the controller asks before it fetches it for a diff."""
    try:
        with open(path, "rb") as file:
            binary = b"\x00" in file.read(8192)
    except OSError:
        binary = False
    result = {"path": path, "changed": False, "appears_binary": binary}
    result.update(files.describe(path))
    return result


def _enter_directory(wish):
    """Mean the file of the source's name, where a directory is given for a file."""
    if wish.state in ("link", "absent") or not os.path.isdir(wish.path):
        return
    name = wish.args.get("_original_basename") or (wish.src and os.path.basename(wish.src))
    if name:
        wish.path = os.path.join(wish.path, name)


def _follow_link(wish, prior):
    """Mean what a link points to; return the state of that."""
    if prior == "link" and wish.follow:
        wish.path = os.path.realpath(wish.path)
        return files.state_of(wish.path)
    return prior


def _ensure_file(wish, prior):
    prior = _follow_link(wish, prior)
    wish.compare(prior)
    if prior == "absent":
        wish.fail("file (%s) is absent, cannot continue" % wish.path, state="absent")
    if prior not in ("file", "hard"):
        wish.fail("file (%s) is %s, cannot continue" % (wish.path, prior))
    changed = wish.own(wish.path)
    changed = _set_times(wish, wish.path) or changed
    return {"path": wish.path, "changed": changed, "diff": wish.diff}


def _ensure_directory(wish, prior):
    prior = _follow_link(wish, prior)
    wish.compare(prior)
    if prior == "absent":
        if wish.target.check_mode:
            return {"path": wish.path, "changed": True, "diff": wish.diff}
        _make_directories(wish)
    elif prior != "directory":
        wish.fail("%s already exists as a %s" % (wish.path, prior))
    changed = wish.own(wish.path) or prior == "absent"
    changed = _set_times(wish, wish.path) or changed
    if wish.args.get("recurse"):
        changed = _own_below(wish, wish.path, set()) or changed
    return {"path": wish.path, "changed": changed, "diff": wish.diff}


def _make_directories(wish):
    """Make the directory and those above it, each with the owner and permissions asked for."""
    try:
        held.make(wish.target, wish.path, wish.args, wish.diff)
    except OSError as error:
        wish.path = error.filename
        told = OSError(error.errno, error.strerror, os.fsencode(error.filename))
        wish.fail("There was an issue creating %s as requested: %s" % (wish.path, told))


def _own_below(wish, top, seen):
    """Give everything below a directory its owner and permissions; follow links once each."""
    seen.add(os.path.realpath(top))
    changed = False
    for root, directories, names, directory in os.fwalk(top):
        for name in directories + names:
            path = os.path.join(root, name)
            changed = held.own(wish.target, path, directory, wish.args) or changed
            if os.path.islink(path) and wish.follow and os.path.exists(path):
                changed = _own_linked(wish, os.path.realpath(path), seen) or changed
    return changed


def _own_linked(wish, path, seen):
    if path in seen:
        return False
    changed = files.apply_attributes(wish.target, path, wish.args)
    if os.path.isdir(path):
        changed = _own_below(wish, path, seen) or changed
    return changed


def _ensure_absent(wish, prior):
    if prior == "absent":
        return {"path": wish.path, "changed": False, "state": "absent"}
    wish.compare(prior)
    if prior == "directory":
        wish.diff["before"]["path_content"] = _content_of(wish)
    result = {"path": wish.path, "changed": True, "diff": wish.diff}
    if wish.target.check_mode:
        return result
    remove = shutil.rmtree if prior == "directory" else os.unlink
    try:
        remove(wish.path)
    except OSError as error:
        if error.errno != errno.ENOENT:
            if prior == "directory":
                wish.target.fail("rmtree failed: %s" % error)
            wish.fail("Unlinking failed.")
    result["state"] = "absent"
    return result


def _content_of(wish):
    found = {"directories": [], "files": []}
    for root, directories, names in os.walk(wish.path) if wish.target.diff else ():
        found["directories"].extend(os.path.join(root, name) for name in directories)
        found["files"].extend(os.path.join(root, name) for name in names)
    return found


def _touch(wish, prior):
    wish.compare(prior)
    if prior == "absent":
        if wish.target.check_mode:
            return {"dest": wish.path, "changed": True}
        try:
            open(wish.path, "wb").close()
        except OSError:
            wish.fail("Error, could not touch target.")
    try:
        changed = wish.own(wish.path) or prior == "absent"
        changed = _set_times(wish, wish.path, "now") or changed
    except BaseException:
        if prior == "absent":
            files.remove(wish.path)
        raise
    return {"dest": wish.path, "changed": changed, "diff": wish.diff}


def _set_times(wish, path, default=None):
    """Set the times that are asked for; return whether that changes them."""
    wanted = {
        "mtime": _parse_time(wish, "modification_time", default),
        "atime": _parse_time(wish, "access_time", default),
    }
    if wanted == {"mtime": None, "atime": None}:
        return False
    path = os.path.realpath(path)
    try:
        info = os.stat(os.fsencode(path))
    except OSError as error:
        _times_failed(wish, path, error)
    now = time.time()
    before = {"mtime": info.st_mtime, "atime": info.st_atime}
    after = {
        key: before[key] if value is None else now if value is NOW else value
        for key, value in wanted.items()
    }
    different = [key for key in after if after[key] != before[key]]
    for key in different:
        wish.diff["before"][key] = before[key]
        wish.diff["after"][key] = after[key]
    if different and not wish.target.check_mode:
        # Whoever may write may say "now"; any other time only the owner may set.
        times = None if wanted == {"mtime": NOW, "atime": NOW} else (after["atime"], after["mtime"])
        try:
            os.utime(path, times)
        except OSError as error:
            _times_failed(wish, path, error)
    return bool(different)


def _times_failed(wish, path, error):
    wish.path = path
    wish.fail("Error while updating modification or access time: %s" % error)


def _parse_time(wish, name, default):
    """Return seconds since the epoch, NOW, or None for a time that stays."""
    text = wish.args.get(name) or default
    form = wish.args.get(name + "_format", "%Y%m%d%H%M.%S")
    if text in (None, "preserve"):
        return None
    if text == "now":
        return NOW
    try:
        return time.mktime(time.strptime(text, form))
    except (ValueError, OverflowError) as error:
        wish.target.fail(
            "Error while obtaining timestamp for time %s using format %s: %s" % (text, form, error)
        )


def _ensure_link(wish, prior):
    wish.compare(prior)
    if wish.src is None:
        _require_link(wish, prior)
        changed = False
    else:
        _check_link_target(wish)
        changed = _link_differs(wish, prior)
        if prior in ("file", "hard", "directory"):
            _check_convertible(wish, prior)
    result = {"dest": wish.path, "src": wish.src, "changed": changed, "diff": wish.diff}
    if wish.target.check_mode and changed:
        return result
    if changed:
        _put_link(wish, prior, os.symlink)
    result["changed"] = _own_link(wish) or changed
    return result


def _require_link(wish, prior):
    """Without a source, the link must be there; what it points to is told if it is followed."""
    if prior == "absent":
        wish.target.fail("src is required for creating new symlinks")
    if prior != "link":
        wish.fail("src is required to convert from %s to symlink for %s" % (prior, wish.path))
    if wish.follow and os.path.exists(wish.path):
        wish.src = os.readlink(wish.path)


def _check_link_target(wish):
    above = wish.path
    if os.path.islink(wish.path) or not os.path.isdir(wish.path):
        above = os.path.dirname(wish.path)
    source = os.path.join(above, wish.src)
    if not wish.force and not os.path.exists(source):
        wish.fail(
            "src file does not exist, use 'force=yes' if you really want to create the link: %s"
            % source,
            src=wish.src,
        )


def _check_convertible(wish, prior):
    if not wish.force:
        wish.fail("refusing to convert from %s to symlink for %s" % (prior, wish.path))
    if prior == "directory" and os.listdir(wish.path):
        wish.fail("the directory %s is not empty, refusing to convert it" % wish.path)


def _link_differs(wish, prior):
    if prior != "link":
        return True
    before = os.readlink(wish.path)
    if before == wish.src:
        return False
    wish.diff["before"]["src"] = before
    wish.diff["after"]["src"] = wish.src
    return True


def _put_link(wish, prior, link):
    """Make a link in the place of whatever is there, in one step where it can be."""
    source, path = os.fsencode(wish.src), os.fsencode(wish.path)
    try:
        if prior == "absent":
            link(source, path)
            return
        staged = path + b".%d.%d.tmp" % (os.getpid(), time.time())
        if prior == "directory":
            os.rmdir(path)
        link(source, staged)
        try:
            os.rename(staged, path)
        finally:
            files.remove(staged)
    except OSError as error:
        what = "linking" if prior == "absent" else "replacing"
        wish.fail("Error while %s: %s" % (what, error))


def _own_link(wish):
    """Set owner, permissions and times of the link, or of what it points to when it is followed."""
    if wish.follow and not os.path.exists(wish.path):
        wish.target.warn(
            "Cannot set fs attributes on a non-existent symlink target. "
            "follow should be set to False to avoid this."
        )
        return False
    changed = wish.own(os.path.realpath(wish.path) if wish.follow else wish.path)
    return (os.path.exists(wish.path) and _set_times(wish, wish.path)) or changed


def _ensure_hard_link(wish, prior):
    wish.compare(prior)
    about = {"dest": wish.path, "src": wish.src}
    if wish.src is None:
        if prior != "hard":
            wish.target.fail("src is required for creating new hardlinks")
        changed = False
    else:
        changed = _hard_link_differs(wish, prior, about)
    result = dict(about, changed=changed, diff=wish.diff)
    if wish.target.check_mode and changed:
        return result
    if changed:
        _put_link(wish, prior, os.link)
    changed = wish.own(wish.path) or changed
    result["changed"] = _set_times(wish, wish.path) or changed
    return result


def _hard_link_differs(wish, prior, about):
    if not os.path.exists(wish.src):
        wish.target.fail("src does not exist", **about)
    if prior == "absent":
        return True
    if prior == "link":
        _link_differs(wish, prior)
        return True
    if os.path.samefile(wish.path, wish.src):
        return False
    if prior == "directory":
        wish.fail("Cannot link, %s exists at destination" % prior, **about)
    if not wish.force:
        what = "different hard link" if prior == "hard" else prior
        about.update(files.describe(wish.path))
        wish.target.fail("Cannot link, %s exists at destination" % what, **about)
    return True


STATES = {
    "file": _ensure_file,
    "directory": _ensure_directory,
    "absent": _ensure_absent,
    "touch": _touch,
    "link": _ensure_link,
    "hard": _ensure_hard_link,
}
