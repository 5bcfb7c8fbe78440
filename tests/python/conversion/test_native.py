"""The short way through msgspec and the own decoders are one definition; neither costs who does not need it."""

import dataclasses
import datetime as dt
import enum
import subprocess
import sys
from array import array
from typing import Annotated, Literal, Optional, Union

import msgspec
import pytest
from annotated_types import Ge
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from typing_extensions import NotRequired, Self, TypedDict

from synapse_worker.protocol.codec import argument_decoder, decode_value, encode_value
from synapse_worker.protocol.errors import ValidationError

from .kit import plan_of


class Side(enum.Enum):
    BUY = "buy"
    SELL = "sell"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


@dataclasses.dataclass
class Leaf:
    a: int
    b: float
    c: Optional[str]  # noqa: UP045  # an alias of typing's is what msgspec meets most often


@dataclasses.dataclass
class Defaulted:
    a: int
    b: float = 0.5


@dataclasses.dataclass
class Filled(Defaulted):
    c: list[int] = dataclasses.field(default_factory=list)
    d: str = "d"


class Row(TypedDict):
    a: int
    b: float
    c: NotRequired[Optional[str]]  # noqa: UP045


@dataclasses.dataclass
class Timed:
    a: dt.datetime


class Node(msgspec.Struct, rename={"kind": "type"}):
    kind: Side
    leaves: list[Leaf]
    level: Level = Level.LOW
    more: dict[str, float] = {}


def lists(a: list[int], b: tuple[float, ...] = ()) -> None: ...
def maps(a: dict[str, Optional[float]], b: Optional[list[bool]] = None) -> None: ...  # noqa: UP045
def leaves(a: Leaf, b: list[Leaf]) -> None: ...
def nodes(a: Node) -> None: ...
def enums(a: list[Side], b: list[Level]) -> None: ...
def options(a: Optional[int], b: bytes = b"x") -> None: ...  # noqa: UP045  # msgspec has another `bytes`
def numbers(a: float, b: Optional[float] = None) -> None: ...  # noqa: UP045
def rows(a: Row, b: list[Row]) -> None: ...
def pairs(a: tuple[int, float], b: Literal["buy", "sell"] = "buy") -> None: ...
def times(a: dt.datetime, b: list[Timed]) -> None: ...
def options_of(a: Defaulted, b: list[Filled], c: Optional[Filled] = None) -> None: ...  # noqa: UP045
def either(a: Union[int, str], b: Union[str, bool, None] = None) -> None: ...  # noqa: UP007
def days(a: dt.date, b: Optional[dt.date] = None) -> None: ...  # noqa: UP045
def bounded(a: object, b: Annotated[int, Ge(3)] = 5) -> None: ...


NOON = dt.datetime(2020, 1, 1, 12, tzinfo=dt.timezone.utc)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False),
    st.sampled_from([0.0, -0.0, 1.0, 2.0, 1, 2]),
    st.sampled_from(["", "buy", "sell", "x"]),
    st.sampled_from([NOON, "2020-01-01T12:00:00", "2020-01-01T12:00:00.0000019Z"]),
    st.binary(max_size=2),
)
keys = st.sampled_from(["a", "b", "c", "type", "leaves", "level", "more", "kind"])
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(keys, inner, max_size=4),
        st.fixed_dictionaries({"a": inner, "b": inner}, optional={"c": inner}),
        st.fixed_dictionaries({"a": st.integers(), "b": st.integers(), "c": st.none()}),
        st.fixed_dictionaries({"a": inner}),
        st.fixed_dictionaries({"type": st.sampled_from(["buy", "up"]), "leaves": inner}),
    ),
    max_leaves=8,
)


