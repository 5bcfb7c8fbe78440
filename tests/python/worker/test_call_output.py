"""What a call prints travels with its id; what nobody in particular prints leaves by the descriptors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from synapse_worker.protocol.errors import SynapseError

if TYPE_CHECKING:
    from collections.abc import Callable

SOURCE = """
import asyncio, ctypes, gc, io, os, sys, threading, time
from contextvars import copy_context
from sys import stderr as kept_stderr, stdout as kept_stdout
from synapse_worker import Module, current_context
app = Module()
late = threading.Event()

@app.setup
def prepare(): print("in a setup")

@app.method
def call_id(): return current_context().call_id

@app.method
def lines(*texts):
    for text in texts: print(text)
    return current_context().call_id

@app.method
def both():
    print("one"); print("two", file=sys.stderr); print("three"); print("four", file=kept_stderr)
    kept_stdout.write("five\\nsix\\n")
    sys.stdout.writelines(["seven\\n", "eight"])
    print(" and", "more", sep=" ", end="")

@app.method
async def lines_async(text):
    print(text, 1)
    await asyncio.sleep(0.001)
    print(text, 2)
    return current_context().call_id

@app.method
def each(text):
    print(text, "begins")
    try:
        yield current_context().call_id
    finally:
        print(text, "ends", end="")

