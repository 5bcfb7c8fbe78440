"""Learns from pip's own log what it keeps to itself: why an index did not answer.

At every index that refuses it (401, 403, 5xx) pip goes on silently, and at last claims that no such
package exists. Its log file has the truth. But pip with a log file keeps the output of a package's
build out of what it says; so only a run that found nothing is repeated with one.
"""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from ..redaction import redact
from .toolrun import ToolError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from .toolrun import LineSink, ToolRunner

# An index gave no version at all, and nothing says why.
_NOTHING_FOUND = "(from versions: none)"
_EXPLAINED = ("Retrying (Retry", "Ignored the following", "Credentials not correct", "--no-index")
_REFUSED = "Could not fetch URL "
# That a package is on one index of several and not on the others is no refusal.
_MISSING = ": 404 Client Error"
_MOST_LINES = 5


def run_pip(
    runner: ToolRunner,
    title: str,
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    on_line: LineSink,
) -> None:
    """Run pip or pip-compile; its failure tells which index refused to answer, and how.

    Raises:
        ToolError: it could not start or ended with a status other than zero.
    """
    try:
        runner.run(title, command, env=env, on_line=on_line)
    except ToolError as failed:
        if not _is_unexplained(failed):
            raise
        with tempfile.TemporaryDirectory(prefix="synapse-pip-", dir=runner.temporary) as folder:
            log = Path(folder) / "pip.log"
            try:
                runner.run(title, command, env={**env, "PIP_LOG": str(log)}, on_line=on_line)
            except ToolError as again:
                lines = (*again.lines, *_refusals(log))
                raise ToolError(title, again.status, lines, python=again.python) from again


def _is_unexplained(failed: ToolError) -> bool:
    text = "\n".join(failed.lines)
    return _NOTHING_FOUND in text and not any(words in text for words in _EXPLAINED)


def _refusals(log: Path) -> list[str]:
    found: dict[str, None] = {}
    with contextlib.suppress(OSError), log.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            _, refused, text = line.partition(_REFUSED)
            if refused and _MISSING not in text:
                found[redact(refused + text).strip()] = None
    return list(found)[:_MOST_LINES]
