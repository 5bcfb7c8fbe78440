"""The codec against the shared vectors, by both libraries."""

from __future__ import annotations

import datetime as dt

import pytest

from synapse_worker.protocol.errors import DecodeError, EncodeError

from .vectors import cases, same, title, to_bytes, to_value

VALUES = [*cases("values.json"), *cases("msgpack-test-suite.json")]


@pytest.mark.parametrize("vector", VALUES, ids=title)
def test_a_value_encodes_to_its_smallest_form(codec, vector):
    if vector.get("encode") is not False:
        assert codec.encode(to_value(vector["value"])) == to_bytes(vector["bytes"])


@pytest.mark.parametrize("vector", VALUES, ids=title)
def test_every_legal_encoding_decodes_to_the_value(codec, vector):
    value = to_value(vector["value"])
    tolerance = dt.timedelta(microseconds=vector.get("within_us", 0))
    for encoding in (vector["bytes"], *vector.get("also", ())):
        data = to_bytes(encoding)
        for form in (data, bytearray(data), memoryview(data)):
            decoded = codec.decode(form)
            assert same(decoded, value) or (tolerance and abs(decoded - value) <= tolerance)
    for encoding in vector.get("as_float", ()):
        assert same(codec.decode(to_bytes(encoding)), float(value))


@pytest.mark.parametrize(
    "vector",
    [case for case in cases("rejects.json") if "every beginning" not in title(case)],
    ids=title,
)
def test_what_is_no_value_is_refused(codec, vector):
    with pytest.raises(DecodeError) as caught:
        codec.decode(to_bytes(vector["bytes"]))
    assert caught.value.code == vector["error"]


@pytest.mark.parametrize("vector", cases("rejects.json", "truncations"), ids=title)
def test_a_value_that_is_cut_anywhere_is_refused(codec, vector):
    whole = to_bytes(vector["bytes"])
    codec.decode(whole)
    for length in range(len(whole)):
        with pytest.raises(DecodeError) as caught:
            codec.decode(whole[:length])
        assert caught.value.code == vector["error"]
    with pytest.raises(DecodeError):
        codec.decode(whole + b"\0")


@pytest.mark.parametrize("vector", cases("refusals.json"), ids=title)
def test_a_value_that_cannot_travel_is_refused_with_its_path(codec, vector):
    with pytest.raises(EncodeError) as caught:
        codec.encode(to_value(vector["value"]))
    assert caught.value.code == vector["error"]
    assert caught.value.path == vector["path"]
    assert caught.value.details == {"path": vector["path"]}
    assert vector["path"] in str(caught.value)
