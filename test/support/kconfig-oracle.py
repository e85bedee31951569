"""What kconfiglib makes of Kconfig files and a .config: a JSON list of cases comes in, a list of answers goes out."""
import json
import os
import sys
import tempfile

import kconfiglib


def answer(case):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in case["files"].items():
            path = os.path.join(folder, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
        os.environ["srctree"] = folder
        kconfig = kconfiglib.Kconfig("Kconfig", warn=False)
        config = os.path.join(folder, ".config")
        with open(config, "w", encoding="utf-8") as file:
            file.write(case["config"])
        kconfig.load_config(config)
        return {
            symbol.name: {
                "value": symbol.str_value,
                "visibility": symbol.visibility,
                "asked": any(node.prompt for node in symbol.nodes),
            }
            for symbol in kconfig.unique_defined_syms
        }


json.dump([answer(case) for case in json.load(sys.stdin)], sys.stdout)
