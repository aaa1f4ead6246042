"""`yum_repository`: a section of a `.repo` file, in the form in which Ansible writes it.

A section that changes is made anew, at the end, its options in the order of the alphabet; comments
do not survive. The diff shows the sections in order, without passwords.
"""

import configparser
import io
import os

from understudy.connections import target_files as files
from understudy.modules.shared import addresses

OPTIONS = (
    "async bandwidth baseurl cost countme deltarpm_metadata_percentage deltarpm_percentage enabled"
    " enablegroups exclude failovermethod gpgcakey gpgcheck gpgkey http_caching include includepkgs"
    " ip_resolve keepalive keepcache metadata_expire metadata_expire_filter metalink mirrorlist"
    " mirrorlist_expire module_hotfixes name password priority protect proxy proxy_password"
    " proxy_username repo_gpgcheck retries s3_enabled skip_if_unavailable"
    " ssl_check_cert_permissions sslcacert sslclientcert sslclientkey sslverify throttle timeout"
    " ui_repoid_vars username"
).split()
IN_ONE_LINE = ("exclude", "includepkgs")
SECRET = ("password", "proxy_password")
HIDDEN = "********"


def run(args, target):
    """Add, change or remove a repository."""
    file = RepoFile(args, target)
    before = file.text(HIDDEN)
    was = file.text()
    file.remove() if args.get("state") == "absent" else file.put()
    changed = file.text() != was
    if changed and not target.check_mode:
        file.write()
    if os.path.exists(file.path):
        changed = files.apply_attributes(target, file.path, args) or changed
    header = {"before_header": file.path, "after_header": file.path}
    result = {"changed": changed, "repo": args["name"], "state": args.get("state", "present")}
    result["diff"] = dict(header, before=before, after=file.text(HIDDEN))
    return result


class RepoFile:
    """The file, its sections, and the one that is asked for."""

    def __init__(self, args, target):
        self.args = args
        self.target = target
        directory = files.expand(args.get("reposdir") or "/etc/yum.repos.d")
        if not os.path.isdir(directory):
            target.fail("Repo directory '%s' does not exist." % directory)
        self.path = os.path.join(directory, "%s.repo" % (args.get("file") or args["name"]))
        self.parser = configparser.RawConfigParser()
        if os.path.exists(self.path):
            self._read()

    def _read(self):
        try:
            with open(self.path, encoding="utf-8") as file:
                self.parser.read_file(file, source=self.path)
        except (IOError, OSError) as error:
            self._fail(error)

    def put(self):
        """Make the section anew."""
        name = self.args["name"]
        self.parser.remove_section(name)
        self.parser.add_section(name)
        given = dict(self.args, name=self.args.get("description"))
        for option in OPTIONS:
            if given.get(option) is not None:
                self.parser.set(name, option, _written(option, given[option]))

    def remove(self):
        """Take the section out."""
        self.parser.remove_section(self.args["name"])

    def text(self, password=None):
        """Return all sections in order, with this in the place of passwords."""
        lines = []
        for section in sorted(self.parser.sections()):
            lines.append("[%s]" % section)
            for option, value in sorted(self.parser.items(section)):
                shown = password if password and option in SECRET else value
                shown = addresses.hidden(shown) if password else shown
                lines.append("%s = %s" % (option, shown))
            lines.append("")
        return "".join(line + "\n" for line in lines)

    def write(self):
        """Write the file, or remove it if no section is left."""
        try:
            if not self.parser.sections():
                os.remove(os.path.realpath(self.path))
                return
            content = io.StringIO()
            self.parser.write(content)
            unsafe_writes = bool(self.args.get("unsafe_writes"))
            files.write(
                self.target,
                os.path.realpath(self.path),
                content.getvalue().encode(),
                unsafe_writes=unsafe_writes,
                mode=self.args.get("mode"),
            )
        except (IOError, OSError) as error:
            self._fail(error)

    def _fail(self, error):
        self.target.fail("Problems handling file '%s'." % self.path, details=str(error))


def _written(option, value):
    """Return a value as the file has it."""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, list):
        return (" " if option in IN_ONE_LINE else "\n").join(value)
    return str(value)
