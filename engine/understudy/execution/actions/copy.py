"""`copy`: the controller's half reads the source, the module on the target puts it in place."""

from __future__ import annotations

import errno
import json
from dataclasses import dataclass, field
from pathlib import Path

from understudy.execution.actions.base import Answer, Call, Result, failure, find_file, not_found
from understudy.values.vault import HEADER, VaultError, decrypted

_OWNED = ("owner", "group", "attributes", "seuser", "serole", "setype", "selevel")


async def copy(call: Call) -> Answer:
    """Stream content, a file or a directory's files to the target, where they differ there."""
    args = call.args
    if args.get("remote_src"):
        return Answer(await call.target.conclude("copy", args))
    if args.get("content") is not None:
        return Answer(await put_content(call, _as_bytes(args["content"]), args))
    name = str(args["src"])
    found = find_file(name, call.search_path, "files")
    if isinstance(found, list):
        return failure(not_found(name, found) if name else "src (or content) is required")
    if found.is_dir():
        return Answer(await _directory(call, found, with_itself=not name.endswith("/")))
    sent = await _sent(call, found)
    if "failed" in sent:
        return Answer(sent)
    return Answer(await call.target.conclude("copy", {**args, **sent}))


def _as_bytes(content: object) -> bytes:
    text = json.dumps(content) if isinstance(content, (dict, list)) else str(content)
    return text.encode("utf-8", "surrogateescape")


async def _sent(call: Call, path: Path) -> Result:
    """Stream a file; return the arguments that put it in place, or why it could not be sent."""
    try:
        mode = readable_mode(path)
    except OSError as error:
        return failure(f"could not read {path}: {error.strerror}").result
    extra: Result = {"_original_basename": path.name, "_source_name": str(path)}
    if call.args.get("mode") == "preserve":
        extra["mode"] = mode
    try:
        content = decrypted_content(path) if call.args.get("decrypt", True) else None
    except VaultError as error:
        return failure(str(error)).result
    uploaded = await call.target.put(path if content is None else content)
    return {**extra, "src": uploaded, "_uploaded": True}


def decrypted_content(path: Path) -> bytes | None:
    """Return what an encrypted file holds, None for one that is not; raise VaultError."""
    with path.open("rb") as file:
        start = file.read(len(HEADER))
        return decrypted(start + file.read()) if start == HEADER.encode() else None


def readable_mode(path: Path) -> str:
    """Return the permissions of a file that can be read; raise OSError for one that cannot."""
    with path.open("rb"):
        return f"0{path.stat().st_mode & 0o7777:o}"


async def put_content(call: Call, content: bytes, args: Result) -> Result:
    """Stream a text to the target and put it in place, with the arguments of `copy`."""
    extra = {"content": None, "src": await call.target.put(content), "_uploaded": True}
    return await call.target.conclude("copy", {**args, **extra})


async def _directory(call: Call, root: Path, *, with_itself: bool) -> Result:
    """Put files, then directories, then links in place; for a job the files come last, at once."""
    base = Path(str(call.args["dest"])) / (root.name if with_itself else "")
    shown: Result = {
        "dest": str(call.args["dest"]).rstrip("/") + "/",
        "src": f"{root}{'' if with_itself else '/'}",
    }
    try:
        tree = read_tree(root, follow=bool(call.args.get("local_follow", True)))
    except OSError as error:
        return failure(f"could not read {error.filename}: {error.strerror}").result
    others = [_directory_args(call, base / path) for path in tree.directories]
    others += [_link_args(call, base / path, to) for path, to in tree.links.items()]
    if call.target.launches:
        files = [await _sent_below(call, root, path, base) for path in tree.files]
        return await _launched(call, shown, others, files)
    done = _Done()
    for path in tree.files:
        sent = await _sent_below(call, root, path, base)
        if not done.accepts(await _placed(call, sent)):
            return done.last
    for args in others:
        if not done.accepts(await call.target.module("file", args)):
            return done.last
    # Ansible's rule: a tree with one file is told as what was put in place last.
    if len(tree.files) == 1:
        shown = {"dest": done.last.get("path"), **done.last}
    return {**shown, "changed": done.changed}


@dataclass(slots=True)
class _Done:
    """What the calls for a tree have given so far."""

    last: Result = field(default_factory=dict)
    changed: bool = False

    def accepts(self, result: Result) -> bool:
        """Take one more result; tell whether the next call may follow."""
        self.last = result
        self.changed = self.changed or bool(result.get("changed"))
        return not result.get("failed")


async def _sent_below(call: Call, root: Path, path: Path, base: Path) -> Result:
    source = root / path
    sent = await _sent(call, source.resolve() if source.is_symlink() else source)
    return sent if "failed" in sent else {**sent, "dest": str(base / path), "_make_parents": True}


async def _placed(call: Call, sent: Result) -> Result:
    return sent if "failed" in sent else await call.target.module("copy", {**call.args, **sent})


async def _launched(call: Call, shown: Result, others: list[Result], sent: list[Result]) -> Result:
    """Start the job that puts files in place; directories and links are made before it."""
    done = _Done()
    for one in sent:
        if "failed" in one:
            return one
    for args in others:
        if not done.accepts(await call.target.module("file", args)):
            return done.last
    more = {"_files": sent, "_changed": done.changed}
    return await call.target.conclude("copy", {**call.args, **shown, **more})


def _owned(call: Call) -> Result:
    return {name: call.args.get(name) for name in _OWNED}


def _directory_args(call: Call, path: Path) -> Result:
    mode = call.args.get("directory_mode")
    return {**_owned(call), "path": str(path), "state": "directory", "mode": mode, "follow": True}


def _link_args(call: Call, path: Path, to: str) -> Result:
    """Return the arguments for a link; it is owned itself, not what it points to."""
    return {
        **_owned(call),
        "path": str(path),
        "src": to,
        "state": "link",
        "force": True,
        "follow": False,
    }


@dataclass(frozen=True, slots=True)
class Tree:
    """What is below a directory here, relative to it."""

    files: list[Path]
    directories: list[Path]
    links: dict[Path, str]


def read_tree(root: Path, *, follow: bool) -> Tree:
    """Return what is below a directory; links are followed, but for those that lead nowhere.

    Raises OSError for what cannot be read, and for a link to a directory above it.
    """
    tree = Tree([], [], {})
    _read_below(root, Path(), (root.resolve(),), tree, follow=follow)
    return tree


def _read_below(
    root: Path, below: Path, above: tuple[Path, ...], tree: Tree, *, follow: bool
) -> None:
    for entry in sorted((root / below).iterdir()):
        path = below / entry.name
        if entry.is_symlink() and not (follow and entry.exists()):
            tree.links[path] = str(entry.readlink())
        elif entry.is_dir():
            tree.directories.append(path)
            real = entry.resolve()
            if real in above:
                raise OSError(errno.ELOOP, "the link leads to a directory above it", str(entry))
            _read_below(root, path, (*above, real), tree, follow=follow)
        elif entry.is_file():
            tree.files.append(path)
