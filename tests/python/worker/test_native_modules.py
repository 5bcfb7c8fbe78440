"""Native modules in real processes: calls, streams, errors, progress, logs, life cycle."""

from __future__ import annotations

import os
import signal
from time import perf_counter
from typing import TYPE_CHECKING, Any

import pytest

from synapse_worker.protocol.errors import PythonError, SynapseError, ValidationError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MODULE = """
import asyncio, logging, os, sys, threading, time
from synapse_worker import Module, current_context
app = Module()
events = []

@app.setup
def prepare(): events.append("setup")

@app.setup
async def prepare_async(): events.append("async setup")

@app.teardown
def finish(): print("teardown", flush=True)

@app.teardown
async def finish_async(): print("async teardown", flush=True)

@app.method
def add(a: int, b: int = 0, *, c: int = 0) -> int: return a + b + c

@app.method
def plain(a): return a

@app.method
def spread(a=1, b=2, *more): return [a, b, *more]

@app.method
async def add_async(a: int, b: int = 0) -> int:
    await asyncio.sleep(0)
    return a + b

@app.method
def happened(): return events

@app.method(name="renamed.one")
def original(): return "renamed"

@app.method
def fail(text):
    try:
        raise KeyError("inner")
    except KeyError as error:
        raise ValueError(text) from error

@app.method
def type_error_inside(a): return len(3)

@app.method
def leave(): sys.exit(5)

@app.method
def interrupt(): raise KeyboardInterrupt

@app.method
async def leave_async(): sys.exit(5)

@app.method
def unencodable(): return {"items": [1, 2, {"fn": print}]}

@app.method
async def unencodable_async(): return {"fn": print}

@app.method
def work(seconds):
    time.sleep(seconds)
    return seconds

@app.method
def spin():
    while True: pass

@app.method
async def wait_forever():
    try:
        await asyncio.Event().wait()
    finally:
        events.append("async cleaned")

@app.method
def progress(count):
    for number in range(count): current_context().progress(number)
    return count

@app.method
async def progress_async(count):
    for number in range(count): current_context().progress(number)
    return count

@app.method
def log_something():
    logging.getLogger("app").warning("hello %s", "there", extra={"user": 7})
    logging.getLogger("app").debug("too quiet")
    current_context().log("by context", level="ERROR", size=3)

@app.method
def identify(): return [__name__, threading.current_thread() is threading.main_thread(), sys.path[0], os.getcwd()]

@app.method
def call_id(): return current_context().call_id

@app.method
def count(n, fail_at=None, unencodable_at=None):
    events.append("opened")
    try:
        for number in range(n):
            if number == fail_at: raise ValueError("half way")
            yield print if number == unencodable_at else number
    finally:
        events.append("closed")

@app.method
async def count_async(n, fail_at=None, unencodable_at=None):
    events.append("opened")
    try:
        for number in range(n):
            if number == fail_at: raise ValueError("half way")
            yield print if number == unencodable_at else number
    finally:
        events.append("closed")

@app.method
def forever():
    events.append(0)
    try:
        while True:
            events[-1] += 1
            yield events[-1]
    finally:
        events.append("closed")

@app.method
async def forever_async():
    events.append(0)
    try:
        while True:
            events[-1] += 1
            yield events[-1]
    finally:
        events.append("closed")

@app.method
def burst_then_hang(n):
    yield from range(n)
    time.sleep(60)

@app.method
def same_object(n):
    state = {}
    for number in range(n):
        state["n"] = number
        yield state

@app.method
def big_items(n):
    for _ in range(n): yield bytes(1 << 20)
"""


@pytest.fixture
def module(start: Callable[..., Any]) -> Any:
    return start(MODULE)


def test_calls_take_positional_and_keyword_arguments(module: Any) -> None:
    call = module.worker.call
    assert call("add", [1]) == 1
    assert call("add", [1, 2], {"c": 4}) == 7
    assert call("add", [], {"a": 1, "b": 2}) == 3
    assert call("add_async", [1], {"b": 2}) == 3
    assert call("renamed.one") == "renamed"


