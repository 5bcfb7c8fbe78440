"""Functions: parameters, results, streams, callbacks, overloads, documentation."""

import functools
import math
import operator
import sys
import typing as t
import warnings
from collections import abc
from dataclasses import dataclass

import pytest
import typing_extensions as te

from synapse_worker.protocol.errors import SynapseError
from synapse_worker.schema.definitions import Default
from synapse_worker.schema.describe import Describer
from synapse_worker.schema.functions import Offered, described_function
from synapse_worker.schema.spelling import spell_function

from .offers import described, signature

P = te.ParamSpec("P")
T = t.TypeVar("T")


class Options(te.TypedDict, total=False):
    depth: te.Required[int]
    name: str


class Handler(t.Protocol):
    def __call__(self, name: str, count: int = 0) -> "abc.Awaitable[bool]": ...


class Awkward(t.Protocol):
    def __call__(self, *, name: str) -> None: ...


def test_every_kind_of_parameter() -> None:
    def f(
        a: int, b: str = "x", /, c: float = 1, *args: int, d: bool, e: t.Any = None, **rest: str
    ) -> None: ...

    assert signature(f) == (
        "(a: int, b: str = ..., /, c: float = ..., *args: int, d: bool, e: Any = ..., "
        "**rest: str) -> None"
    )
    assert [parameter.default for parameter in described(f).parameters] == [
        *(None, Default("x"), Default(1), None, None, Default(None), None),
    ]


def test_functions_without_annotations_take_and_give_anything() -> None:
    def f(a, b=1, *args, c, **rest): ...

    describer = Describer()
    assert (
        signature(f, describer) == "(a: Any, b: Any = ..., *args: Any, c: Any, **rest: Any) -> Any"
    )
    assert describer.warnings == []


def test_functions_of_c_without_a_signature_warn() -> None:
    describer = Describer()
    assert signature(math.hypot, describer).endswith("-> Any")
    assert signature(operator.itemgetter(1), describer).endswith("-> Any")


def test_keywords_unpacked_from_a_typed_dict() -> None:
    def f(a: int, **options: te.Unpack[Options]) -> None: ...

    def g(*args: te.Unpack[tuple[int, ...]]) -> None: ...

    def h(*args: P.args, **kwargs: P.kwargs) -> None: ...

    assert signature(f) == "(a: int, *, depth: int, name: str = ...) -> None"
    assert signature(g) == "(*args: int) -> None"
    assert signature(h) == "(*args: Any, **kwargs: Any) -> None"


def test_generators_stream_what_they_yield() -> None:
    def a() -> abc.Iterator[int]:
        yield 1

    def b() -> abc.Generator[str, None, int]:
        yield ""

    def c() -> abc.Iterable[int]:
        yield 1

    async def d() -> abc.AsyncIterator[bytes]:
        yield b""

    async def e() -> abc.AsyncGenerator[bytes, None]:
        yield b""

    def f():
        yield 1

    assert [signature(function) for function in (a, b, c, d, e, f)] == [
        "stream () -> int",
        "stream () -> str",
        "stream () -> int",
        "stream () -> bytes",
        "stream () -> bytes",
        "stream () -> Any",
    ]
    assert [described(function).is_async for function in (a, d)] == [False, True]


def test_what_returns_an_iterator_streams_too() -> None:
    def source() -> abc.Iterator[int]:
        yield 1

    @functools.wraps(source)
    def wrapped() -> abc.Iterator[int]:
        return source()

    async def later() -> abc.AsyncIterator[int]: ...

    def listed() -> abc.Iterable[int]: ...

    assert signature(wrapped) == "stream () -> int"
    assert signature(later) == "stream () -> int"
    assert signature(listed) == "() -> list[int]"


def test_a_generator_that_is_annotated_as_something_else_warns() -> None:
    def f() -> int:
        yield 1

    describer = Describer()
    assert signature(f, describer) == "stream () -> Any"
    assert describer.warnings[0].where == "f(): result"
    assert "Iterator[T]" in describer.warnings[0].message


