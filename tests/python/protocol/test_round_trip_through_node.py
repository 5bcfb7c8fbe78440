"""Python → Node → Python: what one wing writes, the other reads and writes back without loss."""

from __future__ import annotations

import datetime as dt
import math
import os
import subprocess
from math import prod
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from synapse_worker.protocol.codec import CallbackReference, StreamReference, WireArray
from synapse_worker.protocol.codec.arrays import DTYPES
from synapse_worker.protocol.errors import DecodeError
from synapse_worker.protocol.frames import FrameDecoder
from synapse_worker.protocol.messages import Kind, decode_body, decode_header, encode_message

from .conftest import needs_node
from .javascript_values import in_any_order, through_javascript
from .vectors import cases, same, title, to_bytes, to_value

pytestmark = needs_node


class Node:
    """A node process that echoes values by the JavaScript protocol."""

    def __init__(self, compiled: Path) -> None:
        self.process = subprocess.Popen(
            ["node", str(Path(__file__).with_name("echo.mjs")), str(compiled)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._decoder = FrameDecoder()
        self._id = 0

    def exchange(self, value, *, raw: bytes | None = None):
        """Send a value (or the bytes of one) and return the kind and the body that come back."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self._id += 1
        if raw is None:
            frame = encode_message(Kind.RESULT, self._id, value)
        else:
            header = (Kind.RESULT | self._id << 16).to_bytes(8, "little")
            frame = (8 + len(raw)).to_bytes(4, "little") + header + raw
        self.process.stdin.write(frame)
        self.process.stdin.flush()
        while True:
            data = os.read(self.process.stdout.fileno(), 65_536)
            assert data, "node has ended"
            for payload in self._decoder.feed(data):
                kind, _, call_id = decode_header(payload)
                assert call_id == self._id
                return kind, decode_body(payload)

    def close(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.stdout.close()
        try:
            self.process.wait(10)
        finally:
            self.process.kill()


@pytest.fixture(scope="module")
def node(compiled):
    echo = Node(compiled)
    yield echo
    echo.close()


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=70)
integers = (
    st.integers()
    | st.integers(-(2**65), 2**65)
    | st.sampled_from([0, 7, 8, 15, 16, 31, 32, 53, 63, 64, 70, 1000]).flatmap(
        lambda bits: st.integers(-2, 2).flatmap(
            lambda near: st.sampled_from([2**bits + near, -(2**bits) + near])
        )
    )
)
times = st.datetimes(timezones=st.just(dt.timezone.utc))
sizes = st.lists(st.integers(0, 4), max_size=4).map(tuple)
arrays = st.tuples(
    st.sampled_from(["int8", "uint16", "int64", "float32", "complex128"]), sizes
).flatmap(
    lambda found: st.builds(
        WireArray,
        st.just(found[0]),
        st.just(found[1]),
        st.binary(min_size=(size := prod(found[1]) * DTYPES[found[0]].size), max_size=size).map(
            memoryview
        ),
    )
)
scalars = (
    *(st.none(), st.booleans(), integers, st.floats(), texts, st.binary(max_size=300)),
    *(times, arrays),
    *(st.builds(kind, st.integers(1, 2**32 - 1)) for kind in (CallbackReference, StreamReference)),
)
keys = texts | integers | st.binary(max_size=20) | st.tuples(integers, texts)
values = st.recursive(
    st.one_of(scalars),
    lambda inner: (
        st.lists(inner, max_size=20)
        | st.dictionaries(texts, inner, max_size=20)
        | st.dictionaries(keys, inner, max_size=6)
    ),
    max_leaves=40,
)


@settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(value=values)
@example(value=[2**63 + 1, 2**64, 2**70, -(2**63) - 1, math.nan, math.inf, -math.inf, -0.0])
@example(value={"__proto__": {"constructor": 1}, "10": 1, "9": 2, "x": {1: 2}})
@example(value=[dt.datetime(1, 1, 1, tzinfo=dt.timezone.utc), "\ufeff", "\0", b"\xff" * 70_000])
def test_values_come_back_without_loss(node, value):
    kind, body = node.exchange(value)
    assert kind == Kind.RESULT
    assert same(in_any_order(body), in_any_order(through_javascript(value)))


@pytest.mark.parametrize(
    "vector",
    [
        vector
        for vector in (*cases("values.json"), *cases("msgpack-test-suite.json"))
        if "javascript_value" not in vector
    ],
    ids=title,
)
def test_every_legal_encoding_comes_back_as_its_value(node, vector):
    expected = in_any_order(through_javascript(to_value(vector["value"])))
    for encoding in (vector["bytes"], *vector.get("also", ())):
        kind, body = node.exchange(None, raw=to_bytes(encoding))
        assert kind == Kind.RESULT
        assert same(in_any_order(body), expected)


@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.binary(max_size=60))
def test_both_wings_take_the_same_bytes_for_values(node, data):
    kind, body = node.exchange(None, raw=data)
    try:
        mine = decode_body(Kind.RESULT.to_bytes(8, "little") + data)
    except DecodeError as refusal:
        # JavaScript may take what Python cannot hold: a map as a key, a time before the year 1.
        beyond_python = "hash" in str(refusal) or "range" in str(refusal)
        assert kind == Kind.ERROR or beyond_python
    else:
        assert kind == Kind.RESULT
        assert same(in_any_order(body), in_any_order(through_javascript(mine)))