def test_the_greeting_describes_the_module(module: Any) -> None:
    hello = module.worker.hello
    assert hello["magic"] == "synapse"
    assert hello["protocol"] == 1
    assert hello["module"] == "main"
    assert hello["pid"] == module.worker.pid
    assert hello["methods"]["add"] == {"kind": "call", "mode": "sync"}
    assert hello["methods"]["count_async"] == {"kind": "stream", "mode": "async"}


def test_setups_run_before_the_first_call_and_teardowns_after_the_last(module: Any) -> None:
    assert module.worker.call("happened") == ["setup", "async setup"]
    module.worker.close()
    assert module.worker.exit_status == 0
    assert module.logs.of("stdout") == ["async teardown\n", "teardown\n"]


def test_a_module_is_imported_under_its_own_name_and_runs_on_the_main_thread(
    module: Any, tmp_path: Path
) -> None:
    assert module.worker.call("identify") == ["main", True, str(tmp_path), os.getcwd()]


def test_an_entrypoint_in_a_folder_is_imported_by_its_dotted_name(
    start: Callable[..., Any],
) -> None:
    run = start(MODULE, entrypoint="app/serve.py")
    assert run.worker.call("identify")[0] == "app.serve"


def test_exceptions_travel_with_type_traceback_and_cause(module: Any, tmp_path: Path) -> None:
    with pytest.raises(PythonError) as failed:
        module.worker.call("fail", ["sorry"])
    error = failed.value
    assert (error.code, error.python_type, error.message) == (
        "PYTHON_EXCEPTION",
        "ValueError",
        "sorry",
    )
    assert str(tmp_path / "main.py") in error.traceback
    assert "synapse_worker" not in error.traceback
    cause = error.__cause__
    assert isinstance(cause, PythonError)
    assert cause.python_type == "KeyError"


@pytest.mark.parametrize(
    ("method", "kind"),
    [("leave", "SystemExit"), ("leave_async", "SystemExit"), ("interrupt", "KeyboardInterrupt")],
)
def test_no_exception_of_a_handler_ends_the_worker(module: Any, method: str, kind: str) -> None:
    with pytest.raises(PythonError) as failed:
        module.worker.call(method)
    assert failed.value.python_type == kind
    assert module.worker.call("add", [1]) == 1


@pytest.mark.parametrize(
    ("method", "args", "kwargs", "parameter", "message"),
    [
        (
            "add",
            [],
            {},
            "a",
            'main.add(): argument "a" is missing; it must be int.',
        ),
        (
            "add",
            [1],
            {"z": 1},
            "z",
            'main.add() has no parameter "z". It has a, b, c.',
        ),
        (
            "add",
            [1, 2, 3],
            {},
            "",
            "main.add() takes 2 positional arguments, got 3; pass c by name.",
        ),
        ("add", [1], {"a": 2}, "a", 'main.add() got argument "a" twice: by position and by name.'),
        ("add_async", [], {}, "a", 'main.add_async(): argument "a" is missing; it must be int.'),
        ("plain", [], {}, "a", 'plain(a): the argument "a" is missing.'),
        ("plain", [1], {"z": 1}, "z", 'plain(a): it has no parameter "z".'),
        ("plain", [1, 2], {}, "", "it takes 1 positional argument, but 2 were given."),
        ("plain", [1], {"a": 2}, "a", 'the argument "a" was given twice, by position and by name.'),
    ],
)
def test_arguments_that_do_not_fit_are_named(
    module: Any, method: str, args: list[Any], kwargs: dict[str, Any], parameter: str, message: str
) -> None:
    with pytest.raises(SynapseError) as failed:
        module.worker.call(method, args, kwargs)
    assert failed.value.code == "INVALID_ARGUMENTS"
    assert message in failed.value.message
    assert failed.value.details["parameter"] == parameter
    assert failed.value.details["method"].removeprefix("main.") == method


