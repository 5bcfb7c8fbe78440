"""What a start costs, counted: the modules that a worker has imported, and what an idle one waits for.

Times would tell nothing on a busy machine. An import that these tests name costs every start of every worker.
"""

from __future__ import annotations

import gc
import json
import platform
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .conftest import Started

PLAIN = """
import sys
from synapse_worker import Module

app = Module()

@app.method
def loaded():
    return sorted(sys.modules)
"""
TYPED = PLAIN.replace("loaded():", "loaded(of: str = 'all', /, *, least: int = 0) -> list[str]:")

# Of the standard library, beyond what the interpreter and the codec import themselves.
SERVING = {
    *("_contextvars", "contextvars", "faulthandler", "fcntl", "gc", "select", "signal"),
    "mmap",
    "_json",
    *("_struct", "struct", "_weakrefset", "threading"),
}
FOR_ANNOTATIONS = {
    *("importlib", "importlib._bootstrap", "importlib._bootstrap_external"),
    *("_sha2", "_sha256"),
}
# Rooms of ours: fewer is better; more needs a reason.
MOST_OURS = {"raw": 23, "plain": 97, "typed": 171}

# System calls of x86-64 that wait, and the argument that limits for how long: none, or one that says "for ever".
UNLIMITED_WAITS = {
    0: None,  # read
    7: (2, 0xFFFFFFFFFFFFFFFF),  # poll, milliseconds
    23: (4, 0),  # select
    61: None,  # wait4
    202: (3, 0),  # futex
    232: (3, 0xFFFFFFFFFFFFFFFF),  # epoll_wait
    270: (4, 0),  # pselect6
    271: (2, 0),  # ppoll
    281: (3, 0xFFFFFFFFFFFFFFFF),  # epoll_pwait
}
SETTLING_SECONDS = 10.0


def loaded(code: str) -> set[str]:
    """Return what is imported by an interpreter like the worker's that runs `code`."""
    program = (
        f"{code}\nimport sys; names = sorted(sys.modules); import json; print(json.dumps(names))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    return set(json.loads(run.stdout))


def additional(found: set[str]) -> set[str]:
    """Return the modules of the standard library that the bare interpreter and the codec do not need."""
    known = loaded("import msgspec")
    return {
        name for name in found - known if not name.startswith(("synapse_worker", "main", "__mp"))
    }


def ours(found: set[str]) -> int:
    return sum(name.startswith("synapse_worker") for name in found)


def test_a_worker_imports_what_it_serves_with_and_nothing_else(
    start: Callable[..., Started],
) -> None:
    found = set(start(PLAIN).worker.call("loaded"))
    assert additional(found) <= SERVING
    assert ours(found) <= MOST_OURS["plain"]
    assert {"synapse_worker.schema", "synapse_worker.conversion"}.isdisjoint(found)


def test_a_raw_script_pays_for_hardly_more_than_it_imports_itself() -> None:
    rooms = "import synapse_worker.worker.boot, synapse_worker.worker.raw.launcher"
    found = loaded(rooms) - loaded("pass")
    of_others = {name for name in found if not name.startswith("synapse_worker")}
    assert of_others <= {"__future__", "_json", "atexit", "faulthandler", "fcntl", "gc", "select"}
    assert ours(found) <= MOST_OURS["raw"]


def test_a_typed_call_takes_no_library_that_is_slow_to_import(
    start: Callable[..., Started],
) -> None:
    found = set(start(TYPED).worker.call("loaded"))
    assert additional(found) <= SERVING | FOR_ANNOTATIONS
    assert ours(found) <= MOST_OURS["typed"]


def test_a_schema_is_told_without_libraries_that_are_slow_to_import() -> None:
    found = loaded("import synapse_worker.schema.describe, synapse_worker.schema.fingerprint")
    assert found.isdisjoint({"_hashlib", "hashlib", "json", "inspect", "dataclasses"})


def test_what_annotations_need_is_there_before_the_first_call(
    start: Callable[..., Started],
) -> None:
    source = TYPED.replace(
        "app = Module()",
        "app = Module()\n\n@app.method\ndef untyped():\n    return sorted(sys.modules)\n",
    )
    found = set(start(source).worker.call("untyped"))
    assert {"synapse_worker.schema.describe", "synapse_worker.conversion"} <= found


def test_the_collector_goes_through_what_the_module_made_and_not_through_ours(
    start: Callable[..., Started],
) -> None:
    source = PLAIN.replace(
        "app = Module()",
        "import gc\nyoung = len(gc.get_objects())\napp = Module()\n\n@app.method\ndef made():\n    return young\n",
    )
    # What imports a module and makes its classes: some hundreds, of the tens of thousands that are there.
    assert start(source).worker.call("made") < 2_000


COUNTED = """
import gc
seen = []
gc.callbacks.append(lambda phase, _: phase == "start" and seen.append(phase))
app = Module()

@app.method
def collections():
    return [len(seen), list(gc.get_threshold())]
"""


@pytest.mark.parametrize(
    ("own", "threshold"),
    [("", list(gc.get_threshold())), ("gc.set_threshold(50, 5, 5)", [50, 5, 5])],
)
def test_the_collector_rests_while_the_first_calls_are_imported_for_unless_it_is_set_by_the_module(
    start: Callable[..., Started], own: str, threshold: list[int]
) -> None:
    worker = start(TYPED.replace("app = Module()", f"{COUNTED}{own}")).worker
    worker.call("loaded")  # the imports are over
    count, found = worker.call("collections")
    assert found == threshold
    # Seven while it did not; a module that wants more has more.
    assert (count <= 3) == (own == "")


@pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() != "x86_64", reason="reads system calls by number"
)
def test_an_idle_worker_waits_without_a_limit_in_every_thread(
    start: Callable[..., Started],
) -> None:
    worker = start(TYPED).worker
    worker.call("loaded")
    deadline = time.monotonic() + SETTLING_SECONDS
    while not all(waits_for_ever(*wait) for wait in waits(worker.pid)):
        assert time.monotonic() < deadline, f"it keeps waking up: {list(waits(worker.pid))}"
        time.sleep(0.01)


def test_a_wait_with_a_limit_would_be_noticed() -> None:
    program = "import select, sys; print(flush=True); select.select([sys.stdin], [], [], 60)"
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        deadline = time.monotonic() + SETTLING_SECONDS
        while not (found := list(waits(process.pid))) or found[0][0] not in UNLIMITED_WAITS:
            assert time.monotonic() < deadline, found
            time.sleep(0.01)
        assert not any(waits_for_ever(*wait) for wait in found)
        process.kill()


def waits(pid: int) -> Iterator[tuple[int, list[int]]]:
    """Yield the system call that each thread is in, with its arguments; -1 for one that runs."""
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            number, *arguments = (task / "syscall").read_text().split()
        except PermissionError:
            pytest.skip("other processes cannot be looked into here")
        if number.lstrip("-").isdigit():
            yield int(number), [int(argument, 16) for argument in arguments]
        else:
            yield -1, []


def waits_for_ever(number: int, arguments: list[int]) -> bool:
    if number not in UNLIMITED_WAITS:
        return False
    limit = UNLIMITED_WAITS[number]
    return limit is None or arguments[limit[0]] & 0xFFFFFFFF == limit[1] & 0xFFFFFFFF
