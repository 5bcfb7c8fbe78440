"""The handle starts one worker, calls it, and leaves nothing behind, however it ends."""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from synapse_worker.protocol.errors import SynapseError
from synapse_worker.supervisor import LaunchSpec, WorkerHandle, open_worker

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MODULE = """
import os, signal, subprocess, time
from synapse_worker import Module
app = Module()

@app.method
def add(a, b): return a + b

@app.method
def die(): os.kill(os.getpid(), signal.SIGKILL)

@app.method
def stubborn():
    while True:
        try:
            time.sleep(60)
        except BaseException:
            pass

@app.method
def spawn_child():
    return subprocess.Popen(["sleep", "600"]).pid

@app.method
def environment(): return os.environ.get("MARK")
"""


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "main.py").write_text(MODULE)
    return tmp_path


@pytest.fixture
def worker(directory: Path) -> Iterator[WorkerHandle]:
    handle = open_worker(LaunchSpec(sys.executable, str(directory)), start_timeout_ms=20_000)
    yield handle
    handle.kill()


def open_descriptors() -> set[str]:
    return set(os.listdir("/proc/self/fd"))


def test_a_call_goes_there_and_back(worker: WorkerHandle) -> None:
    assert worker.call("add", [1, 2]) == 3


def test_arguments_that_cannot_travel_fail_before_anything_is_sent(worker: WorkerHandle) -> None:
    with pytest.raises(SynapseError) as failed:
        worker.call("add", [print, 2])
    assert failed.value.code == "ENCODE_FAILED"
    assert worker.call("add", [1, 2]) == 3


def test_calls_from_many_threads_get_their_own_answers(worker: WorkerHandle) -> None:
    wrong: list[int] = []

    def call(offset: int) -> None:
        answers = [worker.call("add", [offset, number]) for number in range(200)]
        if answers != list(range(offset, offset + 200)):
            wrong.append(offset)

    threads = [threading.Thread(target=call, args=(offset * 1000,)) for offset in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_the_death_of_a_worker_rejects_what_it_ran_and_all_that_follows(
    worker: WorkerHandle,
) -> None:
    with pytest.raises(SynapseError) as failed:
        worker.call("die")
    assert failed.value.code == "WORKER_EXITED"
    assert "killed by signal 9" in failed.value.message
    assert worker.exit_status == -signal.SIGKILL
    with pytest.raises(SynapseError):
        worker.call("add", [1, 2])


def test_code_that_will_not_stop_is_killed_at_its_timeout(worker: WorkerHandle) -> None:
    with pytest.raises(SynapseError) as failed:
        worker.call("stubborn", timeout_ms=50)
    assert failed.value.code == "CALL_TIMEOUT"
    assert worker.exit_status == -signal.SIGKILL


def test_a_killed_worker_takes_its_children_along(worker: WorkerHandle) -> None:
    child = os.pidfd_open(worker.call("spawn_child"))
    try:
        worker.kill()
        assert select.select([child], [], [], 10)[0], "the child lives on"
    finally:
        os.close(child)


def test_closing_twice_and_from_a_with_block_is_fine(directory: Path) -> None:
    with open_worker(LaunchSpec(sys.executable, str(directory))) as worker:
        assert worker.call("add", [1, 1]) == 2
        worker.close()
    worker.close()
    assert worker.exit_status == 0


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("channel", ["auto", "socket"])
def test_a_closed_worker_leaves_no_descriptor_and_no_thread(directory: Path, channel: str) -> None:
    threads, descriptors = set(threading.enumerate()), open_descriptors()
    with open_worker(LaunchSpec(sys.executable, str(directory), channel=channel)) as worker:
        assert worker.call("add", [1, 1]) == 2
    for thread in set(threading.enumerate()) - threads:
        thread.join(5)
    assert not set(threading.enumerate()) - threads
    assert open_descriptors() == descriptors


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_worker_that_fails_to_start_leaves_nothing_either(tmp_path: Path) -> None:
    descriptors = open_descriptors()
    (tmp_path / "main.py").write_text("from synapse_worker import Module\n1 / 0\n")
    with pytest.raises(SynapseError) as failed:
        open_worker(LaunchSpec(sys.executable, str(tmp_path)))
    assert failed.value.code == "MODULE_START_FAILED"
    assert "ZeroDivisionError" in failed.value.details["stderr"]
    assert open_descriptors() == descriptors


def test_a_start_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("import time, synapse_worker\ntime.sleep(60)\n")
    with pytest.raises(SynapseError) as failed:
        open_worker(LaunchSpec(sys.executable, str(tmp_path)), start_timeout_ms=300)
    assert failed.value.code == "CALL_TIMEOUT"


def test_a_missing_entrypoint_is_named(tmp_path: Path) -> None:
    with pytest.raises(SynapseError) as failed:
        open_worker(LaunchSpec(sys.executable, str(tmp_path), dialect="native"))
    assert failed.value.code == "MODULE_START_FAILED"
    assert "main.py" in failed.value.message


def test_the_environment_can_be_given(directory: Path) -> None:
    spec = LaunchSpec(sys.executable, str(directory), environ={**os.environ, "MARK": "set"})
    with open_worker(spec) as worker:
        assert worker.call("environment") == "set"


def test_a_raw_request_that_takes_too_long_ends_its_worker(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(
        "import sys, time\nsys.stdin.buffer.read(4)\ntime.sleep(60)\n"
    )
    with open_worker(LaunchSpec(sys.executable, str(tmp_path))) as worker:
        with pytest.raises(SynapseError) as failed:
            worker.request(1, timeout_ms=100)
        assert failed.value.code == "CALL_TIMEOUT"


def test_a_module_describes_itself(worker: WorkerHandle) -> None:
    answer = worker.describe(full=False)
    assert set(answer) == {"hash", "members"}
    assert set(answer["members"]) == {"add", "die", "stubborn", "spawn_child", "environment"}
    assert worker.describe()["schema"]["hash"] == answer["hash"]


def test_only_the_latest_events_are_kept(directory: Path) -> None:
    with open_worker(LaunchSpec(sys.executable, str(directory))) as worker:
        for number in range(1000):
            worker._on_event({"event": "unknown", "number": number})
        assert len(worker.events) == 256
        assert worker.events[-1] == {"event": "unknown", "number": 999}
