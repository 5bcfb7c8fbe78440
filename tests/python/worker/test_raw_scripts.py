"""Raw scripts, unmodified, in real processes: whatever they do to their streams, replies stay right."""

from __future__ import annotations

import os
import select
import sys
from time import perf_counter
from typing import TYPE_CHECKING, Any

import pytest

from synapse_worker.protocol.errors import PythonError, SynapseError
from synapse_worker.supervisor.launch_spec import LaunchSpec
from synapse_worker.supervisor.process import WorkerProcess
from synapse_worker.worker.raw.channel import RawChannel
from synapse_worker.worker.raw.script import compile_ahead, run_as_main
from synapse_worker.worker.raw.steering import install

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from synapse_worker.worker.raw.channel import ChannelReader

LIMIT_SECONDS = 10

LOOP = """
import sys, os, msgpack
{before}
while True:
    head = sys.stdin.buffer.read(4)
    if len(head) < 4:
        break
    value = msgpack.unpackb(sys.stdin.buffer.read(int.from_bytes(head, 'little')))
    {noise}
    reply = msgpack.packb(value)
    sys.stdout.buffer.write(len(reply).to_bytes(4, 'little') + reply)
    sys.stdout.buffer.flush()
{after}
"""


def loop(noise: str = "pass", before: str = "", after: str = "") -> str:
    return LOOP.format(noise=noise, before=before, after=after)


@pytest.mark.parametrize("unbuffered", [False, True])
def test_ten_thousand_calls_survive_a_print_each(
    start: Callable[..., Any], unbuffered: bool
) -> None:
    environ = {**os.environ, "PYTHONUNBUFFERED": "1" if unbuffered else ""}
    run = start(loop("print('noise', value)"), environ=environ)
    for number in range(10_000):
        assert run.worker.request(number) == number
    run.worker.close()
    assert run.worker.exit_status == 0
    assert run.logs.of("stdout") == [f"noise {number}\n" for number in range(10_000)]


@pytest.mark.parametrize(
    ("noise", "seen"),
    [
        ("os.write(1, b'by number\\n')", "by number\n"),
        ("import subprocess; subprocess.run(['echo', 'child'], check=True)", "child\n"),
        ("os.system('echo shell')", "shell\n"),
        ("libc.printf(b'from C\\n')", "from C\n"),
        ("sys.stdout.write('text\\n')", "text\n"),
        ("print('emoji \\U0001f40d \\ud800')", "emoji \U0001f40d \\ud800\n"),
    ],
)
def test_what_is_written_beside_the_channel_is_a_log(
    start: Callable[..., Any], noise: str, seen: str
) -> None:
    run = start(loop(noise, before="import ctypes; libc = ctypes.CDLL(None)"))
    for number in range(20):
        assert run.worker.request(number) == number
    assert run.logs.wait_for("stdout", seen.strip()) == seen


@pytest.mark.parametrize(
    ("read", "write"),
    [
        (
            "head = stdin.read(4); body = stdin.read(int.from_bytes(head, 'little'))",
            "sys.stdout.buffer.write(len(reply).to_bytes(4, 'little')); sys.stdout.buffer.write(reply)",
        ),
        (
            "head = stdin.raw.read(4); body = stdin.raw.read(int.from_bytes(head, 'little'))",
            "sys.stdout.buffer.raw.write(len(reply).to_bytes(4, 'little') + reply)",
        ),
        (
            (
                "head = bytearray(4); stdin.readinto(head); "
                "body = bytearray(int.from_bytes(head, 'little')); stdin.readinto(body)"
            ),
            "sys.stdout.buffer.write(len(reply).to_bytes(4, 'little') + reply); sys.stdout.flush()",
        ),
        (
            "head = exactly(4); body = exactly(int.from_bytes(head, 'little'))",
            "[sys.stdout.buffer.write(bytes([b])) for b in len(reply).to_bytes(4, 'little') + reply]",
        ),
        (
            "head = os.read(0, 4); body = os.read(0, int.from_bytes(head, 'little'))",
            "os.write(1, len(reply).to_bytes(4, 'little') + reply)",
        ),
        (
            "head = zero.read(4); body = zero.read(int.from_bytes(head, 'little'))",
            "one.write(len(reply).to_bytes(4, 'little') + reply); one.flush()",
        ),
        (
            "fd = sys.stdin.fileno(); head = os.read(fd, 4); body = os.read(fd, int.from_bytes(head, 'little'))",
            "os.write(sys.stdout.fileno(), len(reply).to_bytes(4, 'little') + reply)",
        ),
    ],
    ids=["no flush", "raw", "readinto", "byte by byte", "os.read", "open(0)", "fileno"],
)
def test_every_way_to_read_and_write_bytes_reaches_the_channel(
    start: Callable[..., Any], read: str, write: str
) -> None:
    run = start(
        f"""
        import sys, os
        stdin = sys.stdin.buffer
        {"zero, one = open(0, 'rb'), open(1, 'wb')" if "zero" in read else ""}
        def exactly(count):
            data = b''
            while len(data) < count:
                chunk = stdin.read(1)
                if not chunk: break
                data += chunk
            return data
        while True:
            {read}
            if len(head) < 4 or not any(head): break
            reply = bytes(body)
            {write}
        """,
        dialect="raw",
    )
    for number in range(50):
        assert run.worker.request([number, "x" * number]) == [number, "x" * number]
    run.worker.close()
    assert run.worker.exit_status == 0


