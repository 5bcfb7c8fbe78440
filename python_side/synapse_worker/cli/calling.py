"""Makes one call from inside a module's environment; started by `call.py`, by its path.

It finds the codec as a worker of this environment would, starts a worker, and prints what it says.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from synapse_worker.cli.output import Output
    from synapse_worker.supervisor import WorkerHandle

DESCRIBE_TIMEOUT_MS = 5000


def main(descriptor: int) -> int:
    """Read the call from the inherited file, make it, and return the exit code."""
    _make_importable()
    from synapse_worker.cli.boundary import run_guarded
    from synapse_worker.cli.output import Output

    with os.fdopen(descriptor, "rb") as file:
        call: dict[str, Any] = json.load(file)
    output = Output(as_json=call["json"], debug=call["debug"])
    return run_guarded(lambda: _call(call, output), output)


def _make_importable() -> None:
    """Find our package and the private codec, both behind everything of the module's own."""
    own = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    for path in (own, os.path.join(sys.prefix, "synapse", "codec")):
        if path not in sys.path:
            sys.path.append(path)


def _call(call: dict[str, Any], output: Output) -> int:
    from synapse_worker.cli.command import EXIT_OK
    from synapse_worker.cli.plain import plain
    from synapse_worker.supervisor import LaunchSpec, open_worker

    def show_log(_source: str, line: str) -> None:
        sys.stderr.write(line if line.endswith("\n") else f"{line}\n")

    spec = LaunchSpec(
        python=call["launch"]["python"],
        script=call["launch"]["script"],
        directory=call["directory"],
        entrypoint=call["entrypoint"],
        dialect=call["dialect"],
        name=call["name"],
    )
    limit = call["start_timeout_ms"]
    with open_worker(spec, on_log=show_log, start_timeout_ms=limit) as worker:
        if spec.dialect == "raw":
            _print(output, worker.request(call["args"], timeout_ms=call["timeout_ms"]))
        elif _is_stream(call, worker):
            for item in _stream(call, worker, output):
                print(json.dumps(plain(item), ensure_ascii=False), flush=True)
        else:
            _print(
                output,
                worker.call(
                    call["method"],
                    call["args"],
                    call["kwargs"],
                    timeout_ms=call["timeout_ms"],
                    on_progress=output.call_progress,
                ),
            )
    return EXIT_OK


def _is_stream(call: dict[str, Any], worker: WorkerHandle) -> bool:
    """Say whether to open a stream; a method that is none is left to the worker's own error."""
    from synapse_worker.cli.usage import UsageError

    methods = (worker.hello or {}).get("methods", {})
    if call["method"] is None:
        raise UsageError(
            f"Which method? {call['entrypoint']} has {_offered(methods, worker)}",
            f"`synapse call {call['directory']} METHOD --args '[…]'`",
        )
    return bool(call["stream"]) or methods.get(call["method"], {}).get("kind") == "stream"


def _offered(methods: dict[str, Any], worker: WorkerHandle) -> str:
    """Say what there is to call: a signature a line, or names alone where they cannot be described."""
    from synapse_worker.protocol.errors import SynapseError

    if not methods:
        return "none yet."
    try:
        members = worker.describe(full=False, timeout_ms=DESCRIBE_TIMEOUT_MS)["members"]
    except SynapseError:
        members = {}
    return "".join(f"\n  {_signature(name, members.get(name, ''))}" for name in sorted(methods))


def _signature(name: str, member: str) -> str:
    """Return a line of the schema with the name where Python has it: `stream ticks(count: int) -> Quote`."""
    kind, bracket, rest = member.partition("(")
    return f"{kind}{name}{bracket}{rest}"


def _stream(call: dict[str, Any], worker: WorkerHandle, output: Output) -> Iterator[Any]:
    """Yield a stream's items; a deadline ends it with CALL_TIMEOUT."""
    from synapse_worker.protocol.errors import SynapseError

    timed_out = threading.Event()
    stream = worker.stream(
        call["method"], call["args"], call["kwargs"], on_progress=output.call_progress
    )

    def give_up() -> None:
        timed_out.set()
        worker.cancel(stream.stream_id)

    timer = threading.Timer((call["timeout_ms"] or 0) / 1000, give_up)
    if call["timeout_ms"] is not None:
        timer.start()
    try:
        with stream:
            yield from stream
    except SynapseError as error:
        if timed_out.is_set():
            message = f"{call['method']!r} took longer than {call['timeout_ms']:g} ms."
            raise SynapseError("CALL_TIMEOUT", message, cause=error) from error
        raise
    finally:
        timer.cancel()


def _print(output: Output, value: Any) -> None:
    from synapse_worker.cli.plain import plain

    shown = plain(value)
    output.result(shown, json.dumps(shown, ensure_ascii=False, indent=2))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
