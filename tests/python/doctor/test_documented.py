"""Every name that a finding can have stands in docs/doctor.md: scripts rely on them."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[3]
MAKERS = {"ok", "info", "warning", "error", "severity", "kind", "Finding", "_Limit", "_from_error"}


def _names(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
            first = node.args[0]
            if node.func.id in MAKERS and isinstance(first, ast.Constant):
                yield str(first.value)


def test_every_name_of_a_finding_is_documented() -> None:
    room = ROOT / "python_side" / "synapse_worker" / "doctor"
    names = {name for path in room.glob("*.py") for name in _names(path.read_text())}
    node = (ROOT / "js/src/node/env/first-aid.ts").read_text()
    names |= set(re.findall(r"id: '([a-z.-]+)'", node))
    assert len(names) > 40, "the makers of findings have been renamed: this test looks for nothing"
    names = {name for name in names if not name.startswith("variables.")}  # they say NAME
    documented = set(re.findall(r"`([a-z.-]+)`", (ROOT / "docs/doctor.md").read_text()))
    assert names - documented == set()
