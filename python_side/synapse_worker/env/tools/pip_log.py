"""Learns from pip's own log what it keeps to itself: why an index did not answer.

At every index that refuses it (401, 403, 404, 5xx) pip goes on silently, and at last claims that no
such package exists. Its log file has the truth; of a failed run we add those lines to what it said.
"""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from .redaction import redact
from .toolrun import ToolError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_REFUSED = "Could not fetch URL "
# That a package is on one index of several and not on the others is no refusal.
_MISSING = ": 404 Client Error"
_MOST_LINES = 5


@contextlib.contextmanager
def refusals_told(environment: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Yield the environment for one run of pip or pip-compile.

    Raises:
        ToolError: the one that the run raised, with the refusals of the indexes at its end.
    """
    with tempfile.TemporaryDirectory(prefix="synapse-pip-") as folder:
        log = Path(folder) / "pip.log"
        try:
            yield {**environment, "PIP_LOG": str(log)}
        except ToolError as failed:
            refusals = _refusals(log)
            if not refusals:
                raise
            raise ToolError(
                failed.title, failed.status, (*failed.lines, *refusals), python=failed.python
            ) from failed


def _refusals(log: Path) -> list[str]:
    found: dict[str, None] = {}
    with contextlib.suppress(OSError), log.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            _, refused, text = line.partition(_REFUSED)
            if refused and _MISSING not in text:
                found[redact(refused + text).strip()] = None
    return list(found)[:_MOST_LINES]