leaf = st.fixed_dictionaries(
    {"a": st.integers(), "b": st.floats(allow_nan=False), "c": st.none() | st.text(max_size=2)}
)
some = st.fixed_dictionaries(
    {"a": st.integers()}, optional={"b": st.floats(allow_nan=False), "c": st.lists(st.integers())}
)
sides = st.sampled_from(["buy", "sell"])
fractions = st.floats(allow_nan=False)
dates = st.dates().map(dt.date.isoformat) | st.sampled_from(
    ["2021-02-29", "0000-01-01", "20200101", " 2020-01-01", NOON]
)
# For each function, what its parameters are likely to take.
LIKELY = {
    lists: [st.lists(st.integers()), st.lists(fractions)],
    maps: [st.dictionaries(keys, fractions), st.none() | st.lists(st.booleans())],
    leaves: [leaf, st.lists(leaf, max_size=2)],
    nodes: [st.fixed_dictionaries({"type": sides, "leaves": st.lists(leaf, max_size=2)})],
    enums: [st.lists(sides), st.lists(st.sampled_from([1, 2]))],
    options: [st.none() | st.integers(), st.none() | st.binary(max_size=2)],
    numbers: [fractions | st.integers(), st.none() | fractions],
    rows: [leaf, st.lists(leaf, max_size=2)],
    pairs: [st.tuples(st.integers(), fractions).map(list), sides],
    options_of: [some, st.lists(some, max_size=2), st.none() | some],
    either: [st.integers() | st.text(max_size=2), st.none() | st.booleans()],
    days: [dates, st.none() | dates],
    bounded: [scalars, st.none() | st.integers(0, 9)],
}
FUNCTIONS = [*LIKELY, times]


@st.composite
def arguments_of(draw, function):
    """Arguments for a function, of which most fit."""
    likely = LIKELY[function]
    count = draw(st.integers(1, len(likely)))
    return [draw(argument | values) for argument in likely[:count]]


def shown(value):
    """A value's repr, with the keys of dicts sorted: a TypedDict has them as they were sent, or as they are defined."""
    if type(value) is list:
        return f"[{', '.join(map(shown, value))}]"
    if isinstance(value, Defaulted):
        return f"{type(value).__name__}({shown(vars(value))})"
    if type(value) is dict:
        return (
            f"{{{', '.join(f'{key!r}: {shown(value[key])}' for key in sorted(value, key=repr))}}}"
        )
    return repr(value)


def outcome(plan, args):
    try:
        return shown(list(plan.convert_arguments(args, {})[0]))
    except ValidationError as error:
        return str(error)


@settings(max_examples=600, deadline=None)
@given(st.sampled_from(FUNCTIONS), st.lists(values, min_size=1, max_size=2))
def test_the_short_way_and_the_own_decoders_agree(function, args):
    both, own = plan_of(function), plan_of(function)
    assert both._native is not None
    own._native = None
    count = len(both._positional)
    args = (args * 2)[: max(count if both._binder.least == count else 1, min(len(args), count))]
    assert outcome(both, args) == outcome(own, args)


def test_the_short_way_is_taken_for_what_fits():
    plan = plan_of(nodes)
    args, kwargs = plan._native.convert(
        [{"type": "buy", "leaves": [{"a": 1, "b": 2, "c": None}]}], {}
    )
    assert args == (Node(Side.BUY, [Leaf(1, 2.0, None)]),)
    assert type(args[0].leaves[0].b) is float
    assert kwargs == {}


def test_times_are_converted_at_once_where_they_came_as_such():
    plan = plan_of(times)
    (noon, (timed,)), _ = plan._native.convert([NOON, [{"a": NOON}]], {})
    assert (noon, timed) == (NOON, Timed(NOON))
    assert plan._native.convert(["2020-01-01T12:00:00Z", []], {}) is None
    assert plan._native.convert([NOON, [{"a": "2020-01-01T12:00:00Z"}]], {}) is None
    assert plan.argument_types(2) is None


def test_a_default_stands_in_the_instance():
    def take(a: Defaulted, b: list[int]) -> Defaulted: ...

    plan = plan_of(take)
    (value, _), _ = plan.convert_arguments([{"a": 1}, []], {})
    assert vars(value) == {"a": 1, "b": 0.5}
    assert decode_value(encode_value(plan.convert_result(value))) == {"a": 1, "b": 0.5}


@dataclasses.dataclass
class OwnInit:
    a: int
    b: int = 2

    def __init__(self, a: int, b: int = 2) -> None:
        self.a, self.b = a + 100, b


