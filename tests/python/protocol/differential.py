"""What each decoder makes of the same bytes, in a form that can be compared.

A verdict is `ok`, or the code of the error; `undecodable CODE` for a message by which one call fails, and
`ignored`. Anything else that is raised is a crash, and no verdict at all.
"""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synapse_worker.protocol.codec import msgpack_binding, msgspec_binding
from synapse_worker.protocol.errors import DecodeError, FrameError, ProtocolError
from synapse_worker.protocol.frames import FrameDecoder
from synapse_worker.protocol.messages import (
    FIRST_IGNORED_KIND,
    NO_BODY,
    decode_body,
    decode_header,
)

from .javascript_values import in_any_order, through_javascript
from .vectors import same

if TYPE_CHECKING:
    from collections.abc import Sequence

SMALL_FRAME_BYTES = 64
"""The limit that streams are decoded with, so that it is reached."""


class Input(IntEnum):
    """What bytes are taken for."""

    VALUE = 0
    MESSAGE = 1
    STREAM = 2


# The messages of the bodies that hold counts.
_FLOAT = re.compile(r"(timed RESULT|OPEN|CREDIT) message")


@dataclass
class Finding:
    """What a decoder made of an input: a verdict, and what it decoded where that is `ok`."""

    verdict: str
    value: Any = None
    kind: int | None = None
    id: int | None = None


def python_finding(what: Input, data: bytes) -> Finding:
    """Return what the Python wing makes of an input."""
    if what == Input.VALUE:
        return _value(msgspec_binding.binding, data)
    return _message(data) if what == Input.MESSAGE else _stream(data)


def other_library_finding(data: bytes) -> Finding:
    """Return what the Python wing makes of a value where msgspec cannot be had."""
    return _value(msgpack_binding.binding, data)


def _value(binding: Any, data: bytes) -> Finding:
    try:
        return Finding("ok", binding.decode(data))
    except DecodeError as error:
        return Finding(error.code, str(error))


def _message(data: bytes) -> Finding:
    try:
        kind, _, call_id = decode_header(data)
        if kind >= FIRST_IGNORED_KIND:
            return Finding("ignored")
        body = decode_body(data)
    except ProtocolError as error:
        return Finding(error.code, str(error))
    except DecodeError as error:
        return Finding(f"undecodable {error.code}", str(error), kind, call_id)
    return Finding("ok", None if body is NO_BODY else body, kind, call_id)


def _stream(data: bytes) -> Finding:
    decoder, payloads = FrameDecoder(SMALL_FRAME_BYTES), []
    step = 1 + (data[0] if data else 0)
    try:
        for at in range(1, len(data), step):
            payloads += [bytes(payload).hex() for payload in decoder.feed(data[at : at + step])]
        decoder.end()
    except FrameError as error:
        return Finding(error.code, payloads)
    return Finding("ok", payloads)


class JavaScript:
    """A node process that gives the verdicts of the JavaScript decoders, many at once."""

    def __init__(self, compiled: Path) -> None:
        self._process = subprocess.Popen(
            ["node", str(Path(__file__).with_name("verdicts.mjs")), str(compiled)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def findings(self, what: Input, inputs: Sequence[bytes]) -> list[dict[str, Any]]:
        """Return what JavaScript makes of some inputs, in their order."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        for data in inputs:
            self._process.stdin.write((1 + len(data)).to_bytes(4, "little") + bytes((what,)) + data)
        self._process.stdin.flush()
        lines = [self._process.stdout.readline() for _ in inputs]
        assert lines[-1], "node has ended"
        return [json.loads(line) for line in lines]

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        try:
            self._process.wait(10)
        finally:
            self._process.kill()


def difference(what: Input, mine: Finding, theirs: dict[str, Any]) -> str | None:
    """Say how the two wings differ where they must not; None where they agree."""
    verdict = theirs["verdict"]
    if verdict.startswith("crash"):
        return f"JavaScript: {verdict}"
    if what == Input.STREAM:
        # What a chunk had completed before it went wrong, JavaScript has handed out already.
        got, wanted = theirs["payloads"], mine.value
        got = got if verdict == "ok" else got[: len(wanted)]
        return None if (mine.verdict, wanted) == (verdict, got) else f"{mine} against {theirs}"
    if not _agree(mine, verdict, theirs.get("because") or verdict):
        return f"Python: {mine}; JavaScript: {verdict}"
    if mine.verdict != verdict:
        return None
    if (mine.kind, mine.id) != (theirs.get("kind"), theirs.get("id")):
        return f"Python: {mine}; JavaScript: {theirs}"
    if verdict == "ok" and "body" in theirs and not _has_odd_keys(mine.value):
        read = msgspec_binding.binding.decode(bytes.fromhex(theirs["body"]))
        if not same(in_any_order(read), in_any_order(through_javascript(mine.value))):
            return f"Python: {mine.value!r}; JavaScript: {read!r}"
    return None


def _agree(mine: Finding, verdict: str, because: str) -> bool:
    """Say whether two verdicts are the same in kind, or differ as docs/protocol.md allows.

    `because` is what made JavaScript refuse a body: of some kinds that costs the connection.
    """
    if mine.verdict.split(" ")[0] == verdict.split(" ")[0]:
        return True
    refusals = ("DECODE_FAILED", "DEPTH_EXCEEDED")
    if mine.verdict in refusals and verdict in refusals:
        return True  # it is wrong in both ways; which is seen first is the reader's affair
    # JavaScript has one kind of number: where an integer is wanted, 2.0 is one.
    if verdict == "ok" and not mine.verdict.startswith("DE") and _FLOAT.search(str(mine.value)):
        return True
    # Python follows nesting further down than JavaScript.
    if mine.verdict == "ok" and because.endswith("DEPTH_EXCEEDED"):
        return True
    # A map as a key, a time before the year 1: JavaScript can hold them.
    beyond_python = "hash" in str(mine.value) or "range" in str(mine.value)
    return verdict == "ok" and beyond_python


def _has_odd_keys(value: Any) -> bool:
    """Say whether a map has keys whose sameness the two languages see differently: True and 1, NaN, two equal Dates."""
    if isinstance(value, dict):
        return any(type(key) not in (str, int) for key in value) or any(
            map(_has_odd_keys, value.values())
        )
    return isinstance(value, list | tuple) and any(map(_has_odd_keys, value))
