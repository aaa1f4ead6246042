"""`iptables`: a rule, a chain or a policy of the packet filter is there, or is not there.

The program itself is asked whether a rule is there (`-C`). The options of a rule have Ansible's
order, which `rule` in the result tells: some of them only have a meaning after others.
"""

import re

from understudy.modules.shared import required_program

PROGRAMS = {"ipv4": ("iptables",), "ipv6": ("ip6tables",), "both": ("iptables", "ip6tables")}
WAITS_SINCE = (1, 6, 0)
LOGGING = "Logging options can only be used with the LOG jump target."


def run(args, target):
    """Bring each of the programs that are meant to what is asked for."""
    args = dict(args)
    _complete(args, target)
    result = {key: args.get(key) for key in ("chain", "chain_management", "flush", "ip_version")}
    result.update(state=args["state"], table=args["table"], wait=args.get("wait"), changed=False)
    programs = PROGRAMS[args["ip_version"]]
    result["rule"] = " ".join(rule(args, programs[0]))
    if args.get("log_prefix") or args.get("log_level"):
        args["jump"] = args.get("jump") or "LOG"
        if args["jump"] != "LOG":
            target.fail(LOGGING)
    for program in programs:
        changed = _Filter(args, target, program).bring()
        result["changed"] = result["changed"] or changed
    return result


def _complete(args, target):
    """Check what belongs together, and let `reject_with` and the marks mean their targets."""
    if args.get("reject_with") and not args.get("jump"):
        args["jump"] = "REJECT"
    flags = args.get("tcp_flags")
    if flags is not None:
        args["tcp_flags"] = [_names(flags.get(key)) for key in ("flags", "flags_set")]
        if not all(args["tcp_flags"]):
            target.fail("tcp_flags needs both flags and flags_set")
    if bool(args.get("match_set")) != bool(args.get("match_set_flags")):
        target.fail("parameters are required together: match_set, match_set_flags")


def _names(value):
    return ",".join(value) if isinstance(value, list) else value


class _Filter:
    """One of the two programs."""

    def __init__(self, args, target, name):
        self.args = args
        self.target = target
        self.path = required_program.require(target, name)
        self.rule = rule(args, name)
        # counters are of the first moment: a rule that is there has others
        self.found_by = rule(dict(args, set_counters=None), name)
        self.wait = self._wait()

    def bring(self):
        """Bring it to what is asked for; tell whether that changes something."""
        args = self.args
        if args.get("flush"):
            return self._do("-F", *([args["chain"]] if args.get("chain") else []))
        if args.get("policy"):
            return self._policy() != args["policy"] and self._do(
                "-P", args["chain"], args["policy"]
            )
        if not self.rule:
            return self._chain()
        is_there = self._ask("-C", args["chain"], *self.found_by).rc == 0
        if is_there == (args["state"] == "present"):
            return False
        if is_there:
            return self._do("-D", args["chain"], *self.found_by)
        return self._add()

    def _add(self):
        args = self.args
        if args.get("chain_management") and not self._has_chain():
            self._do("-N", args["chain"])
        if args.get("action") == "insert":
            number = [args["rule_num"]] if args.get("rule_num") else []
            return self._do("-I", args["chain"], *number, *self.rule)
        return self._do("-A", args["chain"], *self.rule)

    def _chain(self):
        """Make or remove the chain itself, which needs `chain_management`."""
        is_there, chain = self._has_chain(), self.args["chain"]
        if is_there == (self.args["state"] == "present"):
            return False
        if self.args.get("chain_management"):
            return self._do("-X" if is_there else "-N", chain)
        return False if is_there else self._do("-A", chain)

    def _has_chain(self):
        return self._ask("-S", self.args["chain"]).rc == 0

    def _policy(self):
        words = ("-S", self.args["chain"])
        listed = self._ask(*words)
        if listed.rc:
            self._fail(listed, words)
        found = re.search(r"^-P \S+ (\S+)", listed.stdout, re.MULTILINE)
        return found.group(1) if found else self.target.fail("Can't detect current policy")

    def _wait(self):
        """Return how long to wait for the lock, for a program that can."""
        if not self.args.get("wait"):
            return []
        told = self.target.command([self.path, "--version"]).stdout
        version = tuple(int(part) for part in re.findall(r"\d+", told)[:3])
        return ["-w", self.args["wait"]] if version >= WAITS_SINCE else []

    def _words(self, words):
        return [self.path, "-t", self.args["table"], *self.wait, *words]

    def _ask(self, *words):
        return self.target.command(self._words(words), environment={"LC_ALL": "C"})

    def _do(self, *words):
        """Change something, but for check mode; return True."""
        if not self.target.check_mode:
            done = self._ask(*words)
            if done.rc:
                self._fail(done, words)
        return True

    def _fail(self, done, words):
        import shlex  # only a failure tells its command

        command = " ".join(shlex.quote(word) for word in self._words(words))
        said = {"rc": done.rc, "stdout": done.stdout, "stderr": done.stderr}
        self.target.fail(done.stderr.rstrip(), cmd=command, **said)


