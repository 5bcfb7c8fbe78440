"""Signatures of plain functions are read as `inspect` reads them."""

from __future__ import annotations

import functools
import inspect
from typing import Any

import pytest

from synapse_worker.schema.signatures import EMPTY, Written, signature_of


def nothing():  # type: ignore[no-untyped-def]
    ...


def everything(
    a: int, b: str = "b", /, c: Any = 1, *rest: int, d: bool, e: float = 2.0, **more: str
) -> bytes: ...


def keywords(*, first: int, second: int = 2) -> None: ...


def mixed(a, /, b=2, *, c):  # type: ignore[no-untyped-def]
    return a


@functools.wraps(everything)
def wrapped(*args: Any) -> None: ...


def keywords_from_locals(**given: int) -> None:
    other = given  # noqa: F841  # a local after the parameters


class Doubling:
    def increase(self, by: int) -> int: ...

    twice = functools.partialmethod(increase, 2)


@pytest.mark.parametrize(
    "function",
    [
        nothing,
        everything,
        keywords,
        mixed,
        wrapped,
        keywords_from_locals,
        Doubling.increase,
        Doubling().increase,
        Doubling.twice,
        functools.partial(everything, 1),
        Doubling,
        len,
        lambda x, *y: None,
    ],
    ids=lambda function: getattr(function, "__name__", repr(function)),
)
def test_it_says_what_inspect_says(function: Any) -> None:
    expected = inspect.signature(function)

    def told(value: Any) -> Any:
        return EMPTY if value is inspect.Parameter.empty else value

    found = signature_of(function)
    assert found.parameters == tuple(
        Written(p.name, p.kind.name.lower(), told(p.annotation), told(p.default))
        for p in expected.parameters.values()
    )
    assert found.returns == told(expected.return_annotation)


def test_what_python_knows_no_signature_of_raises_as_inspect_does() -> None:
    with pytest.raises(ValueError, match="no signature"):
        signature_of(type)
