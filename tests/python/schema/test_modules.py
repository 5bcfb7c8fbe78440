"""A whole module: services, errors, codecs, names, and what a client compares."""

import dataclasses
import functools
import json
import linecache
import typing as t
from collections import abc
from types import SimpleNamespace

import pytest
import typing_extensions as te

from synapse_worker.protocol.errors import SynapseError
from synapse_worker.schema.comparison import first_difference
from synapse_worker.schema.definitions import Documentation
from synapse_worker.schema.describe import Describer, describe_module
from synapse_worker.schema.fingerprint import members, schema_hash
from synapse_worker.schema.json_form import schema_from_json, schema_to_json
from synapse_worker.schema.spelling import spell_function, spell_type

from .offers import method, schema_of


class Money:
    """Kept by a codec."""


class ShopError(Exception):
    """Anything that goes wrong in the shop."""


@dataclasses.dataclass
class OutOfStock(ShopError, LookupError):
    """Nothing left.

    Attributes:
        symbol: What was asked for.
    """

    symbol: str
    until: int | None = None


class Annotated(ShopError):
    code: int
    hint: str = "none"
    kind: t.ClassVar[str] = "x"
    _hidden: int = 0


class Ancestor:
    def ping(self) -> "bool": ...

    def increment(self, by: int) -> int: ...


class Counter(Ancestor):
    """Counts."""

    limit = 3

    def __init__(
        self, start: int = 0, *, step: "te.Annotated[int, te.Doc('How far.')]" = 1
    ) -> None:
        """Start somewhere.

        Args:
            start: Where.
        """

    def increment(self, by: int = 1) -> int:
        """Add to it."""
        raise NotImplementedError

    async def later(self) -> te.Self: ...

    def history(self) -> abc.Iterator[int]:
        yield 1

    def copies(self) -> "list[Counter]": ...

    @property
    def value(self) -> int: ...

    @functools.cached_property
    def slow(self) -> int: ...

    @classmethod
    def from_file(cls, path: str) -> te.Self: ...

    @staticmethod
    def version() -> str: ...

    @functools.wraps(version)
    def wrapped(*args: t.Any) -> str: ...

    twice = functools.partialmethod(increment, 2)

    def _private(self) -> Money: ...

    class Inner:
        pass


@dataclasses.dataclass
class Account:
    owner: str
    limit: float = dataclasses.field(default=1.0, kw_only=True)
    balance: float = dataclasses.field(default=0.0, init=False)

    def pay(self, amount: float) -> float: ...


class Bare:
    def __init__(self) -> None: ...

    def go(self) -> None: ...


def services(**found: type) -> dict[str, SimpleNamespace]:
    return {name: SimpleNamespace(cls=cls) for name, cls in found.items()}


def test_services_by_constructor_and_public_methods() -> None:
    schema = schema_of(services=services(Counter=Counter))
    (service,) = schema.services
    assert service.documentation.summary == "Counts."
    assert (
        spell_function(service.constructor)
        == "(start: int = ..., *, step: int = ...) -> service Counter"
    )
    assert service.constructor.documentation.parameters == {"start": "Where.", "step": "How far."}
    assert {function.name: spell_function(function) for function in service.methods} == {
        "ping": "() -> bool",
        "increment": "(by: int = ...) -> int",
        "later": "() -> service Counter",
        "history": "stream () -> int",
        "copies": "() -> list[service Counter]",
        "from_file": "static (path: str) -> service Counter",
        "version": "static () -> str",
        "wrapped": "() -> str",
        "twice": "() -> int",
    }
    assert {warning.where: warning.message[:27] for warning in schema.warnings} == {
        "Counter.value": "a property is not offered: ",
        "Counter.slow": "a property is not offered: ",
    }


def test_services_that_are_dataclasses_or_have_no_constructor() -> None:
    schema = schema_of(services=services(Account=Account, Bare=Bare))
    assert [spell_function(service.constructor) for service in schema.services] == [
        "(owner: str, *, limit: float = ...) -> service Account",
        "() -> service Bare",
    ]
    assert [method.name for method in schema.services[0].methods] == ["pay"]


def test_methods_inherit_docstrings_of_user_code_only() -> None:
    class Quiet(Counter):
        def __init__(self) -> None: ...

        def increment(self, by: int = 1) -> int: ...

    class Untold:
        def __init__(self) -> None: ...

    schema = schema_of(services=services(Quiet=Quiet, Untold=Untold, Account=Account))
    quiet, untold, account = schema.services
    told = {method.name: method.documentation.summary for method in quiet.methods}
    assert told["increment"] == "Add to it."
    assert quiet.constructor.documentation.summary == "Start somewhere."
    assert untold.constructor.documentation == Documentation()
    assert account.constructor.documentation == account.documentation == Documentation()


def test_functions_return_services_and_do_not_take_them() -> None:
    def make() -> Counter | None: ...

    def take(counter: Counter) -> None: ...

    def take_many(counters: list[Counter]) -> None: ...

    schema = schema_of(make, services=services(Counter=Counter))
    assert spell_function(schema.functions[0]) == "() -> service Counter | None"
    for function in (take, take_many):
        with pytest.raises(SynapseError, match="service Counter cannot be a parameter"):
            schema_of(function, services=services(Counter=Counter))


@dataclasses.dataclass
class HoldsService:
    counter: Counter


