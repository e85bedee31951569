"""Answers of the Python functions that Ansible reads inventories with, many in one run.

Standard input: a JSON list of {"function", "input"}. Standard output: a JSON list of {"value"} or {"error"}.
"""
import ast
import fnmatch
import json
import re
import shlex
import sys
import warnings

import yaml
from ansible.errors import AnsibleError
from ansible.parsing.utils.addresses import parse_address
from ansible.plugins.inventory import expand_hostname_range

warnings.simplefilter("ignore")


class Unprintable(Exception):
    pass


def plain(value):
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {str(key) if not isinstance(key, (bool, type(None))) else json.dumps(key): plain(item) for key, item in value.items()}
    if isinstance(value, (str, int, float, bool, type(None))):
        return value
    if hasattr(value, "isoformat"):
        return value.isoformat()
    raise Unprintable(type(value).__name__)


def literal(text):
    try:
        return plain(ast.literal_eval(text))
    except (ValueError, SyntaxError):
        return text


def hosts(text):
    try:
        name, port = parse_address(text, allow_ranges=True)
    except AnsibleError:
        name, port = text, None
    return {"hosts": expand_hostname_range(name) if "[" in name else [name], "port": port}


def address(text):
    try:
        return list(parse_address(text, allow_ranges=True))
    except AnsibleError:
        return None


FUNCTIONS = {
    "literal": literal,
    "words": lambda text: shlex.split(text, comments=True),
    "glob": lambda pair: re.match(fnmatch.translate(pair[0]), pair[1]) is not None,
    "yaml": lambda text: plain(yaml.safe_load(text)),
    "hosts": hosts,
    "address": address,
}


def answer(call):
    try:
        value = FUNCTIONS[call["function"]](call["input"])
        json.dumps(value, allow_nan=False)
        return {"value": value}
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


json.dump([answer(call) for call in json.load(sys.stdin)], sys.stdout)
