"""Asks another program one short question, without a terminal and never for long."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ANSWER_TIMEOUT_S = 4.0


@dataclass(frozen=True)
class Answer:
    """What a program said; `problem` is why it said nothing."""

    text: str = ""
    problem: str | None = None


def ask(
    command: Sequence[str],
    *,
    environ: Mapping[str, str] | None = None,
    timeout_s: float = ANSWER_TIMEOUT_S,
) -> Answer:
    """Run a command and return what it printed."""
    try:
        done = subprocess.run(
            command,
            env=environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Answer(problem=f"does not answer within {timeout_s:.0f} s")
    except OSError as problem:
        return Answer(problem=f"does not start ({problem.strerror})")
    if done.returncode != 0:
        said = done.stderr.strip().splitlines()
        return Answer(problem=said[-1] if said else f"ends with status {done.returncode}")
    return Answer(done.stdout.strip())
