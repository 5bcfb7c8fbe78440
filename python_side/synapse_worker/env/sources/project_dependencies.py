"""What pyproject.toml lists: `[project] dependencies`, chosen extras and dependency groups.

`[project.optional-dependencies]` (extras) may name the project itself (`all = ["me[ml,web]"]`), groups
may include each other (PEP 735); both are followed. Nothing is checked that is not chosen.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..errors import REQUIREMENTS_INVALID, ModuleEnvironmentError
from .own_requirement import extras_of, normalized_name, required_name

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True)
class ProjectDependencies:
    """The tables of one pyproject.toml that list requirements, unchecked."""

    project: dict[str, Any] = field(default_factory=dict)
    dependency_groups: Any = None
    extras: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()

    def lines(self) -> tuple[str, ...] | None:
        """Return what is asked for; None where the file lists nothing at all.

        Raises:
            ModuleEnvironmentError: a table is malformed, or lacks what was chosen
                (`REQUIREMENTS_INVALID`).
        """
        dependencies = self.project.get("dependencies")
        if dependencies is None and not self.extras and not self.groups:
            dynamic = self.project.get("dynamic", [])
            if isinstance(dynamic, list) and "dependencies" in dynamic:
                raise _invalid(
                    'its dependencies are "dynamic": only its build backend knows them',
                    "List them under [project] dependencies, or write a requirements.txt or "
                    "requirements.in for Synapse (`-e .` in it installs the project itself).",
                )
            return None
        lines = list(_texts(dependencies or [], "[project] dependencies"))
        for extra in self.extras:
            lines += self._extra(extra, ())
        for group in self.groups:
            lines += self._group(group, ())
        return tuple(dict.fromkeys(lines))

    def _extra(self, name: str, above: tuple[str, ...]) -> Iterable[str]:
        """Yield an extra's requirements; itself named in them stands for other extras."""
        table = self.project.get("optional-dependencies", {})
        key = _chosen(table, name, "[project.optional-dependencies]", "extra")
        if key in above:
            return
        own_name = self.project.get("name")
        for line in _texts(table[key], f"[project.optional-dependencies] {key}"):
            if isinstance(own_name, str) and required_name(line) == normalized_name(own_name):
                for extra in extras_of(line):
                    yield from self._extra(extra, (*above, key))
            else:
                yield line

    def _group(self, name: str, above: tuple[str, ...]) -> Iterable[str]:
        """Yield a group's requirements and those of the groups it includes."""
        table = {} if self.dependency_groups is None else self.dependency_groups
        key = _chosen(table, name, "[dependency-groups]", "dependency group")
        if key in above:
            circle = " → ".join((*above[above.index(key) :], key))
            raise _invalid(f"dependency groups include each other in a circle ({circle})")
        if not isinstance(table[key], list):
            raise _invalid(f"[dependency-groups] {key} must be a list")
        for entry in table[key]:
            if isinstance(entry, str):
                yield entry
            elif isinstance(entry, dict) and list(entry) == ["include-group"]:
                included = entry["include-group"]
                if not isinstance(included, str):
                    raise _invalid(f"[dependency-groups] {key}: include-group must be a string")
                yield from self._group(included, (*above, key))
            else:
                raise _invalid(
                    f"[dependency-groups] {key} holds {entry!r}, which is neither a requirement "
                    'nor { include-group = "name" }'
                )


def _chosen(table: Any, name: str, title: str, noun: str) -> str:
    """Return the key that a name stands for, however it is spelled."""
    if not isinstance(table, dict):
        raise _invalid(f"{title} must be a table")
    for key in table:
        if normalized_name(key) == normalized_name(name):
            return str(key)
    known = ", ".join(map(str, table)) or "none"
    raise _invalid(f'it has no {noun} "{name}" (it has {known})')


def _texts(value: Any, title: str) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(line, str) for line in value):
        raise _invalid(f"{title} must be a list of strings")
    return value


def _invalid(problem: str, hint: str | None = None) -> ModuleEnvironmentError:
    return ModuleEnvironmentError(
        REQUIREMENTS_INVALID,
        f"The requirements in pyproject.toml cannot be read: {problem}.",
        hint=hint
        or "Correct the table; which groups and extras are installed is said by "
        '[tool.synapse] groups = ["…"] and extras = ["…"].',
    )
