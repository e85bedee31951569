"""Answers for many calls of ansible and ansible-inventory out of one Python: importing Ansible costs more than a call.

Standard input: a JSON list of {"program", "arguments", "directory"}. Standard output: a JSON list of
{"status", "stdout", "stderr"}. Each call runs in a fork of its own, so that no state passes from one to the next.
"""
import json
import os
import sys
import tempfile
import traceback

from ansible.cli.adhoc import AdHocCLI
from ansible.cli.inventory import InventoryCLI

PROGRAMS = {"ansible": AdHocCLI, "ansible-inventory": InventoryCLI}


def run(call, out, err):
    os.dup2(out.fileno(), 1)
    os.dup2(err.fileno(), 2)
    os.chdir(call["directory"])
    sys.argv = [call["program"], *call["arguments"]]
    status = 1
    try:
        status = PROGRAMS[call["program"]](sys.argv).run()
    except SystemExit as end:
        status = end.code
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status or 0)


def answer(call):
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if child == 0:
            run(call, out, err)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        out.seek(0)
        err.seek(0)
        return {"status": status, "stdout": out.read().decode(), "stderr": err.read().decode()}


json.dump([answer(call) for call in json.load(sys.stdin)], sys.stdout)