@dataclasses.dataclass
class InheritedInit(OwnInit):
    def __init__(self, a: int, b: int = 2) -> None:
        super().__init__(a, b)


@dataclasses.dataclass(init=False)
class OnlyInit:
    a: int

    def __init__(self, a: int) -> None:
        self.a = a + 100


@dataclasses.dataclass
class OwnNew:
    a: int

    def __new__(cls, a: int) -> Self:
        made = super().__new__(cls)
        made.made_with = a
        return made


@dataclasses.dataclass
class OwnSetattr:
    a: int

    def __setattr__(self, name: str, value: int) -> None:
        super().__setattr__(name, value + 100)


class Made(type):
    def __call__(cls, a: int):
        return super().__call__(a + 100)


@dataclasses.dataclass
class MadeByItsMetaclass(metaclass=Made):
    a: int


@dataclasses.dataclass
class AroundIt:
    inner: OnlyInit


@pytest.mark.parametrize(
    ("annotation", "value", "a"),
    [
        (OwnInit, {"a": 1}, 101),
        (InheritedInit, {"a": 1}, 101),
        (OnlyInit, {"a": 1}, 101),
        (MadeByItsMetaclass, {"a": 1}, 101),
        (OwnNew, {"a": 1}, 1),
        (OwnSetattr, {"a": 1}, 101),
    ],
)
def test_a_class_with_a_constructor_of_its_own_is_made_by_it(annotation, value, a):
    def take(one, many) -> None: ...

    take.__annotations__.update(one=annotation, many=list[annotation])
    plan = plan_of(take)
    assert plan.argument_types(2) is None
    (one, many), _ = plan.convert_arguments([value, [value]], {})
    for made in (one, *many):
        assert (made.a, getattr(made, "made_with", a)) == (a, a)


def test_what_holds_a_class_with_a_constructor_of_its_own_has_one_made_by_it():
    def take(value: AroundIt) -> None: ...

    (value,), _ = plan_of(take).convert_arguments([{"inner": {"a": 1}}], {})
    assert value.inner.a == 101


@dataclasses.dataclass(slots=True)
class InSlots:
    x: int = 1


@dataclasses.dataclass
class PartlyInSlots(InSlots):
    y: int = 2


@pytest.mark.parametrize("value", [{"y": 3}, {"x": 4}, {}])
def test_no_default_is_put_beside_a_slot(value):
    def take(value: PartlyInSlots) -> PartlyInSlots: ...

    plan = plan_of(take)
    assert plan.argument_types(1) is None
    ((made,), _) = plan.convert_arguments([value], {})
    assert vars(made) == {"y": value.get("y", 2)}
    made.x = 5
    returned = decode_value(encode_value(plan.convert_result(made)))
    assert returned == {"x": 5, "y": made.y}


@dataclasses.dataclass
class Options:
    a: int = 1


class Settings(msgspec.Struct):
    a: int = 1


@dataclasses.dataclass
class Holder:
    inner: Settings


class Indexable:
    """What msgspec takes for a map, as it does an array of numpy's."""

    def __getitem__(self, key):
        raise IndexError(key)


@pytest.mark.parametrize(
    ("annotation", "wrap"),
    [
        (Options, lambda value: value),
        (Options | None, lambda value: value),
        (list[Options], lambda value: [value]),
        (Settings, lambda value: value),
        (dict[str, Settings], lambda value: {"k": value}),
        (Holder, lambda value: {"inner": value}),
    ],
)
@pytest.mark.parametrize("foreign", [Indexable(), memoryview(b"12"), array("d", [1.0])])
def test_no_default_instance_is_made_of_what_is_no_map(annotation, wrap, foreign):
    def take(value) -> None: ...

    take.__annotations__["value"] = annotation
    plan = plan_of(take)
    for args, kwargs in (([wrap(foreign)], {}), ([], {"value": wrap(foreign)})):
        with pytest.raises(ValidationError):
            plan.convert_arguments(args, kwargs)
    # Its bytes are still decoded as what they are, where they can be.
    assert plan.argument_types(1) is not None
    decode = argument_decoder(plan.argument_types(1))
    assert decode(encode_value([wrap({"a": 2})])) is not None


