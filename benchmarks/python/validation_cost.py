"""What converting the arguments and the result of a call adds to it: time for one call, best of several runs.

python benchmarks/python/validation_cost.py
"""

from __future__ import annotations

import dataclasses
import platform
import sys
import timeit
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "python_side"))

from synapse_worker.conversion import Converters
from synapse_worker.schema.describe import Describer, describe_function

if TYPE_CHECKING:
    from collections.abc import Callable

RUNS = 7


@dataclasses.dataclass
class Item:
    sku: str
    price: float
    count: int


@dataclasses.dataclass
class Defaulted:
    sku: str
    price: float
    count: int = 1


@dataclasses.dataclass
class Order:
    id: uuid.UUID
    items: list[Item]


def add(a: int, b: int) -> int: ...
def quote(symbol: str, depth: int = 1, *, fast: bool = False) -> float: ...
def total(items: list[Item]) -> float: ...
def total_defaulted(items: list[Defaulted]) -> float: ...
def place(order: Order) -> None: ...
def mean(values: list[float]) -> float: ...
def items() -> list[Item]: ...
def floats() -> list[float]: ...


ITEM = {"sku": "A-1", "price": 2.5, "count": 3}
ARGUMENTS: list[tuple[str, Callable[..., Any], list[Any], dict[str, Any]]] = [
    ("add(1, 2)", add, [1, 2], {}),
    ("quote('ACME')", quote, ["ACME"], {}),
    ("quote('ACME', 3, fast=True)", quote, ["ACME", 3], {"fast": True}),
    ("total([item])", total, [[ITEM]], {}),
    ("total([item] * 100)", total, [[ITEM] * 100], {}),
    ("total([item with a default] * 100)", total_defaulted, [[ITEM] * 100], {}),
    (
        "place(order of 10 items, with a UUID)",
        place,
        [{"id": str(uuid.UUID(int=7)), "items": [ITEM] * 10}],
        {},
    ),
    ("mean([1.5] * 10_000)", mean, [[1.5] * 10_000], {}),
]
RESULTS: list[tuple[str, Callable[..., Any], Any]] = [
    ("-> int", add, 3),
    ("-> float", mean, 1.5),
    ("-> list[float] of 10,000", floats, [1.5] * 10_000),
    ("-> list[Item] of 100", items, [Item("A-1", 2.5, 3)] * 100),
]


def plan_of(function: Callable[..., Any]) -> Any:
    describer = Describer()
    return Converters(describer).for_function(describe_function(function, describer))


def best_us(run: Callable[[], object]) -> float:
    """Return the microseconds of one run: the best of several batches, each of about 50 ms."""
    timer = timeit.Timer(run)
    count, took = timer.autorange()
    count = max(1, int(count * 0.05 / took))
    return min(timer.repeat(RUNS, count)) / count * 1e6


def main() -> None:
    versions = f"Python {platform.python_version()}, msgspec {sys.modules['msgspec'].__version__}"
    print(f"{versions}; best of {RUNS}\n")
    print("| arguments | µs a call |\n|---|---:|")
    for title, function, args, kwargs in ARGUMENTS:
        convert = plan_of(function).convert_arguments
        print(f"| `{title}` | {best_us(lambda: convert(args, kwargs)):.2f} |")  # noqa: B023
    print("\n| result | µs a call |\n|---|---:|")
    for title, function, value in RESULTS:
        encode = plan_of(function).convert_result
        cost = "0 (no converter)" if encode is None else f"{best_us(lambda: encode(value)):.2f}"  # noqa: B023
        print(f"| `{title}` | {cost} |")


if __name__ == "__main__":
    main()