def test_a_function_without_annotations_fills_in_what_was_left_out(module: Any) -> None:
    assert module.worker.call("spread", [None, 5, 6], {"$omitted": [0]}) == [1, 5, 6]
    assert module.worker.call("spread", [None, None, 6], {"$omitted": [0, 1]}) == [1, 2, 6]
    assert module.worker.call("spread", [None, None, 6]) == [None, None, 6]
    with pytest.raises(ValidationError, match="reserved"):
        module.worker.call("spread", [None], {"$omitted": [1]})


@pytest.mark.parametrize("method", ["count", "count_async"])
def test_arguments_of_streams_that_do_not_fit_are_named(module: Any, method: str) -> None:
    with pytest.raises(SynapseError) as failed:
        list(module.worker.stream(method))
    assert failed.value.code == "INVALID_ARGUMENTS"


def test_a_type_error_of_user_code_is_its_own(module: Any) -> None:
    with pytest.raises(PythonError) as failed:
        module.worker.call("type_error_inside", [1])
    assert (failed.value.code, failed.value.python_type) == ("PYTHON_EXCEPTION", "TypeError")


def test_an_unknown_method_gets_suggestions(module: Any) -> None:
    with pytest.raises(SynapseError) as failed:
        module.worker.call("ad")
    assert failed.value.code == "METHOD_NOT_FOUND"
    assert "'add'" in failed.value.message
    assert "add" in failed.value.details["matches"]


def test_calling_a_stream_and_streaming_a_call_are_told_apart(module: Any) -> None:
    with pytest.raises(SynapseError) as failed:
        module.worker.call("count", [1])
    assert failed.value.code == "IS_A_STREAM"
    with pytest.raises(SynapseError) as failed:
        list(module.worker.stream("add", [1]))
    assert failed.value.code == "NOT_A_STREAM"


@pytest.mark.parametrize(
    ("method", "path"), [("unencodable", "$.items[2].fn"), ("unencodable_async", "$.fn")]
)
def test_a_result_that_cannot_travel_fails_its_own_call(
    module: Any, method: str, path: str
) -> None:
    with pytest.raises(SynapseError) as failed:
        module.worker.call(method)
    assert failed.value.code == "ENCODE_FAILED"
    assert failed.value.details["path"] == path
    assert module.worker.call("add", [1]) == 1


@pytest.mark.parametrize("method", ["progress", "progress_async"])
def test_progress_arrives_in_order_before_the_result(module: Any, method: str) -> None:
    seen: list[int] = []
    assert module.worker.call(method, [5], on_progress=seen.append) == 5
    assert seen == [0, 1, 2, 3, 4]
    assert module.worker.call(method, [5]) == 5


def test_logging_is_forwarded(module: Any) -> None:
    module.worker.call("log_something")
    assert module.logs.wait_for("log", "hello there").strip() == "WARNING app: hello there"
    module.logs.wait_for("log", "ERROR synapse: by context")
    assert not [line for line in module.logs.of("log") if "too quiet" in line]


@pytest.mark.parametrize("method", ["count", "count_async"])
def test_streams_deliver_every_item_in_order(module: Any, method: str) -> None:
    assert list(module.worker.stream(method, [10_000])) == list(range(10_000))
    assert list(module.worker.stream(method, [0])) == []


@pytest.mark.parametrize("method", ["count", "count_async"])
def test_a_stream_that_fails_delivers_what_came_before(module: Any, method: str) -> None:
    seen: list[int] = []
    with pytest.raises(PythonError, match="half way"):
        seen.extend(module.worker.stream(method, [100], {"fail_at": 50}))
    assert seen == list(range(50))
    assert module.worker.call("happened")[-2:] == ["opened", "closed"]


