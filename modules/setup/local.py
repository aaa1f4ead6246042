"""Local facts: what the administrator of the target has put into `/etc/ansible/facts.d`."""

import configparser
import json
import os

from understudy.connections import target_files as files


def collect(host):
    directory = files.expand(host.args.get("fact_path") or "/etc/ansible/facts.d")
    facts = {}
    for name in sorted(os.listdir(directory)) if os.path.isdir(directory) else ():
        if name.endswith(".fact"):
            facts[name[: -len(".fact")]] = read_fact(host, os.path.join(directory, name))
    return {"local": facts}


def read_fact(host, path):
    """Return the value of one file: an executable's output, or the content of another."""
    try:
        text = output_of(host, path) if os.access(path, os.X_OK) else content_of(path)
        return parse(text, path)
    except Unreadable as problem:
        host.target.warn(str(problem))
        return str(problem)


class Unreadable(Exception):
    """A local fact cannot be had; the message takes its place."""


def output_of(host, path):
    try:
        ran = host.target.command([path])
    except OSError as error:
        raise Unreadable("Could not execute fact script (%s): %s" % (path, error))
    if ran.rc != 0:
        problem = "Failure executing fact script (%s), rc: %s, err: %s"
        raise Unreadable(problem % (path, ran.rc, ran.stderr))
    return ran.stdout


def content_of(path):
    try:
        with open(path, "rb") as file:
            return file.read().decode("utf-8", "replace")
    except OSError as error:
        raise Unreadable("Failed to read the facts file (%s): %s" % (path, error))


def parse(text, path):
    """Read a text as JSON, else as INI."""
    try:
        return json.loads(text)
    except ValueError:
        pass
    parser = configparser.RawConfigParser()
    try:
        parser.read_string(text)
    except configparser.Error:
        raise Unreadable("error loading facts as JSON or ini - please check content: %s" % path)
    return {section: dict(parser.items(section)) for section in parser.sections()}
