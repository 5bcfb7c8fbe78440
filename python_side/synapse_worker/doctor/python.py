"""Which Pythons are on this machine, and why each can or cannot be used."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

from ..env.discovery.advice import COMMANDS, SYNAPSE_PYTHON
from ..env.discovery.interpreters import MINIMUM, find_interpreter, survey, table
from ..env.errors import ModuleEnvironmentError
from .finding import Finding, ok

if TYPE_CHECKING:
    from .finding import Findings
    from .request import DoctorRequest


def examine_python(request: DoctorRequest) -> Findings:
    """List what discovery looks at, in its order, with a verdict for each."""
    chosen = request.environ.get(SYNAPSE_PYTHON)
    running = ".".join(map(str, sys.version_info[:3]))
    minimum = ".".join(map(str, MINIMUM))
    yield ok("python.running", f"Python {running} runs this ({sys.executable}).", version=running)
    try:
        rows = survey()
        if chosen:
            find_interpreter(None)
    except ModuleEnvironmentError as problem:  # $SYNAPSE_PYTHON asks for what there is not
        fix = f"unset {SYNAPSE_PYTHON}" if chosen else problem.hint
        yield Finding("python.discovery", "error", problem.message, fix, problem.lines)
        return
    usable = sum(row.is_usable for row in rows)
    details: dict[str, object] = {"candidates": [asdict(row) for row in rows]}
    lines = tuple(table(rows))
    if usable:
        message = f"{usable} of {len(rows)} Pythons that were looked at can be used."
        yield Finding("python.discovery", "ok", message, None, lines, details)
    else:
        message = f"No Python {minimum} or newer was found."
        yield Finding("python.discovery", "error", message, COMMANDS, lines, details)