@app.method
def in_threads(count, each):
    def work(number):
        for line in range(each): sys.stdout.write(f"{number} {line}\\n")
    threads = [threading.Thread(target=copy_context().run, args=(work, n)) for n in range(count)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()

@app.method
def past_python(text):
    os.write(1, f"descriptor {text}\\n".encode())
    sys.stdout.buffer.write(f"buffer {text}\\n".encode()); sys.stdout.buffer.flush()
    thread = threading.Thread(target=print, args=("thread", text)); thread.start(); thread.join()
    sys.__stdout__.write(f"original {text}\\n"); sys.__stdout__.flush()
    libc = ctypes.CDLL(None); libc.puts(f"C {text}".encode()); libc.fflush(None)

@app.method
def leave_a_thread():
    def print_later():
        late.wait(); print("much later")
    threading.Thread(target=copy_context().run, args=(print_later,)).start()

@app.method
def let_it_print(): late.set()

@app.method
def face():
    out = sys.stdout
    return [out.isatty(), out.fileno(), out.encoding, out.errors, out.name, out.mode, out.writable()]

@app.method
def refused():
    try: sys.stdout.write(b"bytes")
    except TypeError as error: return type(error).__name__

@app.method
def rewrap():
    old, sys.stdout = sys.stdout, io.TextIOWrapper(sys.stdout.buffer, "utf-8", line_buffering=True)
    del old; gc.collect()
    print("by a wrapper of the module's own")

@app.method
def odd(length): print("x" * length + "\\udcff")

@app.method
def dots(count):
    began = time.process_time()
    for _ in range(count): print(".", end="")
    print(".\\n" + "x" * 65_536, end="")
    return time.process_time() - began

@app.method
def spin_printing():
    while True: print("spinning")

@app.method
def die():
    print("last words", file=sys.stderr)
    os._exit(3)
"""


@pytest.fixture
def run(start: Callable[..., Any]) -> Any:
    """A worker whose LOG messages are kept, with the id of their call."""
    started = start(SOURCE)
    records: list[tuple[int, dict[str, Any]]] = []
    connection = started.worker._connection
    on_log = connection._on_log

    def keep(call_id: int, record: dict[str, Any]) -> None:
        records.append((call_id, record))
        on_log(call_id, record)

    connection._on_log = keep
    started.records = records
    return started


def printed(run: Any) -> list[tuple[int, str, str]]:
    return [(call_id, record["source"], record["message"]) for call_id, record in run.records]


def test_lines_carry_the_id_of_their_call(run: Any) -> None:
    first = run.worker.call("lines", ["a", "b"])
    second = run.worker.call("lines", ["c"])
    assert printed(run) == [
        (first, "stdout", "a\n"),
        (first, "stdout", "b\n"),
        (second, "stdout", "c\n"),
    ]
    assert [record["level"] for _, record in run.records] == ["INFO"] * 3
    run.logs.wait_for("stdout", "in a setup")


def test_lines_of_both_streams_keep_their_order_and_parts_of_lines_wait_for_their_end(
    run: Any,
) -> None:
    run.worker.call("both")
    assert [(source, text) for _, source, text in printed(run)] == [
        ("stdout", "one\n"),
        ("stderr", "two\n"),
        ("stdout", "three\n"),
        ("stderr", "four\n"),
        ("stdout", "five\n"),
        ("stdout", "six\n"),
        ("stdout", "seven\n"),
        ("stdout", "eight and more"),
    ]


def test_calls_that_run_at_once_are_told_apart(run: Any) -> None:
    begun = [run.worker.start_call("lines_async", [text])[1] for text in "abc"]
    for pending in begun:
        assert pending.settled.wait(10)
    for text, pending in zip("abc", begun, strict=True):
        lines = [line for call_id, _, line in printed(run) if call_id == pending.value()]
        assert lines == [f"{text} 1\n", f"{text} 2\n"]


def test_a_stream_is_told_from_a_call_in_between(run: Any) -> None:
    with run.worker.stream("each", ["stream"]) as stream:
        stream_id = next(stream)
        other = run.worker.call("lines", ["call"])
        assert list(stream) == []
    lines = {call_id: [] for call_id in (stream_id, other)}
    for call_id, _, line in printed(run):
        lines[call_id].append(line)
    assert lines == {stream_id: ["stream begins\n", "stream ends"], other: ["call\n"]}


def test_threads_of_a_call_print_whole_lines(run: Any) -> None:
    run.worker.call("in_threads", [4, 50])
    lines = [line for _, _, line in printed(run)]
    assert sorted(lines) == sorted(f"{n} {line}\n" for n in range(4) for line in range(50))


def test_what_is_no_text_of_a_call_leaves_by_the_descriptor(run: Any) -> None:
    run.worker.call("past_python", ["here"])
    for part in ("descriptor here", "buffer here", "thread here", "original here", "C here"):
        run.logs.wait_for("stdout", part)
    assert run.records == []


def test_a_thread_that_outlives_its_call_prints_for_nobody(run: Any) -> None:
    run.worker.call("leave_a_thread")
    run.worker.call("let_it_print")
    run.logs.wait_for("stdout", "much later")
    assert run.records == []


def test_the_streams_are_the_streams_they_were(run: Any) -> None:
    assert run.worker.call("face") == [
        *(False, 1, "utf-8", "backslashreplace", "<stdout>", "w", True),
    ]
    assert run.worker.call("refused") == "TypeError"


def test_a_module_may_put_a_wrapper_of_its_own_around_the_buffer(run: Any) -> None:
    run.worker.call("rewrap")
    run.logs.wait_for("stdout", "by a wrapper of the module's own")
    run.worker.call("lines", ["still there"])
    run.logs.wait_for("stdout", "still there")


def test_a_very_long_line_comes_in_pieces_and_odd_text_comes_at_all(run: Any) -> None:
    run.worker.call("odd", [200_000])
    lines = [line for _, _, line in printed(run)]
    assert "".join(lines) == "x" * 200_000 + "\\udcff\n"
    assert max(map(len, lines)) == 65_536


def test_a_line_in_many_parts_takes_no_longer_for_each_and_keeps_its_place(run: Any) -> None:
    few, many = (run.worker.call("dots", [count]) for count in (6_000, 60_000))
    assert [len(line) for _, _, line in printed(run)] == [6_002, 65_536, 60_002, 65_536]
    # Each part would take ten times as long if it copied the line so far.
    assert many < 40 * few


def test_a_call_that_prints_without_end_is_cancelled_between_two_lines(run: Any) -> None:
    call_id, pending = run.worker.start_call("spin_printing")
    run.logs.wait_for("stdout", "spinning")
    run.worker.cancel(call_id)
    assert pending.settled.wait(10)
    with pytest.raises(SynapseError) as failed:
        pending.value()
    assert failed.value.code == "CALL_CANCELLED"
    assert run.worker.call("lines", ["next"]) > 0
    # The cancel may have come between a line and its end.
    assert {line.rstrip("\n") for _, _, line in printed(run)} == {"spinning", "next"}


def test_the_last_words_of_a_worker_that_dies_in_a_call_are_among_the_last_lines(run: Any) -> None:
    with pytest.raises(SynapseError) as failed:
        run.worker.call("die")
    assert failed.value.code == "WORKER_EXITED"
    assert "last words" in failed.value.message
