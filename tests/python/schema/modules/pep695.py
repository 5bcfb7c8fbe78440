"""Generics as Python 3.12 writes them."""

from dataclasses import dataclass

import pydantic

type Pair[A] = tuple[A, A]
type Json = None | bool | float | str | list[Json] | dict[str, Json]
type Ids = list[int]


@dataclass
class Box[T]:
    value: T
    rest: "list[Box[T]]"


@dataclass
class Labelled[K: (int, str)](Box[K]):
    label: str


class Reply[T](pydantic.BaseModel):
    data: T


def swap[T](pair: Pair[T]) -> Pair[T]: ...


def bounded[T: int](a: T) -> "T": ...


def plain(a: Json, b: Pair[str], c: Ids) -> Box[int]: ...


def labelled(a: Labelled[int]) -> Reply[str]: ...
