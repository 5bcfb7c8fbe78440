"""User code may start processes of each kind that `multiprocessing` has: they import what the worker did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

# `control` is also the name of a file of ours beside the one that starts workers.
SOURCE = """
import multiprocessing, sys
import control
from synapse_worker import Module
app = Module()

def seen_by_a_child(_): return [__name__, control.OURS, *sys.path]

@app.method
def seen(manner):
    with multiprocessing.get_context(manner).Pool(1) as pool:
        ((name, ours, *path),) = pool.map_async(seen_by_a_child, [None]).get(timeout=60)
    return [name, ours, path == sys.path]
"""


@pytest.mark.parametrize("manner", ["fork", "spawn", "forkserver"])
def test_a_process_of_a_pool_sees_what_the_worker_sees(
    start: Callable[..., Any], tmp_path: Any, manner: str
) -> None:
    (tmp_path / "control.py").write_text("OURS = False", encoding="utf-8")
    worker = start(SOURCE).worker
    assert worker.call("seen", [manner]) == ["main", False, True]
    # Whoever kills it leaves the folder in which `multiprocessing` has its sockets.
    worker.close()