@pytest.mark.parametrize("value", [None, 0, "", False, [], {}, b""])
def test_falsy_values_travel(start: Callable[..., Any], value: object) -> None:
    assert start(loop()).worker.request(value) == value


def test_sixty_four_megabytes_take_linear_time(start: Callable[..., Any]) -> None:
    run = start(loop())

    def seconds(megabytes: int) -> float:
        payload = bytes(megabytes << 20)
        began = perf_counter()
        assert run.worker.request(payload) == payload
        return perf_counter() - began

    seconds(4)
    small = min(seconds(8), seconds(8))
    # Quadratic copying would take eight times as long as this, and tens of seconds.
    assert seconds(64) < max(5.0, 8 * small * 4)


def test_a_script_runs_as_python_would_run_it(start: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "neighbour.py").write_text("NAME = 'beside'\n")
    run = start(
        loop(
            "value = [__name__, __file__, sys.argv, sys.path[0], os.getcwd(), neighbour.NAME, "
            "sys.modules['__main__'].__dict__ is globals(), pickle.loads(pickle.dumps(Point(3))).x]",
            before="import neighbour, pickle\nclass Point:\n    def __init__(self, x): self.x = x",
        )
    )
    script = str(tmp_path / "main.py")
    assert run.worker.request(1) == [
        "__main__", script, [script], str(tmp_path), os.getcwd(), "beside", True, 3,
    ]  # fmt: skip


def test_an_exception_is_reported_with_its_traceback_and_printed_as_python_would(
    start: Callable[..., Any], tmp_path: Path
) -> None:
    run = start(loop("1 / value if value == 0 else None"))
    assert run.worker.request(1) == 1
    with pytest.raises(PythonError) as failed:
        run.worker.request(0)
    error = failed.value
    script = str(tmp_path / "main.py")
    assert (error.code, error.python_type) == ("PYTHON_EXCEPTION", "ZeroDivisionError")
    assert error.traceback.startswith(
        f'Traceback (most recent call last):\n  File "{script}", line 9'
    )
    run.worker.kill()
    assert "".join(run.logs.of("stderr")).startswith(
        f'Traceback (most recent call last):\n  File "{script}"'
    )
    assert run.worker.exit_status == 1


def test_an_exception_before_the_first_read_is_a_failed_start(start: Callable[..., Any]) -> None:
    with pytest.raises(SynapseError) as failed:
        start("import sys\nsys.stdin\nimport not_there_at_all\n", dialect="raw")
    assert failed.value.code == "MODULE_START_FAILED"
    assert "ModuleNotFoundError: No module named 'not_there_at_all'" in str(failed.value)


def test_a_syntax_error_is_a_failed_start(start: Callable[..., Any]) -> None:
    with pytest.raises(SynapseError) as failed:
        start("def broken(:\n", dialect="raw")
    assert failed.value.code == "MODULE_START_FAILED"
    assert "SyntaxError" in str(failed.value)