@pytest.mark.parametrize("method", ["count", "count_async"])
def test_an_item_that_cannot_travel_ends_the_stream_after_those_before_it(
    module: Any, method: str
) -> None:
    seen: list[int] = []
    with pytest.raises(SynapseError) as failed:
        seen.extend(module.worker.stream(method, [100], {"unencodable_at": 50}))
    assert failed.value.code == "ENCODE_FAILED"
    assert failed.value.details["path"] == "$"
    assert seen == list(range(50))
    assert module.worker.call("happened")[-1] == "closed"


@pytest.mark.parametrize("method", ["forever", "forever_async"])
def test_a_stream_nobody_reads_stops_at_its_credit_and_leaving_it_closes_it(
    module: Any, method: str
) -> None:
    with module.worker.stream(method, window_items=20) as stream:
        assert next(stream) == 1
        # The worker answers other calls meanwhile, and has made no more than it may.
        assert module.worker.call("happened")[-1] <= 20
    assert module.worker.call("happened")[-1] == "closed"


@pytest.mark.parametrize("method", ["forever", "forever_async"])
def test_an_endless_stream_starves_no_call(module: Any, method: str) -> None:
    with module.worker.stream(method, window_items=1_000_000_000) as stream:
        next(stream)
        for number in range(50):
            assert module.worker.call("add", [number], timeout_ms=5000) == number


def test_large_items_travel_in_frames_of_bounded_size(start: Callable[..., Any]) -> None:
    run = start(MODULE, max_frame_bytes=3 << 20)
    assert [len(item) for item in run.worker.stream("big_items", [20])] == [1 << 20] * 20


def test_no_item_waits_while_the_generator_works_on_the_next(module: Any) -> None:
    with module.worker.stream("burst_then_hang", [5]) as stream:
        began = perf_counter()
        assert [next(stream) for _ in range(5)] == [0, 1, 2, 3, 4]
        assert perf_counter() - began < 30


def test_an_item_is_what_it_was_when_it_was_yielded(module: Any) -> None:
    assert list(module.worker.stream("same_object", [50])) == [{"n": n} for n in range(50)]


def test_a_quick_reply_does_not_wait_behind_a_slow_call(module: Any) -> None:
    start_call = module.worker.start_call
    module.worker.call("work", [0])  # the method is known to be quick by now
    _, quick = start_call("work", [0])
    slow_id, slow = start_call("work", [60])
    assert quick.settled.wait(5)
    module.worker.cancel(slow_id)
    assert slow.settled.wait(5)


def test_concurrent_async_calls_overtake_each_other(module: Any) -> None:
    waiting_id, waiting = module.worker.start_call("wait_forever")
    assert module.worker.call("add_async", [1, 1]) == 2
    module.worker.cancel(waiting_id)
    assert waiting.settled.wait(5)
    with pytest.raises(SynapseError) as failed:
        waiting.value()
    assert failed.value.code == "CALL_CANCELLED"
    assert module.worker.call("happened")[-1] == "async cleaned"


@pytest.mark.parametrize(("method", "args"), [("spin", []), ("work", [60]), ("wait_forever", [])])
def test_a_timeout_stops_the_code_and_keeps_the_worker(
    module: Any, method: str, args: list[Any]
) -> None:
    # The first call imports what conversion needs. No cancel interrupts that, and on a busy machine
    # it lasts longer than the grace a cancelled call has.
    assert module.worker.call("add", [1]) == 1
    with pytest.raises(SynapseError) as failed:
        module.worker.call(method, args, timeout_ms=50)
    assert failed.value.code == "CALL_TIMEOUT"
    assert module.worker.call("add", [1]) == 1


def test_draining_finishes_what_runs(module: Any) -> None:
    _, pending = module.worker.start_call("work", [0.2])
    module.worker.close()
    assert pending.value() == 0.2
    assert module.worker.exit_status == 0


