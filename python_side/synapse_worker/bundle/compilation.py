"""Compiles a bundle's Python so that it starts fast wherever it is copied, and read-only too.

Compiled files usually hold the time of their source, which a copy changes: every start would compile
everything anew, and could not keep it on a read-only file system. These hold a hash of the source. Those of
packages are not even compared with it; those of the module are, so an edited file is never ignored.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from synapse_worker.env.tools.tool_settings import tool_environment
from synapse_worker.env.wheel import DISTRIBUTION as OURS

if TYPE_CHECKING:
    from pathlib import Path

    from synapse_worker.env import ToolRunner

# One process, in order, with fixed hashes: equal sources give equal bytes.
_COMPILE = """
import sys
del sys.path[0]  # the current folder: a json.py of the module's is none of ours
import json, os, py_compile
checked = py_compile.PycInvalidationMode.CHECKED_HASH
unchecked = py_compile.PycInvalidationMode.UNCHECKED_HASH
os.chdir(sys.argv[1])
with open(sys.argv[2], encoding="utf-8") as file:
    names = json.load(file)
for name in names:
    mode = unchecked if name.startswith(".venv/") else checked
    try:
        py_compile.compile(name, dfile=name, doraise=True, quiet=2, invalidation_mode=mode)
    except Exception:
        pass
for site_packages in sys.argv[3:]:
    sys.path.insert(0, site_packages)
    from synapse_worker.start_image_writer import write
    write(os.path.join(site_packages, "synapse_worker"), portable=True)
"""


def compile_bundle(bundle: Path, python: Path, runner: ToolRunner) -> None:
    """Compile every source file of a bundle with its own interpreter; those that cannot be stay sources."""
    listing = bundle / ".synapse-compile.json"
    names = sorted(path.relative_to(bundle).as_posix() for path in bundle.rglob("*.py"))
    names = [name for name in names if (bundle / name).is_file()]
    listing.write_text(json.dumps(names), encoding="utf-8")
    environment = {**tool_environment(), "PYTHONHASHSEED": "0"}
    for name in ("PYTHONPATH", "PYTHONPYCACHEPREFIX", "PYTHONOPTIMIZE", "PYTHONHOME"):
        environment.pop(name, None)
    ours = [str(path.parent) for path in bundle.glob(f".venv/lib/python*/site-packages/{OURS}")]
    command = [str(python), "-s", "-S", "-B", "-c", _COMPILE, str(bundle), str(listing), *ours]
    try:
        runner.run("Compiling", command, env=environment, report="failed")
    finally:
        listing.unlink(missing_ok=True)
