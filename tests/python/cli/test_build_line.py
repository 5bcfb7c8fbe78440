"""One line of a terminal for a running build: the same lines as in Node, at every width."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from synapse_worker.cli.build_line import BuildLine, cells, duration, size

VECTORS = Path(__file__).parents[2] / "vectors" / "build_lines.json"
CASES = json.loads(VECTORS.read_text(encoding="utf-8"))


def line_of(case: dict[str, Any], *, ascii_only: bool = False) -> BuildLine:
    line = BuildLine(case["module"], ascii_only=ascii_only)
    for event in case["events"]:
        line.take(event)
    return line


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_events_make_the_line_of_the_vector(case: dict[str, Any]) -> None:
    text = line_of(case).text(case["width"], case["turn"], case["elapsed_ms"] / 1000)
    assert text == case["line"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["title"])
def test_no_line_ever_reaches_the_last_column(case: dict[str, Any]) -> None:
    for ascii_only in (False, True):
        line = line_of(case, ascii_only=ascii_only)
        for width in range(1, 130):
            text = line.text(width, case["turn"], case["elapsed_ms"] / 1000)
            assert cells(text) < width


def test_where_only_ascii_can_be_shown_all_of_ours_is_ascii() -> None:
    for case in CASES:
        if case["module"].isascii() and "message" in str(case["events"]):
            ours = line_of(case, ascii_only=True).text(100, 1, 1.0)
            names = "".join(str(event.get("message", "")) for event in case["events"])
            assert ours.isascii() or not names.isascii()


def test_durations_and_sizes_are_short() -> None:
    assert [duration(s) for s in (0, 59.9, 60, 3725)] == [
        "0.0 s",
        "59.9 s",
        "1 min 0 s",
        "62 min 5 s",
    ]
    assert size(0, 999_999) == "0 of 1000 kB"
    assert size(500_000, 1_000_000) == "0.5 of 1.0 MB"
