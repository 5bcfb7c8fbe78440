"""Decide which dialect an entrypoint speaks, from its source, before anything of it runs."""

from __future__ import annotations

PACKAGE = "synapse_worker"


class DialectUndecidedError(Exception):
    """The source mentions Synapse, yet neither imports it nor reads stdin."""


def decide_dialect(source: bytes, entrypoint: str) -> str:
    """Return "native" or "raw".

    1. The source never mentions `synapse_worker`: raw.
    2. It imports `synapse_worker` (at any depth of the file): native.
    3. The mention is no import, but the script uses stdin: raw.

    Raises:
        DialectUndecidedError: none of these holds; the message says how to decide.
        SyntaxError: the source mentions `synapse_worker` but is not Python.
    """
    if PACKAGE.encode() not in source:
        return "raw"

    import ast

    tree = ast.parse(source, entrypoint)
    if any(_imports_package(node) for node in ast.walk(tree)):
        return "native"
    if any(_uses_stdin(node) for node in ast.walk(tree)):
        return "raw"
    raise DialectUndecidedError(
        f"{entrypoint} mentions {PACKAGE!r} but neither imports it nor reads sys.stdin, so it could "
        "be a native module or a raw script. Set the option `dialect` to 'native' or 'raw'."
    )


def _imports_package(node: object) -> bool:
    import ast

    if isinstance(node, ast.ImportFrom):
        return node.level == 0 and _names_package(node.module or "")
    if isinstance(node, ast.Import):
        return any(_names_package(alias.name) for alias in node.names)
    return False


def _names_package(name: str) -> bool:
    return name == PACKAGE or name.startswith(PACKAGE + ".")


def _uses_stdin(node: object) -> bool:
    import ast

    if isinstance(node, ast.Attribute):
        return node.attr in ("stdin", "__stdin__")
    return isinstance(node, ast.Name) and node.id == "stdin"
