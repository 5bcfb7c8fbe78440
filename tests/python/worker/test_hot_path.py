"""What one small request costs, counted: functions that run, clocks that are read, reads and writes.

Times would depend on the machine; these counts are the same on all. A number that is too low here is what a change
costs every call: look for another way first.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from itertools import repeat
from time import perf_counter_ns
from typing import Any, TypedDict

import pytest

from synapse_worker import Module
from synapse_worker.peer import outbox
from synapse_worker.protocol.codec import CODEC_NAME
from synapse_worker.worker import burst, sync_calls

from .served_in_process import Counts, ServedInProcess

pytestmark = [
    pytest.mark.interpreted,
    pytest.mark.skipif(CODEC_NAME != "msgspec", reason="the counts are those with msgspec"),
    pytest.mark.skipif(
        sys.version_info < (3, 11), reason="functions have no qualified names to count"
    ),
]

ROUNDS = 12
# By then everything is imported, and every form known.
SETTLED = 8
RECORD = {"symbol": "ACME", "price": 12.75, "tags": ["north", "retail"]}


@dataclass
class Quote:
    symbol: str
    price: float
    tags: list[str]


class Row(TypedDict):
    symbol: str
    price: float
    tags: list[str]


app = Module()


@app.method
def echo(value):  # type: ignore[no-untyped-def]
    return value


@app.method
def open_echo(value: object) -> object:
    return value


@app.method
def add(a: int, b: int) -> int:
    return a + b


@app.method
def echo_quote(quote: Quote) -> Quote:
    return quote


@app.method
def echo_row(row: Row) -> Row:
    return row


@app.method
async def later(value):  # type: ignore[no-untyped-def]
    return value


@app.method
def length(values):  # type: ignore[no-untyped-def]
    return len(values)


# Of each call; the user's function is one of them.
CALLS: dict[str, tuple[list[Any], int]] = {
    "echo": ([RECORD], 6),
    "open_echo": ([RECORD], 6),
    "add": ([1, 2], 6),
    "echo_quote": ([RECORD], 8),
    "echo_row": ([RECORD], 8),
}
# Of reading, serving and writing what has come together.
AROUND_A_CALL = 7
AROUND_A_BURST = 32


@pytest.fixture(autouse=True)
def time_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no reply leave early because this machine is slow."""
    for module in (outbox, burst, sync_calls):
        monkeypatch.setattr(module, "perf_counter_ns", repeat(0).__next__)


def served(bursts: list[list[tuple[str, list[Any]]]]) -> ServedInProcess:
    worker = ServedInProcess(app, bursts)
    worker.run()
    return worker


def functions_of(counts: Counts) -> str:
    return "\n".join(f"{times} {name}" for name, times in sorted(counts.python.items()))


@pytest.mark.parametrize("method", CALLS)
def test_a_lone_call_runs_few_functions(method: str) -> None:
    args, most = CALLS[method]
    counts = served([[(method, args)]] * ROUNDS).counts[SETTLED]
    assert counts.python.total() <= most + AROUND_A_CALL, functions_of(counts)


@pytest.mark.parametrize("method", CALLS)
def test_a_lone_call_takes_one_read_and_one_write(
    method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(burst, "perf_counter_ns", perf_counter_ns)  # one that is counted
    worker = served([[(method, CALLS[method][0])]] * ROUNDS)
    assert worker.writes[SETTLED] == 1
    counts = worker.counts[SETTLED]
    assert counts.c["read"] == 1
    assert counts.c["poll.poll"] == 0
    # When user code begins and ends; the outbox's own stands still here.
    assert counts.c["perf_counter_ns"] == 2


@pytest.mark.parametrize("method", CALLS)
def test_answers_of_a_burst_leave_by_sixteen(method: str) -> None:
    args, most = CALLS[method]
    worker = served([[(method, args)] * 64] * ROUNDS)
    assert worker.writes[SETTLED] == 4
    counts = worker.counts[SETTLED]
    assert counts.c["read"] == 1
    assert counts.python.total() <= 64 * most + AROUND_A_BURST, functions_of(counts)


def test_an_async_call_is_handed_over_in_few_steps() -> None:
    worker = served([[("later", [RECORD])]] * ROUNDS)
    assert worker.writes[SETTLED] == 1


def test_many_records_are_not_looked_through_for_functions_that_nothing_speaks_of() -> None:
    records = [{"id": 0xD603 + 0x10000 * at, "mark": 0xD604} for at in range(1000)]
    counts = served([[("length", [records])]] * ROUNDS).counts[SETTLED]
    # More than a small call: a larger message is no form that is remembered.
    assert counts.python.total() <= 50, functions_of(counts)
