"""Forward the standard library's logging as structured records, where the user configured none."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from synapse_worker.worker.context import current_call_id
from synapse_worker.worker.reports import MAX_EXTRA_BYTES, plain_record

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable

    from synapse_worker.worker.control import Control


class LogForwarding:
    """Installs the forwarding handler once `logging` has been imported by anyone.

    Records go to `send(call_id, record)`, which may change: data carries none before the greeting.
    """

    def __init__(self, send: Callable[[int, dict[str, Any]], None]) -> None:
        self.send = send
        # Until anyone has imported it.
        self.awaits_logging = True

    def install(self) -> None:
        """Put a handler on the root logger, unless user code did; cheap to call again."""
        if not self.awaits_logging or "logging" not in sys.modules:
            return
        self.awaits_logging = False
        import logging

        root = logging.getLogger()
        if root.handlers:
            return
        root.addHandler(_make_handler(self))
        if root.level == logging.WARNING:  # the default: nobody has chosen
            root.setLevel(logging.INFO)


def on_control(control: Control) -> Callable[[int, dict[str, Any]], None]:
    """Return what sends records while nothing is served: in setups and teardowns."""

    def send(call_id: int, record: dict[str, Any]) -> None:
        try:
            control.send("log", record=record)
        except Exception:  # JSON has no NaN, and a repr of the user's may raise anything
            control.send("log", record=plain_record(record, _can_be_json))

    return send


def _can_be_json(value: object) -> bool:
    import json

    try:
        return len(json.dumps(value, allow_nan=False)) <= MAX_EXTRA_BYTES
    except (TypeError, ValueError, RecursionError):
        return False


def _make_handler(forwarding: LogForwarding) -> logging.Handler:
    import logging

    plain_names = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

    class ForwardingHandler(logging.Handler):
        """Sends each record as a LOG message of the call it belongs to."""

        def emit(self, record: logging.LogRecord) -> None:
            try:
                forwarding.send(current_call_id(), self._fields(record))
            except Exception:
                self.handleError(record)

        def _fields(self, record: logging.LogRecord) -> dict[str, Any]:
            return {
                "level": record.levelname,
                "logger": record.name,
                "message": self.format(record),
                "file": record.pathname,
                "line": record.lineno,
                "extra": {k: v for k, v in vars(record).items() if k not in plain_names},
            }

    return ForwardingHandler()
