"""Which argument is which parameter, and what is said when they do not match."""

import pytest

from synapse_worker.protocol.errors import SynapseError, ValidationError

from .kit import plan_of


def quote(symbol: str, /, depth: int = 1, *rest: float, currency: str, fast: bool = False) -> None:
    """Stand for every kind of parameter but one."""


def keyed(a: int, **more: int) -> None:
    """Take any keyword."""


def plain(a: int, b: str = "x") -> None:
    """Take one or two arguments."""


def test_arguments_are_bound_and_converted_and_defaults_left_to_python():
    args, kwargs = plan_of(quote).convert_arguments(["A", 2.0, 3, 4.5], {"currency": "EUR"})
    assert list(args) == ["A", 2, 3.0, 4.5]
    assert type(args[2]) is float
    assert kwargs == {"currency": "EUR"}


def test_any_keyword_is_converted_by_the_type_of_one():
    assert plan_of(keyed).convert_arguments([1], {"b": 2.0}) == ([1], {"b": 2})
    with pytest.raises(ValidationError, match=r'argument "b" must be int, got str "x"'):
        plan_of(keyed).convert_arguments([1], {"b": "x"})


def test_a_positional_parameter_can_be_passed_by_name():
    args, kwargs = plan_of(plain).convert_arguments([], {"b": "y", "a": 1})
    assert (list(args), kwargs) == ([], {"b": "y", "a": 1})


@pytest.mark.parametrize(
    ("function", "args", "kwargs", "parameter", "said"),
    [
        (plain, [], {}, "a", 'app.plain(): argument "a" is missing; it must be int.'),
        (plain, [], {"b": "x"}, "a", 'app.plain(): argument "a" is missing; it must be int.'),
        (
            quote,
            ["A"],
            {},
            "currency",
            'app.quote(): argument "currency" is missing; it is passed by name and must be str.',
        ),
        (plain, [1, "x", 3], {}, "", "app.plain() takes 2 positional arguments, got 3."),
        (plain, [1], {"a": 1}, "a", 'app.plain() got argument "a" twice: by position and by name.'),
        (plain, [1], {"bb": "x"}, "bb", 'app.plain() has no parameter "bb". Did you mean "b"?'),
        (plain, [1], {"zzz": 1}, "zzz", 'app.plain() has no parameter "zzz". It has a, b.'),
        (
            quote,
            [],
            {"symbol": "A", "currency": "E"},
            "symbol",
            'argument "symbol" is passed by position, not by name',
        ),
    ],
)
def test_a_call_that_the_signature_does_not_take_is_refused(
    function, args, kwargs, parameter, said
):
    with pytest.raises(ValidationError) as caught:
        plan_of(function).convert_arguments(args, kwargs)
    assert said in str(caught.value)
    assert caught.value.code == "INVALID_ARGUMENTS"
    assert caught.value.details["parameter"] == parameter
    assert caught.value.details["method"] == function.__name__
    assert caught.value.expected
    assert caught.value.got
    assert all(type(detail) is str for detail in caught.value.details.values())


def placed(a: int = 7, b: str = "x", /, *rest: float) -> None:
    """Take arguments whose places must be kept."""


def test_what_is_left_out_where_its_place_is_kept_is_the_default_and_is_not_converted():
    plan = plan_of(placed)
    args, kwargs = plan.convert_arguments([None, "y"], {"$omitted": [0]})
    assert (list(args), kwargs) == ([7, "y"], {})
    args, kwargs = plan.convert_arguments([None, None, 1], {"$omitted": [0, 1]})
    assert (list(args), kwargs) == ([7, "x", 1.0], {})
    with pytest.raises(ValidationError, match=r'"a" must be int, got None'):
        plan.convert_arguments([None, "y"], {})


def test_what_has_no_default_cannot_be_left_out():
    with pytest.raises(ValidationError, match=r'argument "symbol" is missing; it must be str'):
        plan_of(quote).convert_arguments([None, 1], {"$omitted": [0], "currency": "EUR"})


@pytest.mark.parametrize("omitted", [1, [2], [-1], ["a"], [True], None])
def test_positions_that_are_none_are_refused(omitted):
    with pytest.raises(ValidationError, match="is reserved") as caught:
        plan_of(placed).convert_arguments([None, "y", 1.0], {"$omitted": omitted})
    assert caught.value.code == "INVALID_ARGUMENTS"


def test_the_path_names_which_of_the_rest_does_not_fit():
    with pytest.raises(ValidationError) as caught:
        plan_of(quote).convert_arguments(["A", 1, 2.0, "x"], {"currency": "EUR"})
    assert caught.value.path == "rest[1]"
    assert caught.value.parameter == "rest"


def test_a_function_without_parameters_says_so():
    def ping() -> None: ...

    with pytest.raises(SynapseError, match="takes no positional arguments, got 1"):
        plan_of(ping).convert_arguments([1], {})


def test_validate_false_only_binds():
    plan = plan_of(plain, validate=False)
    assert plan.convert_arguments(["no int"], {}) == (["no int"], {})
    with pytest.raises(SynapseError, match="is missing"):
        plan.convert_arguments([], {})


@pytest.mark.parametrize("library", ["msgspec", "pydantic"])
def test_a_library_can_be_asked_to_validate_by_its_own_rules(library):
    def take(values: list[int]) -> None: ...

    plan = plan_of(take, validate=library)
    assert plan.convert_arguments([[1, 2]], {}) == ([[1, 2]], {})
    with pytest.raises(ValidationError) as caught:
        plan.convert_arguments([[1, "x"]], {})
    assert caught.value.path == "values[1]"
    assert f"was refused by {library}" in str(caught.value)


def test_pydantic_coerces_where_it_is_asked_to():
    def take(value: int) -> None: ...

    assert plan_of(take, validate="pydantic").convert_arguments(["3"], {}) == ([3], {})


def test_an_unknown_library_is_refused():
    with pytest.raises(ValueError, match="'msgspec', 'pydantic' or False"):
        plan_of(plain, validate="cerberus")


def test_a_function_without_annotations_accepts_anything():
    def untyped(a, b=1): ...  # type: ignore[no-untyped-def]

    assert plan_of(untyped).accepts_anything
    assert not plan_of(plain).accepts_anything
