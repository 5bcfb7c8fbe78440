"""Which dialect an entrypoint speaks: from its source, or else from what it does when it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from synapse_worker.protocol.errors import SynapseError
from synapse_worker.worker.dialect import DialectUndecidedError, decide_dialect

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.mark.parametrize(
    ("source", "dialect"),
    [
        ("import sys\n", "raw"),
        ("not python at all (", "raw"),
        ("from synapse_worker import Module\n", "native"),
        ("import synapse_worker\n", "native"),
        ("import os, synapse_worker as s\n", "native"),
        ("from synapse_worker.worker.module import Module\n", "native"),
        ("if True:\n    from synapse_worker import Module\n", "native"),
        ("# not from synapse_worker\nimport sys\nsys.stdin.buffer.read(4)\n", "raw"),
        ("'import synapse_worker'\nfrom sys import stdin\nstdin.buffer.read(4)\n", "raw"),
    ],
)
def test_the_source_tells_without_being_run(source: str, dialect: str) -> None:
    assert decide_dialect(source.encode(), "main.py") == dialect


@pytest.mark.parametrize(
    "source",
    [
        "# synapse_worker\n",
        "from .synapse_worker import x\n",
        "from synapse_worker_tools import x\n",
    ],
)
def test_a_source_without_evidence_is_undecided(source: str) -> None:
    with pytest.raises(DialectUndecidedError, match="dialect"):
        decide_dialect(source.encode(), "main.py")


HIDDEN = """
import importlib, pathlib
with pathlib.Path(__file__).with_name("runs.txt").open("a") as runs: runs.write("run ")
print("while it is undecided")
library = importlib.import_module("synapse" + "_worker")  # synapse_worker
app = library.Module()
@app.method
def ping(): return [__name__, open(__file__).readline()]
@app.method
def speak(): print("as a native module")
"""


def test_a_module_made_at_run_time_is_native_and_runs_once(
    start: Callable[..., Any], tmp_path: Path
) -> None:
    run = start(HIDDEN)
    assert run.worker.call("ping") == ["__main__", "\n"]
    run.worker.call("speak")
    assert (tmp_path / "runs.txt").read_text() == "run "
    assert run.logs.wait_for("stdout", "undecided")
    assert run.logs.wait_for("stdout", "as a native")
    run.worker.close()
    assert run.worker.exit_status == 0


def test_a_read_of_the_channel_at_run_time_is_raw(start: Callable[..., Any]) -> None:
    run = start(
        """
        # synapse_worker is only mentioned here
        import sys
        stream = getattr(sys, "std" + "in").buffer
        while head := stream.read(4):
            print("serving")
            sys.stdout.buffer.write(head + stream.read(int.from_bytes(head, "little")))
        """
    )
    assert run.worker.request({"a": 1}) == {"a": 1}
    run.worker.close()
    assert run.worker.exit_status == 0


@pytest.mark.parametrize(
    ("source", "part"),
    [
        ("print('synapse_worker is mentioned here only')\n", "main.py ended without reading"),
        (
            HIDDEN + "\nimport sys\ngetattr(sys, 'std' + 'in').buffer.read(4)\n",
            "reads the channel as well",
        ),
    ],
    ids=["neither", "both"],
)
def test_no_evidence_and_contrary_evidence_are_errors(
    start: Callable[..., Any], source: str, part: str
) -> None:
    with pytest.raises(SynapseError) as failed:
        start(source)
    assert failed.value.code == "DIALECT_UNDECIDED"
    assert part in failed.value.message
