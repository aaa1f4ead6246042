"""Make the archives of the case, always the same."""

import io
import os
import tarfile
import zipfile

TIME = 1577934245
TREE = (("d/", None, 0o755), ("d/one", b"one\n", 0o644), ("d/two", b"two\n", 0o600),
        ("d/sub/", None, 0o750), ("d/sub/run", b"#!/bin/sh\n", 0o755), ("three x", b"three\n", 0o644))


def member(name, mode, **more):
    info = tarfile.TarInfo(name.rstrip("/"))
    info.mode, info.mtime, info.uname, info.gname = mode, TIME, "root", "root"
    info.type = tarfile.DIRTYPE if name.endswith("/") else tarfile.REGTYPE
    for key, value in more.items():
        setattr(info, key, value)
    return info


def tar(name, mode, tree=TREE, links=()):
    with tarfile.open(name, mode, format=tarfile.GNU_FORMAT) as archive:
        for path, content, bits in tree:
            archive.addfile(member(path, bits, size=len(content or b"")), io.BytesIO(content or b""))
        for path, kind, to in links:
            archive.addfile(member(path, 0o777, type=kind, linkname=to))


def zipped(name, tree=TREE, more=()):
    with zipfile.ZipFile(name, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content, bits in (*tree, *more):
            info = zipfile.ZipInfo(path, (2020, 1, 2, 3, 4, 6))
            kind = bits if bits > 0o7777 else bits | (0o40000 if content is None else 0o100000)
            info.external_attr, info.create_system = kind << 16, 3
            archive.writestr(info, content or b"")


os.makedirs("files", exist_ok=True)
os.chdir("files")
os.umask(0o022)
tar("a.tar", "w")
for kind in ("gz", "bz2", "xz"):
    tar("a.tar." + kind, "w:" + kind)
os.system("zstd -q a.tar -o a.tar.zst")
tar("links.tar", "w", links=(("d/soft", tarfile.SYMTYPE, "one"), ("d/hard", tarfile.LNKTYPE, "d/one")))
tar("changed.tar", "w", (("d/", None, 0o755), ("d/one", b"1\n", 0o644)))
tar("up.tar", "w", (("../escaped", b"x", 0o644),))
tar("absolute.tar", "w", (("/tmp/escaped", b"x", 0o644),))
tar("through.tar", "w", links=(("out", tarfile.SYMTYPE, "../.."),))
tar("owned.tar", "w", (("o", b"x", 0o644),))
zipped("a.zip")
zipped("changed.zip", (("d/", None, 0o755), ("d/one", b"1\n", 0o644)))
zipped("links.zip", more=(("d/soft", b"one", 0o120777),))
zipped("up.zip", (("../escaped", b"x", 0o644),))
zipped("empty.zip", ())
tar("empty.tar", "w", ())
with open("text.txt", "w") as file:
    file.write("no archive\n")
with open("a.tar.gz", "rb") as whole, open("short.tar.gz", "wb") as file:
    file.write(whole.read()[:-40])
with open("plain.gz", "wb") as file:
    import gzip
    file.write(gzip.compress(b"text\n"))
