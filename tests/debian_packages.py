"""A small repository of Debian packages, without a network: `python debian_packages.py DIRECTORY`.

Standard library only, since playbooks of the parity suite make it with the machine's own Python.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

PACKAGES = {
    "stable": [
        {"Package": "foo", "Version": "1.0.0", "conffile": "/etc/foo.conf"},
        {"Package": "foo", "Version": "1.0.1", "conffile": "/etc/foo.conf"},
        {"Package": "foobar", "Version": "1.0.0", "Depends": "foo"},
        {"Package": "foobar", "Version": "1.0.1"},
        {"Package": "real-thing", "Version": "1.0", "Provides": "virtual-thing"},
        {"Package": "rival", "Version": "1.0", "Conflicts": "foo"},
        {"Package": "hasarch", "Version": "1.0", "Architecture": "native"},
        {"Package": "broken-dep", "Version": "1.0", "Depends": "nowhere-to-be-found"},
        {"Package": "failing", "Version": "1.0", "postinst": "#!/bin/sh\nexit 3\n"},
        {
            "Package": "policed",
            "Version": "1.0",
            "postinst": "#!/bin/sh\n/usr/sbin/policy-rc.d >/dev/null; echo $? >/root/policy\n",
        },
    ],
    "testing": [
        {"Package": "foo", "Version": "2.0.0"},
        {"Package": "foo", "Version": "2.0.1"},
    ],
}
SOURCE = """\
Package: needy
Binary: needy
Version: 1
Maintainer: a@example.org
Architecture: any
Build-Depends: foo
Directory: x
Files:
 d41d8cd98f00b204e9800998ecf8427e 0 a.dsc

"""
PREFERENCES = "Package: *\nPin: release n=testing\nPin-Priority: 100\n"


def make(root: Path) -> None:
    """Write the repository into a directory: the releases `stable` and `testing`."""
    words = ["dpkg", "--print-architecture"]
    native = subprocess.check_output(words, text=True).strip()
    for release, packages in PACKAGES.items():
        pool = root / "pool" / release
        pool.mkdir(parents=True)
        listed = "".join(_build(root, pool, dict(package), native) for package in packages)
        folder = root / "dists" / release
        for name, text in ((f"binary-{native}/Packages", listed), ("source/Sources", SOURCE)):
            path = folder / "main" / name
            path.parent.mkdir(parents=True)
            path.write_text(text)
        (folder / "Release").write_text(_release(release, folder, native))


def use(root: Path, machine: Path = Path("/")) -> None:
    """Have apt know nothing else than the repository; what was set on the machine is gone.

    No package of the machine counts as installed for others: apt would offer to remove some.
    """
    etc = machine / "etc/apt"
    for name in ("apt.conf.d", "preferences.d", "sources.list.d"):
        for path in (etc / name).iterdir():
            path.unlink()
    line = f"[trusted=yes] file:{root}"
    lines = f"deb {line} stable main\ndeb {line} testing main\ndeb-src {line} stable main\n"
    (etc / "sources.list").write_text(lines)
    (etc / "apt.conf.d" / "99local").write_text('APT::Sandbox::User "root";\n')
    (etc / "preferences.d" / "testing").write_text(PREFERENCES)
    (machine / "var/lib/apt/extended_states").write_text("")


def _build(root: Path, pool: Path, package: dict[str, str], native: str) -> str:
    """Make one archive; return its paragraph of the list."""
    conffile, postinst = package.pop("conffile", None), package.pop("postinst", None)
    if package.setdefault("Architecture", "all") == "native":
        package["Architecture"] = native
    package |= {"Maintainer": "a@example.org", "Description": "a test"}
    name = "{Package}_{Version}_{Architecture}".format_map(package)
    control = root / "build" / name / "DEBIAN"
    control.mkdir(parents=True)
    fields = "".join(f"{key}: {value}\n" for key, value in package.items())
    (control / "control").write_text(fields)
    if conffile:
        path = control.parent / conffile.lstrip("/")
        path.parent.mkdir()
        path.write_text(package["Version"] + "\n")
        (control / "conffiles").write_text(conffile + "\n")
    if postinst:
        (control / "postinst").write_text(postinst)
        (control / "postinst").chmod(0o755)
    deb = pool / f"{name}.deb"
    subprocess.check_call(
        ["dpkg-deb", "-Znone", "-b", str(control.parent), str(deb)], stdout=subprocess.DEVNULL
    )
    content = deb.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    where = f"Filename: {deb.relative_to(root)}\nSize: {len(content)}\nSHA256: {digest}\n"
    return fields + where + "\n"


def _release(name: str, folder: Path, native: str) -> str:
    lines = [f"Origin: local\nSuite: {name}\nCodename: {name}\nArchitectures: {native}"]
    lines.append("Components: main\nDate: Thu, 01 Jan 2026 00:00:00 UTC\nSHA256:")
    for path in sorted(one for one in folder.rglob("*") if one.is_file()):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        lines.append(f" {digest} {path.stat().st_size} {path.relative_to(folder)}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    make(Path(sys.argv[1]))
    use(Path(sys.argv[1]))