def test_results_that_are_awaited() -> None:
    async def a() -> int: ...

    def b() -> abc.Awaitable[int]: ...

    def c() -> t.Coroutine[t.Any, t.Any, str]: ...

    assert [signature(function) for function in (a, b, c)] == [
        "() -> int",
        "() -> int",
        "() -> str",
    ]
    assert [described(function).is_async for function in (a, b, c)] == [True, True, True]


def test_callbacks() -> None:
    def f(
        a: abc.Callable[[int, str], bool],
        b: t.Callable[[], t.Awaitable[int]] | None = None,
        c: abc.Callable[..., t.Any] = print,
        d: t.Callable = print,
        e: abc.Callable[[int], None] | abc.Callable[[int], abc.Awaitable[None]] | None = None,
        g: Handler | None = None,
        h: "abc.Callable[P, int] | None" = None,
        i: abc.Callable[te.Concatenate[int, P], int] | None = None,
    ) -> None: ...

    assert signature(f) == (
        "(a: Callable[[int, str], bool], b: Callable[[], Awaitable[int]] | None = ..., "
        "c: Callable[..., Any] = ..., d: Callable[..., Any] = ..., "
        "e: Callable[[int], Awaitable[None]] | None = ..., "
        "g: Callable[[str, int], Awaitable[bool]] | None = ..., "
        "h: Callable[..., int] | None = ..., i: Callable[..., int] | None = ...) -> None"
    )


@dataclass
class HoldsIterator:
    rows: abc.Iterator[int]


def test_parameters_that_are_read_item_by_item() -> None:
    def f(
        a: abc.Iterator[int],
        b: abc.AsyncIterable[str] | None,
        c: list[abc.AsyncGenerator[bytes, None]],
        d: abc.Generator[float, None, None],
        e: t.Iterator,  # type: ignore[type-arg]
        g: abc.Iterable[int],
        h: HoldsIterator,
        i: abc.Callable[[abc.Iterator[int]], None],
    ) -> list[abc.Iterator[int]]: ...

    assert signature(f) == (
        "(a: Iterator[int], b: Iterator[str] | None, c: list[Iterator[bytes]], d: Iterator[float], "
        "e: Iterator[Any], g: list[int], h: HoldsIterator, i: Callable[[list[int]], None]) -> list[list[int]]"
    )
    kinds = [getattr(parameter.type, "is_async", None) for parameter in described(f).parameters]
    assert kinds[0] is False
    assert kinds[3] is False


@dataclass
class HoldsCallback:
    done: abc.Callable[[int], None]


def test_callbacks_travel_one_way_only() -> None:
    def direct() -> abc.Callable[[], int]: ...

    def nested() -> list[HoldsCallback]: ...

    def taken(a: HoldsCallback) -> None: ...

    def awkward(a: Awkward) -> None: ...

    assert signature(taken) == "(a: HoldsCallback) -> None"
    for function in (direct, nested):
        with pytest.raises(SynapseError, match="a function cannot travel from Python"):
            described(function)
    with pytest.raises(SynapseError, match="keyword-only parameter 'name'"):
        described(awkward)


def test_partials_and_wrapped_functions_have_the_signature_that_a_caller_sees() -> None:
    def scale(factor: int, value: float, *, digits: int = 0) -> float: ...

    @functools.wraps(scale)
    def logged(*args, **kwargs): ...

    @functools.lru_cache
    def cached(a: "int") -> "str": ...

    assert signature(functools.partial(scale, 2)) == "(value: float, *, digits: int = ...) -> float"
    assert signature(logged) == "(factor: int, value: float, *, digits: int = ...) -> float"
    assert signature(cached) == "(a: int) -> str"


def test_bound_methods_and_callable_objects() -> None:
    class Adder:
        def add(self, a: "int") -> "int": ...

        def __call__(self, a: "str") -> "str": ...

    assert signature(Adder().add) == "(a: int) -> int"
    adder = Adder()
    adder.__name__ = "adder"
    assert signature(adder) == "(a: str) -> str"


