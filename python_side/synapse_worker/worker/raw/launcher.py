"""Run a raw script on the channel, and report how it began and ended.

Implements "The raw dialect" of `docs/protocol.md` from the script's side: it loops over
`sys.stdin.buffer.read(4)` and `sys.stdout.buffer.write(…)`, knowing nothing of Synapse.
"""

from __future__ import annotations

import atexit
import gc
import sys

from synapse_worker.start_image import release
from synapse_worker.worker.c_stdio import line_buffer_stdout
from synapse_worker.worker.collector import resume
from synapse_worker.worker.dialect import DialectUndecidedError
from synapse_worker.worker.forked import silence_in_children
from synapse_worker.worker.raw import steering, streams
from synapse_worker.worker.raw.channel import RawChannel
from synapse_worker.worker.raw.script import run_as_main

TYPE_CHECKING = False  # importing typing costs 9 ms of a cold start
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO

    from synapse_worker.worker.channel import Channel
    from synapse_worker.worker.config import WorkerConfig
    from synapse_worker.worker.control import Control


def run_raw(config: WorkerConfig, channel: Channel, control: Control) -> None:
    """Run the script of `config`; return when its main thread has ended.

    Raises:
        SystemExit: the script called `sys.exit`, or an exception of its own ended it (status 1).
    """
    if config.channel == "stdio":
        control.send("ready")
        _run_and_report(config, control, lambda: True)
    else:
        RawScript(config, channel, control).run()


class RawScript:
    """A script with the channel in the place of its standard streams."""

    def __init__(self, config: WorkerConfig, channel: Channel, control: Control) -> None:
        self._config = config
        self._control = control
        self._before_first_read: Callable[[], None] | None = None
        self._channel = RawChannel(channel.input_fd, channel.output_fd, self._on_first_read)
        self._streams = streams.install(self._channel)
        self._steering = steering.install(
            self._channel, lambda message: control.send("warning", message=message)
        )
        silence_in_children(channel.descriptors())
        atexit.register(self._report_exit)

    @property
    def was_read(self) -> bool:
        """Whether the script has used the channel."""
        return self._channel.was_read

    def run(self, before_first_read: Callable[[], None] | None = None) -> None:
        """Run the script; return when its main thread has ended.

        Raises:
            SystemExit: the script called `sys.exit`, or an exception of its own ended it.
            DialectUndecidedError: `before_first_read` raised it.
        """
        self._before_first_read = before_first_read
        _run_and_report(self._config, self._control, lambda: self.was_read)

    def withdraw(self) -> None:
        """Give the standard streams back: this is no raw script after all."""
        atexit.unregister(self._report_exit)
        sys.stdout.flush()
        streams.restore(self._streams)
        self._steering.remove()

    def _on_first_read(self) -> None:
        if self._before_first_read is not None:
            self._before_first_read()
        self._control.send("ready")
        line_buffer_stdout()

    def _report_exit(self) -> None:
        # Runs last, after non-daemon threads of the script have ended: they may still serve. In a
        # forked child all of this goes to the null device.
        for stream in (sys.__stdout__, sys.__stderr__):
            _flush(stream)
        if not self.was_read:
            self._control.send("warning", message=_never_read(self._config.entrypoint))
        consumed_bytes = self._channel.consumed_bytes()
        if consumed_bytes is not None:
            self._control.send("exit", consumed_bytes=consumed_bytes)


def _flush(stream: TextIO | None) -> None:
    try:
        stream.flush()  # type: ignore[union-attr]
    except (OSError, ValueError):
        return  # the reader is gone, or the stream closed


def _run_and_report(config: WorkerConfig, control: Control, was_ready: Callable[[], bool]) -> None:
    gc.freeze()  # else the collections of the script go through all of ours
    resume()
    release()
    try:
        run_as_main(config.script)
    except (SystemExit, DialectUndecidedError):
        raise
    except BaseException as error:
        _report_crash(config, control, error, was_ready())
        sys.exit(1)


def _report_crash(
    config: WorkerConfig, control: Control, error: BaseException, was_ready: bool
) -> None:
    """Print the traceback as Python would, and send it."""
    from synapse_worker.protocol.errors import SynapseError, error_to_wire
    from synapse_worker.worker.start_failure import start_details
    from synapse_worker.worker.tracebacks import trim_chain

    trim_chain(error)
    error_map = error_to_wire(error)
    if not was_ready:
        start_failure = SynapseError(
            "MODULE_START_FAILED",
            f"{config.entrypoint} failed before it read its first request: "
            f"{type(error).__name__}: {error_map['message']}",
            details=start_details(config, error),
        )
        traceback = error_map["traceback"]
        error_map = {**error_to_wire(start_failure), "traceback": traceback, "cause": error_map}
    sys.excepthook(type(error), error, error.__traceback__)
    control.send("crash", error=error_map)


def _never_read(entrypoint: str) -> str:
    return (
        f"{entrypoint} ended without reading a request. A raw script loops over "
        "sys.stdin.buffer.read(4). If it uses descriptor 0 from C or a copy of it, set the option "
        "`channel` to 'stdio' (/dev/stdin cannot be opened, it is a socket); if it is a native module, "
        "set `dialect` to 'native'."
    )
