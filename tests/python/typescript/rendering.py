"""Renders the example modules, in every form there is a golden file of."""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from synapse_worker.schema.describe import describe_module
from synapse_worker.typescript import (
    RenderOptions,
    render_client,
    render_declaration,
    render_javascript,
)

if TYPE_CHECKING:
    from synapse_worker.schema.definitions import Schema

FOLDER = Path(__file__).parent
GOLDENS = FOLDER / "goldens"
# Where each stands; the last is the one whose client is weighed as a browser loads it.
MODULES = {
    **{name: FOLDER / "modules" / f"{name}.py" for name in ("pricing", "hostile", "subtle")},
    "browser": FOLDER.parents[2] / "benchmarks" / "modules" / "browser" / "main.py",
}
FORMS = {
    "ts": RenderOptions(),
    "cjs.ts": RenderOptions(module="cjs"),
    "options.ts": RenderOptions(camel_case=True, exact_times=True, checked=True),
}


def schema_of(name: str) -> Schema:
    """Import a module afresh and describe it."""
    spec = importlib.util.spec_from_file_location(name, MODULES[name])
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
        return describe_module(module.app, name)
    finally:
        del sys.modules[name]


def rendered(name: str) -> dict[str, str]:
    """Return the text of each golden file of a module, by the file's name."""
    schema = schema_of(name)
    texts = {
        f"{name}.{suffix}": render_client(schema, replace(options, directory=name))
        for suffix, options in FORMS.items()
    }
    texts[f"{name}.d.py.ts"] = render_declaration(schema)
    texts[f"{name}.mjs"] = render_javascript(schema)
    return texts


if __name__ == "__main__":
    for module in MODULES:
        for file, text in rendered(module).items():
            (GOLDENS / file).write_text(text, encoding="utf-8")