def test_sigterm_drains_and_tears_down(module: Any) -> None:
    _, pending = module.worker.start_call("work", [0.2])
    assert module.worker.call("add_async", [1]) == 1  # served after `work`: the signal lands later
    os.kill(module.worker.pid, signal.SIGTERM)
    assert module.worker._process.wait(10)
    assert pending.value() == 0.2
    assert module.worker.exit_status == 0
    assert "teardown\n" in module.logs.of("stdout")


def test_losing_the_client_cancels_what_runs_and_tears_down(module: Any) -> None:
    module.worker.start_call("wait_forever")
    stream = module.worker.stream("forever", window_items=5)
    next(stream)
    module.worker._connection.close_output()
    assert module.worker._process.wait(10)
    assert module.worker.exit_status == 0
    module.logs.wait_for("stdout", "teardown")


def test_sigint_does_not_end_an_idle_worker(module: Any) -> None:
    os.kill(module.worker.pid, signal.SIGINT)
    assert module.worker.call("add", [1]) == 1


@pytest.mark.parametrize(
    ("source", "part"),
    [
        ("import synapse_worker\n", "defines no Module"),
        (
            "from synapse_worker import Module\na, b = Module(), Module()\n",
            "has 2 Module objects (a, b)",
        ),
        ("from synapse_worker import Module\n1 / 0\n", "ZeroDivisionError: division by zero"),
        ("from synapse_worker import Module\nimport sys\nsys.exit(3)\n", "SystemExit: 3"),
        (
            "from synapse_worker import Module\nimport not_there_at_all\n",
            "No module named 'not_there_at_all'",
        ),
        (
            (
                "from synapse_worker import Module\napp = Module()\n"
                "@app.setup\ndef prepare(): raise RuntimeError('no model')\n"
            ),
            "RuntimeError: no model",
        ),
        ("from synapse_worker import Module\ndef broken(:\n", "invalid syntax"),
    ],
)
def test_a_module_that_cannot_start_says_why(
    start: Callable[..., Any], source: str, part: str
) -> None:
    with pytest.raises(SynapseError) as failed:
        start(source, dialect="native")
    assert failed.value.code == "MODULE_START_FAILED"
    assert part in str(failed.value)
    assert "boot.py" not in failed.value.details["stderr"]


def test_a_source_that_only_mentions_the_package_is_undecided(start: Callable[..., Any]) -> None:
    with pytest.raises(SynapseError) as failed:
        start("# made for synapse_worker\nprint('hello')\n")
    assert failed.value.code == "DIALECT_UNDECIDED"
    assert "dialect" in failed.value.message


def test_the_socket_channel_cancels_through_control(start: Callable[..., Any]) -> None:
    run = start(MODULE, channel="socket")
    assert run.worker.call("add", [1, 2]) == 3
    with pytest.raises(SynapseError) as failed:
        run.worker.call("spin", timeout_ms=50)
    assert failed.value.code == "CALL_TIMEOUT"
    with run.worker.stream("forever", window_items=5) as stream:
        assert next(stream) == 1
    assert run.worker.call("happened")[-1] == "closed"


def test_a_sync_only_module_starts_without_what_it_does_not_need(start: Callable[..., Any]) -> None:
    run = start(
        """
        import sys
        from synapse_worker import Module
        app = Module()
        @app.method
        def loaded(): return sorted({"asyncio", "traceback", "difflib", "logging"} & set(sys.modules))
        """
    )
    assert run.worker.call("loaded") == []


@pytest.mark.parametrize(
    ("method", "loaded"),
    [
        ("async def wait(): pass", True),
        ("async def each(): yield 1", True),
        ("def add(): pass", False),
    ],
)
def test_what_asynchronous_methods_need_is_there_before_the_first_call(
    start: Callable[..., Any], method: str, loaded: bool
) -> None:
    run = start(
        "import sys\nfrom synapse_worker import Module\napp = Module()\n"
        f"@app.method\n{method}\n"
        "@app.method\ndef has_asyncio(): return 'asyncio' in sys.modules\n"
    )
    assert run.worker.call("has_asyncio") is loaded
