"""What an examination found, for people and as the JSON document that docs/doctor.md describes."""

from __future__ import annotations

import os
import sys
from collections import Counter
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from synapse_worker.doctor import Finding, Outcome

FORMAT = 1
_SYMBOLS = {"ok": "✓", "info": "·", "warning": "!", "error": "✗"}
_COLOURS = {"ok": "32", "info": "36", "warning": "33", "error": "31"}
_WORD_WIDTH = len("warning")


def examination_json(outcomes: Sequence[Outcome]) -> dict[str, object]:
    """Return the document: stable names, sentences that may change."""
    findings = [
        {"check": outcome.check.name, "group": outcome.check.group, **finding.to_json()}
        for outcome in outcomes
        for finding in outcome.findings
    ]
    counts = Counter(str(finding["severity"]) for finding in findings)
    return {
        "format": FORMAT,
        "ok": counts["error"] == 0,
        "counts": {severity: counts[severity] for severity in _SYMBOLS},
        "findings": findings,
    }


def examination_text(outcomes: Sequence[Outcome]) -> str:
    """Lay the findings out below the headings of their groups, and say at the end what they amount to."""
    in_terminal = sys.stdout.isatty()
    in_colour = in_terminal and not os.environ.get("NO_COLOR")
    lines: list[str] = []
    for group, members in groupby(outcomes, key=lambda outcome: outcome.check.group):
        lines += ["", group] if lines else [group]
        for outcome in members:
            for finding in outcome.findings:
                lines += _finding_lines(finding, in_terminal, in_colour)
    counts = Counter[str](finding.severity for outcome in outcomes for finding in outcome.findings)
    return "\n".join([*lines, "", _summary(counts)])


def _finding_lines(finding: Finding, in_terminal: bool, in_colour: bool) -> list[str]:
    severity = finding.severity
    label = _SYMBOLS[severity] if in_terminal else f"{severity:<{_WORD_WIDTH}}"
    indent = " " * (len(label) + 3)
    if in_colour:
        label = f"\x1b[{_COLOURS[severity]}m{label}\x1b[0m"
    lines = [f"  {label} {finding.message}"]
    lines += [f"{indent}  {line}" for line in finding.lines]
    if finding.fix and severity != "ok":
        lines.append(f"{indent}→ {finding.fix}" if in_terminal else f"{indent}fix: {finding.fix}")
    return lines


def _summary(counts: Counter[str]) -> str:
    if not counts["error"] and not counts["warning"]:
        return "Nothing is wrong."
    parts = [
        f"{counts[severity]} {severity}{'' if counts[severity] == 1 else 's'}"
        for severity in ("error", "warning")
        if counts[severity]
    ]
    return f"{' and '.join(parts)}."