def test_what_only_we_accept_is_accepted():
    assert plan_of(lists).convert_arguments([[-0.0, 1e21]], {})[0] == [[0, 10**21]]


def test_numbers_through_the_codec_keep_their_kind():
    (a, b), _ = plan_of(lists).convert_arguments(decode_value(encode_value([[1, 2], [1, 2.5]])), {})
    assert (a, b) == ([1, 2], (1.0, 2.5))
    assert [type(x) for x in b] == [float, float]


ALONE = """
import sys
sys.path.insert(0, {path!r})
if {hidden!r}:
    sys.modules["msgspec"] = None
from synapse_worker.schema.describe import Describer, describe_function
from synapse_worker.conversion import Converters
import dataclasses
@dataclasses.dataclass
class Order:
    items: list[float]
def quote(order: Order, depth: int = 1) -> list[float]: ...
describer = Describer()
description = describe_function(quote, describer)
plan = Converters(describer, module="m").for_function(description)
args, _ = plan.convert_arguments([{{"items": [1, 2.5]}}, 3.0], {{}})
assert repr(args[0]) == "Order(items=[1.0, 2.5])" and list(args)[1:] == [3], args
assert plan.convert_result([1]) == [1.0]
try:
    plan.convert_arguments([{{"items": ["x"]}}], {{}})
except Exception as error:
    assert str(error) == 'm.quote(): argument "order.items[0]" must be float, got str "x".', error
else:
    raise AssertionError("it was accepted")
from synapse_worker.protocol.codec import CODEC_NAME
print(CODEC_NAME, sorted({{"pydantic", "numpy", "attrs", "attr", "pandas", "pyarrow", "polars"}} & set(sys.modules)))
"""


def run_alone(*, hidden: bool) -> str:
    path = next(p for p in sys.path if p.endswith("python_side"))
    code = ALONE.format(path=path, hidden=hidden)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_nothing_is_imported_that_the_module_does_not_use():
    assert run_alone(hidden=False) == "msgspec []"


def test_conversion_is_the_same_without_msgspec():
    assert run_alone(hidden=True) == "msgpack []"


@pytest.mark.parametrize("function", LIKELY)
def test_what_is_decoded_at_once_is_what_the_own_decoders_make(function):
    plan, own = plan_of(function), plan_of(function)
    own._native = None
    compared = 0

    # What is rejected is not counted among the examples: by chance, there could be too few others.
    @settings(max_examples=50, suppress_health_check=list(HealthCheck))
    @given(arguments_of(function))
    def compare(args):
        nonlocal compared
        types = plan.argument_types(len(args))
        if types is None:
            reject()  # they go the general way
        decode, encoded = argument_decoder(types), encode_value(args)
        assert decode is not None
        try:
            decoded = decode(encoded)
        except msgspec.MsgspecError:
            reject()  # the general way says what is wrong
        for position, fill in plan.fills(len(args)):
            fill(decoded[position])
        assert shown(list(decoded)) == outcome(own, decode_value(encoded))
        compared += 1

    compare()
    assert compared > 9


def test_types_are_told_for_what_runs_no_code_of_the_users():
    @dataclasses.dataclass
    class Checked:
        a: int

        def __post_init__(self) -> None: ...

    class Made(msgspec.Struct):
        a: list[int] = msgspec.field(default_factory=lambda: [1])

    def take(a: Leaf, b: list[Node], c: object) -> None: ...
    def take_checked(a: list[Checked]) -> None: ...
    def take_made(a: int, b: Made) -> None: ...
    def take_bytes(a: int, b: bytes = b"x") -> None: ...

    assert plan_of(take).argument_types(3) is not None
    assert plan_of(take).argument_types(2) is None
    assert plan_of(take).argument_types(4) is None
    assert plan_of(take_checked).argument_types(1) is None
    assert plan_of(take_made).argument_types(2) is None
    assert plan_of(take_bytes).argument_types(1) is not None
    assert plan_of(take_bytes).argument_types(2) is None
