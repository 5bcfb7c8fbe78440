"""One row of the table of symptoms: a sentence tools print, and what it stands for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

Groups = dict[str, str]


@dataclass(frozen=True)
class Symptom:
    """A sentence tools print, the code it stands for, our sentence and the advice.

    Message and hint are filled with the pattern's groups, `package` and `python`.
    """

    pattern: re.Pattern[str]
    code: str
    message: str
    hint: str
    # A message of a build says first which package could not be built for which Python.
    is_build: bool = False
    # Whether the same build may succeed next time, where the code does not say it.
    is_passing: bool = False
    applies: Callable[[Groups], bool] = lambda _groups: True
    # Fills {advice} of the hint.
    advice: Callable[[Groups], str] = lambda _groups: ""


def row(pattern: str, code: str, message: str, hint: str) -> Symptom:
    """Return a row whose pattern is found in any letter case."""
    return Symptom(re.compile(pattern, re.IGNORECASE), code, message, hint)
