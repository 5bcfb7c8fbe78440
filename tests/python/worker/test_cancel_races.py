"""A cancel by signal stops the call it names and nothing else, wherever it lands."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from random import Random
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any

import pytest

from synapse_worker.protocol.errors import SynapseError
from synapse_worker.worker.interruption import Cancelled, Interruptor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def restored_signals() -> Iterator[None]:
    before = {
        number: signal.getsignal(number)
        for number in (signal.SIGURG, signal.SIGINT, signal.SIGALRM)
    }
    hook = sys.unraisablehook
    yield
    sys.unraisablehook = hook
    for number, handler in before.items():
        signal.signal(number, handler)


def output_of(script: str, *arguments: str) -> list[int]:
    """Run a neighbouring script in a process of its own; return the numbers it printed."""
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    ended = subprocess.run(
        [sys.executable, Path(__file__).with_name(script), *arguments],
        env=environ,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return [int(number) for number in ended.stdout.split()]


def test_signals_that_hammer_the_runner_never_escape_it_nor_hit_the_next_call() -> None:
    cancelled, finished = output_of("hammer_the_runner.py", "2", "1001")
    assert cancelled > 1000, (cancelled, finished)
    assert finished > 1000, (cancelled, finished)


@pytest.mark.parametrize("outcome", ["returns", "raises"])
def test_a_cancel_that_lands_on_any_byte_code_of_the_runner_stays_in_it(outcome: str) -> None:
    # Raising from a trace function upsets the interpreter it happens in.
    (landed,) = output_of("land_on_every_byte_code.py", outcome)
    assert landed > 10


@pytest.mark.usefixtures("restored_signals")
def test_an_id_of_zero_interrupts_nothing() -> None:
    interruptor = Interruptor()
    interruptor.listen(lambda: [0], lambda call_id: None)
    os.kill(os.getpid(), signal.SIGURG)
    assert interruptor.run(1, lambda: "done", (), {}) == ("done", None)


@pytest.mark.usefixtures("restored_signals")
def test_a_shielded_act_is_finished_before_the_cancel_lands() -> None:
    interruptor = Interruptor()
    interruptor.listen(lambda: [7], lambda call_id: None)
    steps: list[str] = []

    def act(name: str) -> None:
        steps.append(f"{name} begun")
        os.kill(os.getpid(), signal.SIGURG)
        steps.append(f"{name} done")

    def work() -> None:
        interruptor.shielded(act, "write")
        steps.append("never reached")

    _, failure = interruptor.run(7, work, (), {})
    assert type(failure) is Cancelled
    assert steps == ["write begun", "write done"]


@pytest.mark.usefixtures("restored_signals")
def test_a_cancel_for_another_call_leaves_the_running_one_alone() -> None:
    interruptor = Interruptor()
    delivered: list[int] = []
    interruptor.listen(lambda: [8], delivered.append)

    def work() -> str:
        os.kill(os.getpid(), signal.SIGURG)
        return "done"

    assert interruptor.run(7, work, (), {}) == ("done", None)
    assert delivered == [8]


@pytest.mark.usefixtures("restored_signals")
def test_user_code_that_swallows_the_cancel_is_hit_once_only() -> None:
    interruptor = Interruptor()
    interruptor.listen(lambda: [7, 7], lambda call_id: None)
    hits: list[str] = []

    def work() -> str:
        for _ in range(3):
            try:
                os.kill(os.getpid(), signal.SIGURG)
            except BaseException as error:  # noqa: PERF203  # the loop is the test
                hits.append(type(error).__name__)
        return "kept going"

    assert interruptor.run(7, work, (), {}) == ("kept going", None)
    assert hits == ["Cancelled"]
    assert interruptor.was_interrupted


RACER = """
import asyncio, time
from synapse_worker import Module, current_context
app = Module()

@app.method
def brief(number):
    current_context().progress(number)
    return number

@app.method
async def brief_async(number):
    await asyncio.sleep(0)
    return number

@app.method
def brief_stream(number):
    yield number

