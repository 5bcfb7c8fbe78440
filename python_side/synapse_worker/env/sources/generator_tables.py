"""`[tool.synapse.generate]` and `[tool.synapse.types]`: checked here, used by `synapse generate`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .project_error import invalid_project, table_of

if TYPE_CHECKING:
    from pathlib import Path

_GENERATE = {
    "output": str,
    "module": str,
    "camel-case": bool,
    "exact-times": bool,
    "checked": bool,
}
_CODEC = ("import", "export", "type")
# What `[tool.synapse.generate]` needs said: its keys have other types.
_GENERATE_HINT = (
    'Write for instance output = "../src/generated", module = "esm" or camel-case = true under '
    "[tool.synapse.generate]."
)
_TYPES_HINT = 'Write import = "../src/money.js", export = "moneyCodec" and type = "Money" under it.'


def generate_settings(path: Path, table: dict[str, Any]) -> dict[str, Any]:
    """Return `[tool.synapse.generate]`, its keys with underscores.

    Raises:
        ModuleEnvironmentError: a key is unknown or has the wrong type (`INVALID_CONFIG`).
    """
    for key, value in table.items():
        kind = _GENERATE.get(key)
        if kind is None:
            known = ", ".join(_GENERATE)
            raise invalid_project(
                path,
                f'[tool.synapse.generate] has no key "{key}"; it knows {known}',
                _GENERATE_HINT,
            )
        if not isinstance(value, kind):
            wanted = "a string" if kind is str else "true or false"
            raise invalid_project(
                path, f"[tool.synapse.generate] {key} must be {wanted}", _GENERATE_HINT
            )
    if table.get("module", "esm") not in {"esm", "cjs"}:
        raise invalid_project(
            path, '[tool.synapse.generate] module must be "esm" or "cjs"', _GENERATE_HINT
        )
    return {key.replace("-", "_"): value for key, value in table.items()}


def codec_types(path: Path, table: dict[str, Any]) -> dict[str, dict[str, str]]:
    """Return `[tool.synapse.types]`: by name, where a codec stands in TypeScript.

    Raises:
        ModuleEnvironmentError: an entry lacks something or has too much (`INVALID_CONFIG`).
    """
    for name in table:
        entry = table_of(path, table, name)
        if set(entry) != set(_CODEC) or not all(isinstance(v, str) and v for v in entry.values()):
            raise invalid_project(
                path,
                f"[tool.synapse.types.{name}] needs import, export and type, each a string",
                _TYPES_HINT,
            )
    return table
