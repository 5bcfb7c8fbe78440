"""Names that a module imports for type checkers only: `if TYPE_CHECKING: from datetime import date`.

They mean what they say where that costs nothing: in the standard library, and in modules that are
loaded anyway. Nothing else is imported for them; `module_of` lets an error tell where a name is from.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, MutableMapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ast


class CheckingImports(MutableMapping[str, Any]):
    """The names of one file that are imported under `if TYPE_CHECKING`, by what they mean.

    The file is read when a name is first asked for: most modules never need it.
    """

    def __init__(self, file: str | None, module: dict[str, Any]) -> None:
        self.file = file
        self.package = module.get("__package__") or ""
        self._found: dict[str, tuple[str, str | None]] | None = None

    def __getitem__(self, name: str) -> Any:
        source = self.names().get(name)
        if source is None:
            raise KeyError(name)
        module, attribute = source
        loaded = sys.modules.get(module)
        if loaded is None and module.split(".")[0] in sys.stdlib_module_names:
            loaded = import_module(module)
        if loaded is None or (attribute and not hasattr(loaded, attribute)):
            raise KeyError(name)
        return getattr(loaded, attribute) if attribute else loaded

    def module_of(self, name: str) -> str | None:
        """Return the module that a name is imported from for type checkers."""
        found = self.names().get(name)
        return found[0] if found else None

    def names(self) -> dict[str, tuple[str, str | None]]:
        """Return each such name with its module and, unless it is the module, what it is there."""
        if self._found is None:
            self._found = dict(self._read()) if self.file else {}
        return self._found

    def _read(self) -> Iterator[tuple[str, tuple[str, str | None]]]:
        import ast

        try:
            with open(str(self.file), encoding="utf-8") as source:
                tree = ast.parse(source.read())
        except (OSError, SyntaxError, ValueError):
            return
        for node in ast.walk(tree):
            if isinstance(node, ast.If) and _asks_for_checking(node.test):
                for statement in node.body:
                    yield from self._imported(statement)

    def _imported(self, statement: ast.stmt) -> Iterator[tuple[str, tuple[str, str | None]]]:
        import ast
        from importlib.util import resolve_name

        if isinstance(statement, ast.Import):
            for alias in statement.names:
                module = alias.name if alias.asname else alias.name.split(".")[0]
                yield alias.asname or module, (module, None)
        elif isinstance(statement, ast.ImportFrom):
            module = "." * statement.level + (statement.module or "")
            if statement.level:
                module = resolve_name(module, self.package) if self.package else ""
            for alias in statement.names:
                yield alias.asname or alias.name, (module, alias.name)

    def __iter__(self) -> Iterator[str]:
        return iter(self.names())

    def __len__(self) -> int:
        return len(self.names())

    def __setitem__(self, name: str, value: Any) -> None:
        raise TypeError("What a file imports is not ours to change.")

    __delitem__ = __setitem__  # type: ignore[assignment]


def _asks_for_checking(test: ast.expr) -> bool:
    """Say whether a condition is `TYPE_CHECKING` or `typing.TYPE_CHECKING`."""
    import ast

    name = test.attr if isinstance(test, ast.Attribute) else getattr(test, "id", "")
    return name == "TYPE_CHECKING"
