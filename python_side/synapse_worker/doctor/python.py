"""Which Pythons are on this machine, and why each can or cannot be used."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from ..env.discovery.interpreters import MINIMUM, survey
from .finding import Finding, error, ok

if TYPE_CHECKING:
    from .finding import Findings
    from .request import DoctorRequest

_FIX = (
    "uv python install 3.12    (or: sudo apt install python3, brew install python@3.12, "
    "pyenv install 3.12)"
)


def examine_python(request: DoctorRequest) -> Findings:
    """List what discovery looks at, in its order, with a verdict for each."""
    del request
    running = ".".join(map(str, sys.version_info[:3]))
    minimum = ".".join(map(str, MINIMUM))
    yield ok("python.running", f"Python {running} runs this ({sys.executable}).", version=running)
    rows = _survey()
    usable = [row for row in rows if row["reason"] is None]
    table = _table(rows)
    if usable:
        message = f"{len(usable)} of {len(rows)} Pythons that were looked at can be used."
        yield Finding("python.discovery", "ok", message, None, table, {"candidates": rows})
    else:
        found = error("python.discovery", f"No Python {minimum} or newer was found.", _FIX)
        yield Finding(found.id, "error", found.message, found.fix, table, {"candidates": rows})


def _survey() -> list[dict[str, str | None]]:
    return [
        {"origin": row.origin, "path": str(row.path), "version": row.version, "reason": row.reason}
        for row in survey()
    ]


def _table(rows: list[dict[str, str | None]]) -> tuple[str, ...]:
    """Lay the rows out in columns: version, path, origin, verdict."""
    cells = [
        (
            row["version"] or "-",
            row["path"] or "",
            row["origin"] or "",
            row["reason"] or "can be used",
        )
        for row in rows
    ]
    widths = [max(len(row[column]) for row in cells) for column in range(3)]
    return tuple(
        "  ".join([*(text.ljust(width) for text, width in zip(row, widths, strict=False)), row[3]])
        for row in cells
    )
