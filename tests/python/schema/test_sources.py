"""Names that only type checkers import, and generics of Python 3.12."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest

from synapse_worker.protocol.errors import SynapseError
from synapse_worker.schema.describe import Describer

from .offers import definition, described, signature

MODULES = Path(__file__).with_name("modules")


@pytest.fixture
def load(request: pytest.FixtureRequest) -> Any:
    def load(name: str) -> Any:
        full = f"schema_test_{name}"
        spec = importlib.util.spec_from_file_location(full, MODULES / f"{name}.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[full] = module
        request.addfinalizer(lambda: sys.modules.pop(full))
        spec.loader.exec_module(module)
        return module

    return load


def test_names_of_the_standard_library_are_known_though_only_checkers_import_them(
    load: Any,
) -> None:
    assert signature(load("checking").known) == "stream (path: path, at: date, by: uuid) -> decimal"


def test_other_names_that_only_checkers_import_are_an_error_that_says_so(load: Any) -> None:
    module = load("checking")
    with pytest.raises(SynapseError) as caught:
        described(module.ghost)
    assert caught.value.message == (
        "ghost(): parameter a: 'Ghost' is imported from 'nowhere_to_be_found' for type checkers only, "
        "so Python does not know it when the program runs. Import Ghost outside `if TYPE_CHECKING`."
    )
    assert caught.value.details == {
        "where": "ghost(): parameter a",
        "file": str(MODULES / "checking.py"),
        "line": module.ghost.__code__.co_firstlineno,
    }


@pytest.mark.skipif(sys.version_info < (3, 12), reason="the syntax came with Python 3.12")
def test_generics_of_pep_695(load: Any) -> None:
    module = load("pep695")
    describer = Describer()
    assert signature(module.swap, describer) == "(pair: Pair[Any]) -> Pair[Any]"
    assert signature(module.bounded, describer) == "(a: int) -> int"
    assert signature(module.plain, describer) == "(a: Json, b: Pair[str], c: Ids) -> Box[int]"
    assert signature(module.labelled, describer) == "(a: Labelled[int]) -> Reply[str]"
    assert definition(module.Box, describer) == "[T] dataclass {value: T, rest: list[Box[T]]}"
    assert definition(module.Labelled, describer) == (
        "[K] dataclass {value: K, rest: list[Box[K]], label: str}"
    )
    assert definition(module.Pair, describer) == "[A] alias of tuple[A, A]"
    assert definition(module.Json, describer) == (
        "alias of bool | float | str | list[Json] | dict[str, Json] | None"
    )
    assert describer.warnings == []