def test_a_type_variable_relates_what_a_function_gives_to_what_it_takes() -> None:
    def first(items: list[T], default: t.Optional[T]) -> T: ...

    def each(items: "list[T]") -> "abc.Iterator[T]":
        yield items[0]

    assert signature(first) == "[T] (items: list[T], default: T | None) -> T"
    assert signature(each) == "stream [T] (items: list[T]) -> T"
    assert described(first).type_parameters == ("T",)


def test_a_type_variable_that_relates_nothing_is_what_is_known_of_it() -> None:
    bound = t.TypeVar("bound", bound=int)

    def limited(a: bound) -> bound: ...

    def swallow(a: T) -> None: ...

    describer = Describer()
    assert signature(limited, describer) == "(a: int) -> int"
    assert signature(swallow, describer) == "(a: Any) -> None"
    assert describer.warnings == []


def test_a_type_variable_that_would_lie_is_unknown_with_a_warning() -> None:
    def made_up() -> list[T]: ...

    def mixed(a: t.Union[T, int]) -> T: ...

    describer = Describer()
    assert signature(made_up, describer) == "() -> list[Any]"
    assert signature(mixed, describer) == "(a: Any) -> Any"
    assert [warning.where for warning in describer.warnings] == ["made_up()", "mixed()"]


def test_the_type_variable_of_a_service_is_no_functions_own() -> None:
    class Cell(t.Generic[T]):
        def swap(self, value: T) -> T: ...

    offered = Offered("swap", "Cell.swap", owner=Cell, is_bound=True)
    assert (
        spell_function(described_function(Cell.swap, offered, Describer())) == "(value: Any) -> Any"
    )


@te.overload
def find(key: str) -> int: ...
@te.overload
def find(key: int, *, strict: bool = ...) -> int | None: ...
def find(key: str | int, *, strict: bool = False) -> int | None: ...


def test_overloads() -> None:
    assert signature(find) == (
        "(key: str | int, *, strict: bool = ...) -> int | None overload (key: str) -> int "
        "overload (key: int, *, strict: bool = ...) -> int | None"
    )


if sys.version_info >= (3, 11):

    @t.overload
    def pick(key: str) -> int: ...
    @t.overload
    def pick(key: int) -> str: ...
    def pick(key: t.Any) -> t.Any: ...

    def test_overloads_of_the_standard_library() -> None:
        assert (
            signature(pick)
            == "(key: Any) -> Any overload (key: str) -> int overload (key: int) -> str"
        )


def test_docstrings_and_annotated_words_meet() -> None:
    @te.deprecated("Use quote2().")
    def quote(
        symbol: te.Annotated[str, te.Doc("What to price.")],
        depth: te.Annotated[int, te.Doc("Not this.")] = 1,
    ) -> float:
        """Price one symbol.

        Args:
            depth: How far to look.

        Returns:
            The best price.
        """
        raise NotImplementedError

    found = described(quote).documentation
    assert found.summary == "Price one symbol."
    assert found.parameters == {"symbol": "What to price.", "depth": "How far to look."}
    assert found.returns == "The best price."
    assert found.deprecated == "Use quote2()."


def test_deprecation_of_the_standard_library() -> None:
    deprecated = getattr(warnings, "deprecated", None)
    if deprecated is None:
        pytest.skip("warnings.deprecated came with Python 3.13")

    @deprecated("Old.")
    def f() -> None: ...

    assert described(f).documentation.deprecated == "Old."


def test_errors_name_function_parameter_file_and_line() -> None:
    def broken(a: int, b: "list[Missing]") -> None: ...  # noqa: F821  # it is missing

    with pytest.raises(SynapseError) as caught:
        described(broken)
    assert caught.value.code == "SCHEMA_INVALID"
    assert caught.value.message.startswith("broken(): parameter b: the name 'Missing'")
    details = t.cast("dict[str, t.Any]", caught.value.details)
    assert details["file"] == __file__
    assert details["line"] == broken.__code__.co_firstlineno


def test_local_names_of_a_closure_are_known() -> None:
    class Local(t.NamedTuple):
        a: int

    def f(a: "Local") -> None:
        assert Local

    assert signature(f) == "(a: Local) -> None"


def test_a_coroutine_function_is_not_run_to_be_described() -> None:
    async def f() -> int:
        raise AssertionError

    assert described(f).is_async