@app.method
def clean_up():
    try:
        print("asleep", flush=True)
        time.sleep(60)
    finally:
        print("cleaned", flush=True)

@app.method
def fail_to_clean_up():
    try:
        time.sleep(60)
    finally:
        raise ValueError("clean-up failed")
"""


@pytest.mark.parametrize(
    ("method", "rounds"), [("brief", 5000), ("brief_async", 2500), ("brief_stream", 2500)]
)
def test_ten_thousand_cancels_that_race_with_their_calls_leave_every_other_call_right(
    start: Callable[..., Any], method: str, rounds: int
) -> None:
    run = start(RACER)
    worker = run.worker
    random = Random(rounds)
    outcomes = {"finished": 0, "CALL_CANCELLED": 0}
    # About when the call ends, which depends on the machine and what else it does: so near it, they race.
    race_us = 100.0
    for number in range(rounds):
        racing = begin_racing(worker, method, number)
        _, bystander = worker.start_call("brief", [-number])
        busy_wait_us(random.uniform(0, 2 * race_us))
        worker.cancel(racing.call_id)
        outcome = racing.outcome()
        outcomes[outcome] += 1
        # Nearer to what happens less often.
        race_us *= 0.97 if outcome == "finished" else 1.03
        assert bystander.settled.wait(10)
        assert bystander.value() == -number
    assert sum(outcomes.values()) == rounds
    assert min(outcomes.values()) > 0, outcomes
    # Neither did one of them linger, nor was one of them told about where nobody listens.
    assert worker.call("brief", [1]) == 1
    assert run.logs.of("stderr") == []


class Racing:
    """A call, or a stream of one item, that a cancel is sent after."""

    def __init__(self, call_id: int, wait: Callable[[], Any], number: int) -> None:
        self.call_id = call_id
        self._wait = wait
        self._number = number

    def outcome(self) -> str:
        """Return how it ended: with its own value, or by the cancel."""
        try:
            value = self._wait()
        except SynapseError as error:
            return error.code
        assert value == self._number
        return "finished"


def begin_racing(worker: Any, method: str, number: int) -> Racing:
    if method == "brief_stream":
        stream = worker.stream(method, [number])

        def read() -> Any:
            (item,) = stream
            return item

        return Racing(stream.stream_id, read, number)
    call_id, pending = worker.start_call(method, [number])

    def wait() -> Any:
        assert pending.settled.wait(10)
        return pending.value()

    return Racing(call_id, wait, number)


def busy_wait_us(microseconds: float) -> None:
    end = perf_counter_ns() + microseconds * 1000
    while perf_counter_ns() < end:
        pass


def test_a_cancel_that_comes_before_its_call_is_applied_to_it(start: Callable[..., Any]) -> None:
    worker = start(RACER).worker
    worker.cancel(1)
    with pytest.raises(SynapseError) as failed:
        worker.call("brief", [1], timeout_ms=5000)
    assert failed.value.code == "CALL_CANCELLED"
    assert worker.call("brief", [2]) == 2


def test_finally_blocks_run_before_the_answer(start: Callable[..., Any]) -> None:
    run = start(RACER)
    call_id, pending = run.worker.start_call("clean_up")
    run.logs.wait_for("stdout", "asleep")
    run.worker.cancel(call_id)
    assert pending.settled.wait(10)
    with pytest.raises(SynapseError) as failed:
        pending.value()
    assert failed.value.code == "CALL_CANCELLED"
    run.logs.wait_for("stdout", "cleaned")


def test_an_exception_of_the_clean_up_is_the_cause(start: Callable[..., Any]) -> None:
    run = start(RACER.replace("time.sleep(60)", "print('in', flush=True); time.sleep(60)"))
    call_id, pending = run.worker.start_call("fail_to_clean_up")
    run.logs.wait_for("stdout", "in")
    run.worker.cancel(call_id)
    assert pending.settled.wait(10)
    with pytest.raises(SynapseError) as failed:
        pending.value()
    assert failed.value.code == "CALL_CANCELLED"
    assert failed.value.cause is not None
    assert "clean-up failed" in str(failed.value.cause)
