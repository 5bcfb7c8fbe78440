"""The generated text, word for word. After a wanted change: python tests/python/typescript/rendering.py."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from rendering import GOLDENS, MODULES, rendered, schema_of

from synapse_worker.schema.json_form import schema_from_json, schema_to_json
from synapse_worker.typescript import RenderOptions, render_client


@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_written_as_its_golden_files_say(name: str) -> None:
    texts = rendered(name)
    assert sorted(texts) == sorted(path.name for path in GOLDENS.glob(f"{name}.*"))
    for file, text in texts.items():
        assert text == (GOLDENS / file).read_text(encoding="utf-8"), file


@pytest.mark.parametrize("name", MODULES)
def test_a_schema_that_has_travelled_as_json_is_written_the_same(name: str) -> None:
    schema = schema_of(name)
    travelled = schema_from_json(schema_to_json(schema))
    assert render_client(travelled, RenderOptions()) == render_client(schema, RenderOptions())


def test_no_text_of_python_ends_a_comment_or_a_string() -> None:
    text = (GOLDENS / "hostile.ts").read_text(encoding="utf-8")
    assert "\u2028" not in text
    # Every comment that opens closes at its own end only: what is left without them has no "*/"
    # but in strings.
    outside = [
        line for line in text.splitlines() if not line.lstrip().startswith(("*", "/**", "//"))
    ]
    assert all('"' in line for line in outside if "*/" in line)
