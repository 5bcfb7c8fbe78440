"""`logging` of a native module: structured records of the call they belong to, and outside of calls."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

SOURCE = """
import logging, threading
from contextvars import copy_context
from synapse_worker import Module, current_context
app = Module()
log = logging.getLogger("shop.prices")

class Unspeakable:
    def __repr__(self): raise RuntimeError

ODD = {"ratio": float("nan"), "rows": 3, "where": object, "what": Unspeakable(), "like": {"a": [1]}}

@app.setup
def prepare():
    log.info("loading %s", "prices", extra=ODD)
    threading.Thread(target=log.warning, args=("from a thread",)).start()

@app.teardown
def finish(): log.info("finished")

@app.method
def fails_inside():
    try:
        {}["missing"]
    except KeyError:
        log.exception("no such key", extra={"key": "missing", "tries": 2})
    return current_context().call_id

@app.method
def says_odd_things():
    log.info("odd", extra=ODD)
    print("\\ud800")

@app.method
def in_a_thread():
    thread = threading.Thread(target=copy_context().run, args=(log.info, "from a thread"))
    thread.start(); thread.join()
    return current_context().call_id
"""


# What the odd things of the module come as, the ratio aside.
ODD = {
    "rows": 3,
    "where": "<class 'object'>",
    "what": "<Unspeakable, whose repr raises RuntimeError>",
    "like": {"a": [1]},
}


@pytest.fixture
def run(start: Callable[..., Any]) -> Any:
    started = start(SOURCE)
    records: list[tuple[int, dict[str, Any]]] = []
    started.worker._connection._on_log = lambda call_id, record: records.append((call_id, record))
    started.records = records
    return started


def test_a_record_carries_its_call_its_origin_its_extra_and_its_exception(run: Any) -> None:
    call_id = run.worker.call("fails_inside")
    ((of, record),) = run.records
    assert of == call_id
    assert (record["level"], record["logger"]) == ("ERROR", "shop.prices")
    assert record["file"].endswith("main.py")
    assert record["line"] == 26
    assert record["extra"] == {"key": "missing", "tries": 2}
    first, *_, last = record["message"].splitlines()
    assert (first, last) == ("no such key", "KeyError: 'missing'")


def test_threads_that_take_the_context_along_log_for_their_call(run: Any) -> None:
    call_id = run.worker.call("in_a_thread")
    assert [(of, record["message"]) for of, record in run.records] == [(call_id, "from a thread")]


def test_only_what_cannot_travel_comes_as_text(run: Any) -> None:
    run.worker.call("says_odd_things")
    (_, odd), (_, printed) = run.records
    assert math.isnan(odd["extra"].pop("ratio"))
    assert odd["extra"] == ODD
    assert "extra" not in printed
    assert run.logs.of("stderr") == []


def test_setups_and_teardowns_log_too(run: Any) -> None:
    run.logs.wait_for("log", "INFO shop.prices: loading prices")
    run.logs.wait_for("log", "WARNING shop.prices: from a thread")
    record = next(e for e in run.events("log") if e["record"]["message"] == "loading prices")
    assert record["record"]["extra"] == {"ratio": "nan", **ODD}
    run.worker.close()
    run.logs.wait_for("log", "INFO shop.prices: finished")
    assert run.logs.of("stderr") == []
