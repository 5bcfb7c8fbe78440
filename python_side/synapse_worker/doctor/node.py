"""Is there a Node that can call?"""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

from .commands import ask
from .finding import error, ok

if TYPE_CHECKING:
    from .finding import Findings
    from .request import DoctorRequest

OLDEST_NODE = 20
_INSTALL = (
    "Install Node 20 or newer: https://nodejs.org/en/download, `nvm install 22`, or the system's "
    "package manager (macOS: `brew install node`)."
)


def examine_node(request: DoctorRequest) -> Findings:
    """Check the Node that started us, or the one on PATH."""
    if request.node is not None:
        path, version = request.node.path, request.node.version
    else:
        found = shutil.which("node", path=request.environ.get("PATH"))
        if found is None:
            yield error(
                "node.missing",
                "There is no Node on PATH: no TypeScript can call a module from here.",
                _INSTALL,
            )
            return
        answer = ask([found, "--version"], environ=request.environ)
        if answer.problem is not None:
            yield error("node.broken", f'"{found}" {answer.problem}.', _INSTALL, path=found)
            return
        path, version = found, answer.text
    version = version.removeprefix("v")
    major = re.match(r"\d+", version)
    if major is None or int(major[0]) < OLDEST_NODE:
        yield error(
            "node.version",
            f"Node {version or 'of an unknown version'} ({path}) is too old: Synapse needs {OLDEST_NODE} or newer.",
            _INSTALL,
            path=path,
            version=version,
        )
        return
    yield ok("node.version", f"Node {version} ({path}).", path=path, version=version)