@pytest.mark.parametrize(
    ("leave", "status"), [("sys.exit(3)", 3), ("sys.exit()", 0), ("os._exit(4)", 4)]
)
def test_sys_exit_ends_the_worker_with_its_status(
    start: Callable[..., Any], leave: str, status: int
) -> None:
    run = start(loop(leave))
    with pytest.raises(SynapseError) as failed:
        run.worker.request(1)
    assert failed.value.code == "WORKER_EXITED"
    assert run.worker.exit_status == status


def test_sys_exit_with_a_message_prints_it_and_fails(start: Callable[..., Any]) -> None:
    run = start(loop("sys.exit('no more')"))
    with pytest.raises(SynapseError):
        run.worker.request(1)
    assert run.worker.exit_status == 1
    assert run.logs.wait_for("stderr", "no more") == "no more\n"


def test_the_exit_account_counts_what_was_consumed(start: Callable[..., Any]) -> None:
    run = start(loop("sys.exit()"))
    with pytest.raises(SynapseError):
        run.worker.request_bytes(b"\x01")
    run.worker.kill()
    assert run.events("exit") == [{"event": "exit", "consumed_bytes": 5}]


def test_bytes_that_were_buffered_but_never_taken_are_not_consumed(
    start: Callable[..., Any],
) -> None:
    run = start(
        """
        import sys
        sys.stdin.buffer.peek()
        sys.stdin.buffer.read(3)
        sys.exit()
        """
    )
    with pytest.raises(SynapseError):
        run.worker.request_bytes(b"0123456789")
    run.worker.kill()
    assert run.events("exit") == [{"event": "exit", "consumed_bytes": 3}]


def test_what_may_have_been_read_from_a_copy_of_the_number_is_not_accounted_for(
    start: Callable[..., Any],
) -> None:
    run = start(
        """
        import os, sys
        channel = open(os.dup(sys.stdin.fileno()), "rb")
        channel.read(5)
        sys.exit()
        """
    )
    with pytest.raises(SynapseError):
        run.worker.request_bytes(b"0123456789")
    run.worker.kill()
    assert run.events("exit") == []


@pytest.mark.parametrize(
    "read",
    [
        lambda reader, fd: reader.raw.read(5),
        lambda reader, fd: reader.raw.readinto(bytearray(5)),
        lambda reader, fd: os.read(fd, 5),
        lambda reader, fd: os.readv(fd, [bytearray(5)]),
    ],
    ids=["read", "readinto", "os.read", "os.readv"],
)
def test_who_waits_to_read_when_the_account_is_made_gets_nothing(
    read: Callable[[ChannelReader, int], bytes | int],
) -> None:
    ours, theirs = os.pipe()
    channel = RawChannel(ours, theirs, lambda: None)
    steering = install(channel, lambda message: None)
    try:
        reader = channel.open_reader()
        os.write(theirs, b"01234")
        accounts: list[int | None] = []
        channel.flush_before_read(lambda: accounts.append(channel.consumed_bytes()))
        assert read(reader, ours) in (b"", 0)
        assert accounts == [0]
    finally:
        steering.remove()
        os.close(ours)
        os.close(theirs)


def test_a_script_that_never_reads_gets_a_warning(
    start: Callable[..., Any], tmp_path: Path
) -> None:
    with pytest.raises(SynapseError) as failed:
        start("print('hello')\n", dialect="raw")
    assert failed.value.code == "WORKER_EXITED"


def test_partial_text_and_late_prints_come_out(start: Callable[..., Any]) -> None:
    run = start(loop("print('no newline', end='')", after="print('goodbye')"))
    assert run.worker.request(1) == 1
    run.worker.close()
    assert run.logs.of("stdout") == ["no newlinegoodbye\n"]


def test_a_forked_child_cannot_reach_the_channel(start: Callable[..., Any]) -> None:
    run = start(
        loop(
            """
    if os.fork() == 0:
        sys.stdout.buffer.write(b'garbage'); sys.stdout.buffer.flush()
        sys.stdin.buffer.read(1)
        print('child')
        sys.exit()
    os.wait()
    """
        )
    )
    for number in range(5):
        assert run.worker.request(number) == number
    run.logs.wait_for("stdout", "child")
    run.worker.close()
    assert len(run.events("exit")) == 1


