"""Whether an environment is ready, as `tests/vectors/markers.json` has it: Node starts what we call ready."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from synapse_worker.env.expectation import Expectation
from synapse_worker.env.marker import RuntimeIdentity
from synapse_worker.env.status import environment_status

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "markers.json").read_text("utf-8"))


def change(module: Path, name: str, content: str | None) -> None:
    """Write a file, a folder (`name/`) or a link (`-> target`), or remove what is there."""
    path = module / name
    if path.is_dir() and content is None:
        shutil.rmtree(path)
        return
    path.unlink(missing_ok=True)
    if content is None:
        return
    content = content.replace("{module}", str(module))
    path.parent.mkdir(parents=True, exist_ok=True)
    if name.endswith("/"):
        path.mkdir()
    elif content.startswith("-> "):
        path.symlink_to(content.removeprefix("-> "))
    else:
        path.write_text(content, encoding="utf-8")


def marker_of(case: dict[str, Any], module: Path) -> str:
    marker = {**VECTORS["marker"], **(VECTORS["carried"] if case.get("carried") else {})}
    for name, value in case.get("marker", {}).items():
        outer, _, inner = name.partition(".")
        marker[outer] = {**marker[outer], inner: value} if inner else value
    return json.dumps(marker).replace("{module}", str(module))


@pytest.mark.parametrize("case", VECTORS["cases"], ids=lambda case: str(case["title"]))
def test_both_wings_call_the_same_environments_ready(case: dict[str, Any], tmp_path: Path) -> None:
    for name, content in VECTORS["files"].items():
        change(tmp_path, name, content)
    os.utime(tmp_path / "base", (VECTORS["base_mtime_s"], VECTORS["base_mtime_s"]))
    change(tmp_path, ".venv/synapse.json", marker_of(case, tmp_path))
    for name, content in case.get("change", {}).items():
        change(tmp_path, name, content)
    asked = {**VECTORS["expected"], **case.get("expected", {})}
    expected = Expectation(
        tmp_path,
        RuntimeIdentity("0.1.0", asked["runtime"]),
        asked["python"],
        asked["dialect"],
        share=asked["share"],
    )
    assert sorted(environment_status(expected).aspects) == case["findings"]
