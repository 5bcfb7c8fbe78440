"""What the tools really said: `outputs/TOOL.txt`, one heading a case.

pip 26.3, pip-tools 7.6.2, virtualenv 21.15 and uv 0.13.8 printed it on Linux, each in the situation
that its heading names; folders are renamed, long compiler commands and tracebacks shortened. Where
pip keeps a refusal to itself, the line of its log that we add stands at the end: seen for 401,
written after it for 403 and 503. The compilers that are killed are scripts that do and say so.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

OUTPUTS = Path(__file__).with_name("outputs")


@pytest.fixture(scope="session")
def output_of() -> Callable[[str, str], list[str]]:
    """Return a function that gives a tool's lines in one case."""

    def read(tool: str, case: str) -> list[str]:
        text = "\n" + (OUTPUTS / f"{tool}.txt").read_text(encoding="utf-8")
        cases = dict(block.split("\n", 1) for block in text.split("\n### ")[1:])
        return [line for line in cases[case].splitlines() if line.strip()]

    return read
