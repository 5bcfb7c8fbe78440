"""Names and texts that would break out, or in: */ export const pwned = 1; /*"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, Literal, NamedTuple, TypedDict, TypeVar

from synapse_worker import Module

app = Module()
T = TypeVar("T")


@dataclass
class Date:
    """*/ alert(1) /* and `${template}` and </script>

    @deprecated not really
    """

    constructor: str
    then: int = 0


@dataclass
class CallOptions:
    timeoutMs: str  # noqa: N815


@dataclass
class Node(Generic[T]):
    value: T
    children: list[Node[T]]


Keys = TypedDict("Keys", {"a-b": int, "class": str, "__proto__": str, 'quo"te': str, "1st": str})


class Label(NamedTuple):
    delete: int
    new: str = "\u2028"


class Text(enum.Enum):
    NEWLINE = "a\nb"
    QUOTES = "\"'`${x}"
    SEPARATOR = "\u2028\u2029"
    BACKSLASH = "\\"


@app.method
def delete(
    this: int, arguments: str, await_: bool, options: int, keywords: int, *, new: int
) -> None:
    """Reserved words, and the names of our own parameters.

    Args:
        this: */ no way out
    """


@app.method
def close(methods: int) -> Date:
    raise NotImplementedError


@app.method
def größe(höhe: int, *, breite_: int) -> int:
    raise NotImplementedError


@app.method(name="a */ b")
def odd_name(keys: Keys, label: Label) -> Mapping[str, Keys]:
    raise NotImplementedError


@app.method
def literals() -> Literal["*/", "a\nb", "mixed \"quotes'", -1, True, None]:
    raise NotImplementedError


@app.method
def generic(tree: Node[int], options: CallOptions) -> Node[set[str]] | Date | Text:
    raise NotImplementedError


@app.method
def a_function_with_quite_a_long_name_for_a_change(
    first_parameter: Mapping[int, Mapping[str, list[str]]],
    second: dict[str, Node[str]] | None = None,
) -> dict[Literal["first-key", "second-key"], tuple[Node[int] | None, ...]] | list[Date] | None:
    raise NotImplementedError
