"""Names, literals and layout, each on its own."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synapse_worker.schema.definitions import Field, Function, ObjectDefinition, Parameter, Schema
from synapse_worker.schema.types import (
    NONE,
    Array,
    OpenTuple,
    Reference,
    Scalar,
    TypeVariable,
    Union,
)
from synapse_worker.typescript import GenerationError, RenderOptions, render_client
from synapse_worker.typescript.comments import prose
from synapse_worker.typescript.document import (
    HARD_LINE,
    Group,
    Indent,
    join,
    listed,
    print_document,
)
from synapse_worker.typescript.literals import literal, property_key, string
from synapse_worker.typescript.names import Scope, camel_case, is_simple, pascal_case

INT = Scalar("int")


@given(st.text())
def test_a_string_literal_reads_as_the_text_it_was_made_of(text: str) -> None:
    written = string(text)
    if written.startswith("'"):
        written = '"' + written[1:-1].replace("\\'", "'").replace('"', '\\"') + '"'
    assert json.loads(written) == text
    assert not set(written) & set("\n\r\0\u2028\u2029\u202e\ufeff")


@given(st.text())
def test_no_text_leaves_its_comment(text: str) -> None:
    assert all("*/" not in line and "\n" not in line for line in prose(text))
    assert not any(line.lstrip().startswith("@") for line in prose(text))


@pytest.mark.parametrize(
    ("value", "written"),
    [("a", '"a"'), ('"', "'\"'"), (1, "1"), (-1, "-1"), (1.5, "1.5"), (2.0, "2"), (1e22, "1e22"),
     (-0.0, "-0"), (0.0, "0"),
     (True, "true"), (None, "null")],
)  # fmt: skip
def test_values_are_written_as_literals(value: str | float | bool | None, written: str) -> None:
    assert literal(value) == written


@pytest.mark.parametrize("value", [2**53, -(2**53), float("nan"), float("inf")])
def test_numbers_that_are_no_literals_are_refused(value: float) -> None:
    with pytest.raises(ValueError, match="no literal"):
        literal(value)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [("max_depth", "maxDepth"), ("_private_name", "_privateName"), ("name_", "name_"),
     ("MAX_DEPTH", "MAX_DEPTH"), ("already", "already"), ("a__b", "aB"), ("to_2d", "to2d")],
)  # fmt: skip
def test_names_become_camel_case(name: str, wanted: str) -> None:
    assert camel_case(name) == wanted


def test_modules_name_their_class() -> None:
    assert [pascal_case(name) for name in ("pricing", "my_module", "größe", "2d", "__")] == [
        *("Pricing", "MyModule", "Größe", "_2d", "Module")
    ]


def test_a_name_that_is_taken_makes_way() -> None:
    scope = Scope(frozenset({"Date"}))
    assert [scope.take("Date"), scope.take("Date"), scope.take("A", "B"), scope.take("A", "B")] == [
        *("Date_", "Date__", "A", "B")
    ]


def test_properties_are_quoted_only_where_they_must_be() -> None:
    assert [is_simple(name) for name in ("a", "$b", "größe", "a-b", "1a", "", "𐐀")] == [
        *(True, True, True, False, False, False, False)
    ]
    assert property_key("__proto__") == '["__proto__"]'


def test_a_list_that_does_not_fit_stands_one_item_a_line() -> None:
    assert print_document(listed("[", ["a", "b"], "]")) == "[a, b]"
    long = ["x" * 40, "y" * 40]
    assert print_document(listed("[", long, "]")) == f"[\n  {long[0]},\n  {long[1]},\n]"


def test_a_hard_line_breaks_every_group_around_it() -> None:
    inner = Group(("{", Indent((HARD_LINE, "a;")), HARD_LINE, "}"))
    assert print_document(listed("(", ["x", inner], ")")) == "(\n  x,\n  {\n    a;\n  },\n)"


def test_lines_end_without_spaces() -> None:
    text = print_document(join(HARD_LINE, ["a ", "b"]))
    assert text == "a\nb"


def schema_of_result(*fields: Field, **more: object) -> Schema:
    item = ObjectDefinition("Item", fields=fields, **more)  # type: ignore[arg-type]
    function = Function("get", (), Reference("Item"))
    return Schema("shop", (function,), definitions={"Item": item})


def test_two_fields_that_would_become_one_are_refused() -> None:
    schema = schema_of_result(Field("max_depth", INT), Field("maxDepth", INT))
    with pytest.raises(
        GenerationError, match=r"Item: 'max_depth' and 'maxDepth' are both 'maxDepth'"
    ):
        render_client(schema, RenderOptions(camel_case=True))


def test_camel_case_translates_in_the_plan() -> None:
    text = render_client(schema_of_result(Field("max_depth", INT)), RenderOptions(camel_case=True))
    assert 'maxDepth: plan.renamed("max_depth")' in text
    assert "  maxDepth: number;\n" in text


def test_plain_values_have_no_plan() -> None:
    text = render_client(schema_of_result(Field("name", Scalar("str")), Field("n", INT)))
    assert "plan" not in text


def test_a_type_that_grows_without_end_is_refused() -> None:
    grows = ObjectDefinition(
        "Grows",
        fields=(Field("next", Union((Reference("Grows", (Array(TypeVariable("T")),)), NONE))),),
        type_parameters=("T",),
    )
    function = Function("get", (), Reference("Grows", (INT,)))
    schema = Schema("shop", (function,), definitions={"Grows": grows})
    with pytest.raises(GenerationError, match="ever larger arguments"):
        render_client(schema)


def test_a_required_slot_makes_those_before_it_say_undefined() -> None:
    parameters = (
        Parameter("a", "positional_or_keyword", INT, required=False),
        Parameter("b", "keyword_only", INT),
    )
    text = render_client(Schema("shop", (Function("f", parameters, NONE),)))
    assert "a: number | undefined" in text
    assert "keywords: { b: number }" in text


def test_an_open_tuple_has_a_rest_element_and_a_plan_where_its_items_need_one() -> None:
    date = Scalar("datetime")
    takes = Parameter("parts", "positional_or_keyword", OpenTuple((INT,), Scalar("str"), (INT,)))
    gives = OpenTuple((INT,), Union((date, NONE)))
    text = render_client(Schema("shop", (Function("f", (takes,), gives),)))
    assert "parts: readonly [number, ...string[], number]" in text
    assert "Promise<[number, ...(Date | null)[]]>" in text
    assert "plan.openTuple([plan.any], plan.nullable(plan.date))" in text
