"""Local facts: what the administrator of the target has put into `/etc/ansible/facts.d`."""

import configparser
import json
import os

from understudy.connections import target_files as files


def collect(host):
    """Return every local fact under the name of its file."""
    directory = files.expand(host.args.get("fact_path") or "/etc/ansible/facts.d")
    facts = {}
    for name in sorted(os.listdir(directory)) if os.path.isdir(directory) else ():
        if name.endswith(".fact"):
            facts[name[: -len(".fact")]] = _read_fact(host, os.path.join(directory, name))
    return {"local": facts}


def _read_fact(host, path):
    """Return the value of one file: an executable's output, or the content of another."""
    try:
        _check_there(path)
        text = _output_of(host, path) if os.access(path, os.X_OK) else _content_of(path)
        return _parse(text, path)
    except FactError as problem:
        host.target.warn(str(problem))
        return str(problem)


class FactError(Exception):
    """A local fact cannot be had; the message takes its place."""


def _check_there(path):
    try:
        os.stat(path)
    except OSError as error:
        raise FactError("Could not stat fact (%s): %s" % (path, error)) from error


def _output_of(host, path):
    try:
        ran = host.target.command([path])
    except OSError as error:
        raise FactError("Could not execute fact script (%s): %s" % (path, error)) from error
    if ran.rc != 0:
        problem = "Failure executing fact script (%s), rc: %s, err: %s"
        raise FactError(problem % (path, ran.rc, ran.stderr))
    return ran.stdout


def _content_of(path):
    try:
        with open(path, "rb") as file:
            return file.read().decode("utf-8", "replace")
    except OSError as error:
        raise FactError("Failed to read the facts file (%s): %s" % (path, error)) from error


def _parse(text, path):
    """Read a text as JSON, else as INI."""
    try:
        return json.loads(text)
    except ValueError:
        pass
    parser = configparser.ConfigParser()
    try:
        parser.read_string(text)
    except configparser.Error:
        problem = "error loading facts as JSON or ini - please check content: %s"
        raise FactError(problem % path) from None
    try:
        return {section: dict(parser.items(section)) for section in parser.sections()}
    except configparser.Error as error:  # a `%` that stands for nothing
        problem = "error loading facts as ini - please check content: %s (%s)"
        raise FactError(problem % (path, error)) from None
