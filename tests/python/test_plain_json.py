"""JSON without `json`: the same values, texts and refusals."""

from __future__ import annotations

import json
from typing import Any

import pytest

from synapse_worker import plain_json

TEXTS = (
    '{"dialect":"raw","limits":{"max_frame_bytes":1}}',
    ' {"a": [1.5, null, true, "\\u00e9\\ud800"]}\n',
    "[NaN, -Infinity, 1e5, 123456789012345678901234567890]",
    '"\N{SNAKE}"',
)
MISTAKES = ("", "{", '{"a":1}x', "nope", "\0", '{"a" 1}', "[1,]")


@pytest.mark.parametrize("text", TEXTS)
def test_it_reads_what_json_reads(text: str) -> None:
    assert repr(plain_json.loads(text)) == repr(json.loads(text))
    assert repr(plain_json.loads(text.encode())) == repr(json.loads(text))


@pytest.mark.parametrize("text", MISTAKES)
def test_it_refuses_what_json_refuses_in_its_words(text: str) -> None:
    with pytest.raises(json.JSONDecodeError) as refused:
        plain_json.loads(text)
    with pytest.raises(json.JSONDecodeError) as refused_by_json:
        json.loads(text)
    assert str(refused.value) == str(refused_by_json.value)


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(UnicodeDecodeError):
        plain_json.loads(b"\xff")


def test_it_writes_what_json_writes() -> None:
    value = {
        "event": "log",
        "x": [1, 2.5, None, True, "\N{SNAKE}\ud800\n"],
        "o": {1, 2},
        "d": {"k": (1,)},
    }
    written = plain_json.dumps(value, default=repr, allow_nan=False)
    assert written == json.dumps(value, default=repr, allow_nan=False)


def test_it_refuses_what_json_cannot_say() -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        plain_json.dumps({"x": [float("nan")]}, default=repr, allow_nan=False)


@pytest.mark.parametrize("value", [{"b": [1, {}], "a": "\N{SNAKE}"}, [], "text", None, 1.5])
def test_it_writes_a_compact_form_as_json_does(value: object) -> None:
    how: dict[str, Any] = {"sort_keys": True, "separators": (",", ":"), "allow_nan": False}
    assert plain_json.dumps(value, **how) == json.dumps(value, **how)


def test_it_refuses_objects_in_the_words_of_json() -> None:
    with pytest.raises(TypeError, match="Object of type set is not JSON serializable"):
        plain_json.dumps({"x": set()}, allow_nan=False)