def test_services_inside_of_parameters_are_found() -> None:
    def take(held: HoldsService) -> None: ...

    with pytest.raises(SynapseError, match=r"parameter held: HoldsService: the service Counter"):
        schema_of(take, services=services(Counter=Counter))


def test_codecs_decide_before_anything_else() -> None:
    codec = SimpleNamespace(wire=list[int], encode=None, decode=None)
    describer = Describer(codecs={Money: codec})
    found = describer.type_of(dict[str, Money | None])
    assert spell_type(found) == "dict[str, Money as list[int] | None]"
    assert found.values.options[0].python is Money  # type: ignore[attr-defined]


def test_errors_that_are_declared_raised_and_documented() -> None:
    def buy() -> None:
        """Buy.

        Raises:
            Annotated: When it is.
            ValueError: Never.
            Unknown: Of what?
        """

    offer = SimpleNamespace(methods={"buy": method(buy, raises=(KeyError,))}, errors=[OutOfStock])
    schema = describe_module(offer, "shop")
    assert schema.functions[0].raises == ("KeyError", "Annotated")
    assert {name: line for name, line in members(schema).items() if name.startswith("error")} == {
        "error Annotated": "(ShopError) {code: int, hint: str = ...}",
        "error KeyError": "(LookupError) {}",
        "error OutOfStock": "(ShopError, LookupError) {symbol: str, until: int | None = ...}",
        "error ShopError": "() {}",
    }
    found = schema.errors["OutOfStock"]
    assert found.documentation.summary == "Nothing left."
    assert found.fields[0].documentation == "What was asked for."
    assert found.python is OutOfStock


@dataclasses.dataclass
class Quote:
    """A quote."""

    symbol: str
    price: float = 1.0


def quote(symbol: str, *, depth: int = 1) -> Quote:
    """Price it."""
    raise NotImplementedError


def big() -> "te.Annotated[int, 'x']": ...


def full_schema() -> t.Any:
    return schema_of(quote, big, services=services(Counter=Counter), errors=[OutOfStock])


def test_a_schema_goes_through_json_and_back() -> None:
    schema = full_schema()
    data = json.loads(json.dumps(schema_to_json(schema)))
    assert data["format"] == 1
    assert data["hash"] == schema_hash(schema)
    assert schema_from_json(data) == schema
    assert schema_to_json(schema_from_json(data)) == data


def test_json_of_another_format_is_refused() -> None:
    with pytest.raises(ValueError, match="format 99"):
        schema_from_json({"format": 99})
    with pytest.raises(ValueError, match="no schema of format 1"):
        schema_from_json({"format": 1, "functions": [{"name": "f"}]})


def test_documentation_order_and_the_values_of_defaults_do_not_change_the_hash() -> None:
    def other() -> t.Any:
        @dataclasses.dataclass
        class Quote:
            """Other words."""

            symbol: str
            price: float = 2.0

        def quote(symbol: str, *, depth: int = 2) -> Quote: ...

        return quote

    first, second = schema_of(quote, big), schema_of(big, other())
    assert schema_hash(first) == schema_hash(second)
    assert first_difference(members(first), members(second)) is None


def test_the_first_difference_is_a_sentence() -> None:
    old = members(schema_of(quote, big))

    def changed(symbol: str, *, depth: str = "") -> Quote: ...

    changed.__name__ = "quote"
    assert first_difference(old, members(schema_of(changed, big))) == (
        "quote() was (symbol: str, *, depth: int = ...) -> Quote and is now "
        "(symbol: str, *, depth: str = ...) -> Quote."
    )
    assert first_difference(old, members(schema_of(quote))) == "big() is gone; it was () -> int."
    assert first_difference(members(schema_of(quote)), old) == "big() is new: () -> int."
    assert first_difference(members(schema_of(big)), old) == (
        "type Quote is new: dataclass {symbol: str, price: float = ...}."
    )


def test_definitions_named_like_parts_of_the_format_are_told() -> None:
    def make(price: type) -> t.Any:
        module = dataclasses.make_dataclass("module", [("price", price)])

        def f() -> t.Any: ...

        f.__annotations__["return"] = module
        return f

    assert schema_hash(schema_of(make(int))) != schema_hash(schema_of(make(float)))


def test_alike_names_of_two_places_stay_apart() -> None:
    def f(a: Quote) -> "list[Shelf.Quote]": ...

    assert sorted(schema_of(f).definitions) == ["Quote", "ShelfQuote"]


class Shelf:
    @dataclasses.dataclass
    class Quote:
        place: int


def test_all_that_is_wrong_with_a_module_is_told_at_once() -> None:
    def one(a: "Missing") -> None: ...  # noqa: F821  # it is missing

    @functools.lru_cache(
        maxsize=None,
    )
    def two(
        a: "list[Gone]",  # noqa: F821
    ) -> None: ...

    with pytest.raises(SynapseError) as caught:
        schema_of(one, two)
    assert caught.value.message.startswith("one(): parameter a: the name 'Missing'")
    assert "\n" in caught.value.message
    details = t.cast("dict[str, t.Any]", caught.value.details)
    assert [problem["where"] for problem in details["problems"]] == [
        "one(): parameter a",
        "two(): parameter a",
    ]
    line = details["problems"][1]["line"]
    assert linecache.getline(__file__, line).strip() == "def two("
    assert f"{__file__}:{line}: two(): parameter a: " in caught.value.message