def rule(args, program):
    """Return the options that describe the rule."""
    words = []
    for key, option in (("protocol", "-p"), ("source", "-s"), ("destination", "-d")):
        words += _plain(args, key, option)
    for name in args.get("match") or []:
        words += ["-m", name]
    if args.get("tcp_flags"):
        words += ["--tcp-flags", *args["tcp_flags"]]
    return words + _what_to_do(args) + _where(args) + _which(args) + _more(args, program)


def _plain(args, key, option):
    """Return an option with its value, which a leading `!` turns round."""
    value = args.get(key)
    if not value:
        return []
    if value.startswith("!"):
        return ["!", option, value[1:].strip()]
    return [option, value]


def _what_to_do(args):
    words = _plain(args, "jump", "-j")
    if args.get("jump") == "TEE":
        words += _plain(args, "gateway", "--gateway")
    for key in ("log_prefix", "log_level", "to_destination"):
        if args.get(key):
            words += ["--" + key.replace("_", "-"), args[key]]
    if args.get("destination_ports"):
        words += ["-m", "multiport", "--dports", ",".join(args["destination_ports"])]
    return words + _plain(args, "to_source", "--to-source") + _plain(args, "goto", "-g")


def _where(args):
    words = _plain(args, "in_interface", "-i") + _plain(args, "out_interface", "-o")
    if args.get("fragment"):
        words += ["!"] * args["fragment"].startswith("!") + ["-f"]
    if args.get("set_counters"):
        words += ["-c", *re.split(r"[\s,]+", args["set_counters"].strip())]
    for key in ("source_port", "destination_port", "to_ports"):
        words += _plain(args, key, "--" + key.replace("_", "-"))
    for key, option in (
        ("set_dscp_mark", "--set-dscp"),
        ("set_dscp_mark_class", "--set-dscp-class"),
    ):
        if args.get(key):
            words += [option, args[key]] + ["-j", "DSCP"] * (args.get("jump") != "DSCP")
    return words


def _which(args):
    """Return what connections, addresses and owners it is for, each with its extension."""
    words = {"match": ["--syn"], "negate": ["!", "--syn"]}.get(args.get("syn"), [])
    loaded = args.get("match") or []
    if args.get("ctstate"):
        state = ",".join(args["ctstate"])
        if "state" in loaded and "conntrack" not in loaded:
            words += ["--state", state]
        else:
            words += ["-m", "conntrack"] * ("conntrack" not in loaded) + ["--ctstate", state]
    ranges = _plain(args, "src_range", "--src-range") + _plain(args, "dst_range", "--dst-range")
    if ranges:
        words += ["-m", "iprange"] * ("iprange" not in loaded) + ranges
    if args.get("match_set"):
        words += ["-m", "set"] * ("set" not in loaded) + _plain(args, "match_set", "--match-set")
        words.append(args["match_set_flags"])
    limits = _plain(args, "limit", "--limit") + _plain(args, "limit_burst", "--limit-burst")
    if limits:
        words += ["-m", "limit", *limits]
    for key in ("uid_owner", "gid_owner"):
        if args.get(key):
            words += ["-m", "owner", *_plain(args, key, "--" + key.replace("_", "-"))]
    return words


def _more(args, program):
    icmp = "--icmp-type" if program == "iptables" else "--icmpv6-type"
    words = _plain(args, "reject_with", "--reject-with") + _plain(args, "icmp_type", icmp)
    if args.get("comment"):
        words += ["-m", "comment", "--comment", args["comment"]]
    return words
