"""Properties of the codec and of frames that hold for any input."""

from __future__ import annotations

import datetime as dt

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from synapse_worker.protocol.codec import msgpack_binding, msgspec_binding
from synapse_worker.protocol.errors import DecodeError, EncodeError
from synapse_worker.protocol.frames import FrameDecoder, encode_frame

from .vectors import same

MSGSPEC, MSGPACK = msgspec_binding.binding, msgpack_binding.binding

settings.register_profile("protocol", deadline=None, max_examples=200)
modest = settings(
    settings.get_profile("protocol"),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

texts = st.text(max_size=40)  # lone surrogates included
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(2**65), 2**65)
    | st.floats()
    | texts
    | st.binary(max_size=40)
    | st.datetimes(timezones=st.just(dt.timezone.utc))
)
keys = texts | st.integers() | st.binary(max_size=10) | st.tuples(st.integers(), texts)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=8) | st.dictionaries(keys, inner, max_size=8),
    max_leaves=30,
)
anything = st.recursive(
    scalars | st.sampled_from([print, object(), object, 1j, range(3), ...]),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.lists(inner, max_size=5).map(tuple)
        | st.dictionaries(keys, inner, max_size=5)
    ),
    max_leaves=15,
)


def has_surrogate(value):
    if isinstance(value, str):
        return any("\ud800" <= character <= "\udfff" for character in value)
    if isinstance(value, dict):
        return any(has_surrogate(key) or has_surrogate(item) for key, item in value.items())
    return isinstance(value, list | tuple) and any(map(has_surrogate, value))


@modest
@given(value=values)
def test_a_value_comes_back_as_it_went(codec, value):
    if has_surrogate(value):
        return
    assert same(codec.decode(codec.encode(value)), value)


@modest
@given(value=values)
def test_both_libraries_write_the_same_bytes(value):
    if has_surrogate(value):
        return
    assert MSGSPEC.encode(value) == MSGPACK.encode(value)


def encoded(codec, value):
    try:
        return codec.encode(value)
    except EncodeError as error:
        return error.code, error.path, str(error)


@modest
@given(value=anything)
def test_encoding_gives_bytes_or_our_error_the_same_with_both_libraries(value):
    assert encoded(MSGSPEC, value) == encoded(MSGPACK, value)


class _Refused:
    """Stands for bytes that a library refused, whatever its reason."""


def decoded(codec, data):
    try:
        return codec.decode(data)
    except DecodeError:
        return _Refused


@modest
@given(data=st.binary(max_size=80))
def test_decoding_gives_a_value_or_our_error_the_same_with_both_libraries(data):
    assert same(decoded(MSGSPEC, data), decoded(MSGPACK, data))


@modest
@given(value=values, data=st.data())
def test_damaged_bytes_give_a_value_or_our_error(codec, value, data):
    if has_surrogate(value):
        return
    damaged = bytearray(codec.encode(value))
    at = data.draw(st.integers(0, len(damaged) - 1))
    damaged[at] = data.draw(st.integers(0, 255))
    del damaged[data.draw(st.integers(0, len(damaged))) :]
    decoded(codec, damaged)


@modest
@given(payloads=st.lists(st.binary(max_size=50), max_size=12), data=st.data())
def test_frames_cut_anywhere_give_the_payloads(payloads, data):
    stream = b"".join(map(encode_frame, payloads))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=10)))
    decoder, taken = FrameDecoder(), []
    for start, stop in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        taken += [bytes(payload) for payload in decoder.feed(stream[start:stop])]
    decoder.end()
    assert taken == payloads