def test_a_loop_in_a_thread_serves_after_the_main_thread_has_ended(
    start: Callable[..., Any],
) -> None:
    body = "\n    ".join(loop().splitlines())
    run = start(
        f"import threading\ndef serve():\n    {body}\nthreading.Thread(target=serve).start()\n"
    )
    assert run.worker.request(7) == 7
    run.worker.close()
    assert run.worker.exit_status == 0
    assert [event["consumed_bytes"] for event in run.events("exit")] == [5]


def test_asyncio_streams_over_stdin_work(start: Callable[..., Any]) -> None:
    run = start(
        """
        import asyncio, sys
        async def main():
            reader = asyncio.StreamReader()
            loop = asyncio.get_running_loop()
            await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
            while True:
                try:
                    head = await reader.readexactly(4)
                    body = await reader.readexactly(int.from_bytes(head, 'little'))
                except asyncio.IncompleteReadError:
                    return
                print('served')
                sys.stdout.buffer.write(head + body)
                sys.stdout.buffer.flush()
        asyncio.run(main())
        """,
        dialect="raw",
    )
    assert [run.worker.request(n) for n in range(20)] == list(range(20))


def test_the_stdio_channel_leaves_the_streams_alone(start: Callable[..., Any]) -> None:
    run = start(loop("print('to stderr', file=sys.stderr)"), channel="stdio", dialect="raw")
    assert run.worker.request({"a": 1}) == {"a": 1}
    run.logs.wait_for("stderr", "to stderr")


def test_the_socket_channel_serves_where_pipes_cannot(start: Callable[..., Any]) -> None:
    run = start(loop("print('x')"), channel="socket", dialect="raw")
    payload = {"data": bytes(1 << 20)}
    assert run.worker.request(payload) == payload
    run.worker.close()
    assert run.worker.exit_status == 0


def test_the_main_module_looks_as_under_plain_python(start: Callable[..., Any]) -> None:
    look = "value = [__doc__, __spec__, type(__loader__).__name__, __loader__.name, __loader__.path == __file__]"
    run = start("#" + loop(look))
    assert run.worker.request(None) == [None, None, "SourceFileLoader", "__main__", True]


def test_a_script_is_compiled_while_the_parent_opens_its_ends_and_not_run(tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    # What the compiler has to say comes on standard error.
    (tmp_path / "main.py").write_text(f"open({str(ran)!r}, 'w')\nassert 1 is 1\n")
    process = WorkerProcess(LaunchSpec(sys.executable, str(tmp_path), "main.py"), lambda _: None)
    process.watch()
    said = b""
    while b"SyntaxWarning" not in said:
        ready, _, _ = select.select([process.log_fds[1]], [], [], LIMIT_SECONDS)
        assert ready, "It was never compiled."
        said += os.read(process.log_fds[1], 4096)
    assert not ran.exists()  # the offer of a channel has not been answered
    process.kill()
    assert process.wait(LIMIT_SECONDS)
    for fd in {*process.log_fds, *process.data_fds, process.control_fd}:
        os.close(fd)


def test_what_was_compiled_ahead_runs_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "main.py"
    script.write_text("import sys\nsys.modules['json'].ran = 'first'\n")
    for name in ("argv", "path"):
        monkeypatch.setattr(sys, name, list(getattr(sys, name)))
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
    module = type(sys)("json")
    monkeypatch.setitem(sys.modules, "json", module)
    compile_ahead(str(script))
    script.write_text("import sys\nsys.modules['json'].ran = 'second'\n")
    run_as_main(str(script))
    assert module.ran == "first"
    run_as_main(str(script))
    assert module.ran == "second"


@pytest.mark.parametrize("text", ["this is no Python", "\0", None])
def test_what_cannot_be_compiled_ahead_says_so_when_it_is_run(
    tmp_path: Path, text: str | None
) -> None:
    script = tmp_path / "main.py"
    if text is not None:
        script.write_text(text)
    compile_ahead(str(script))
    with pytest.raises((SyntaxError, ValueError, OSError)):
        run_as_main(str(script))
