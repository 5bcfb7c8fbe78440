"""docs/schema.md shows what is: its example is described here, and its tables name every key."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from synapse_worker.frozen import fields
from synapse_worker.schema import definitions, types
from synapse_worker.schema.describe import describe_module
from synapse_worker.schema.fingerprint import members
from synapse_worker.schema.json_form import schema_to_json

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "schema.md"
TEXT = DOCUMENT.read_text(encoding="utf-8")
UPDATE = "The example has changed: paste what is above into docs/schema.md."


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)
    assert found is not None
    return found[1]


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    module = ModuleType("main")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    exec(compile(block("python"), str(DOCUMENT), "exec"), vars(module))
    return module


def test_the_example_is_described_as_it_says(shop: ModuleType) -> None:
    schema = describe_module(shop.app, "shop", documentation=shop.__doc__)
    assert json.loads(block("json")) == schema_to_json(schema), UPDATE
    assert members(schema)["quote"] == block("text").strip()


def test_every_kind_of_type_and_definition_is_listed() -> None:
    for root in (types.Type, definitions.Definition):
        for cls in root.__subclasses__():
            assert f"| `{cls.kind}`" in TEXT, f"{cls.kind} has no row"


def test_every_key_is_named() -> None:
    described = [
        *types.Type.__subclasses__(),
        *definitions.Definition.__subclasses__(),
        definitions.Schema,
        definitions.Function,
        definitions.Field,
        definitions.Service,
        definitions.ErrorDefinition,
        definitions.Documentation,
        definitions.SchemaWarning,
        types.Constraints,
    ]
    missing = {
        field.name
        for cls in described
        for field in fields(cls)
        if not field.is_local and not re.search(rf"\b{field.name}\b", TEXT)
    }
    assert missing == set()
