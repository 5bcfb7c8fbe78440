"""What pyproject.toml lists: `[project] dependencies`, chosen extras and dependency groups.

Groups may include each other (PEP 735), and all three may name the project itself (`dev = ["me[ml,web]"]`): that
stands for its extras, whose dependencies are at hand, and is never asked of an index, where the name may be a
stranger's. Nothing is checked that is not chosen.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..errors import REQUIREMENTS_INVALID, ModuleEnvironmentError
from .logical_lines import without_comment
from .markers import only_where, split_marker
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
        lines: list[str] = []
        for line in _texts(dependencies or [], "[project] dependencies"):
            if self._is_the_project(line) and not extras_of(line):
                raise _invalid(
                    f'"{line}" is the name of the project itself, which is not a dependency of its own',
                    "Give the project another name ([project] name); the package is fetched then.",
                )
            lines += self._freed(line, ())
        for extra in self.extras:
            lines += self._extra(extra, ())
        for group in self.groups:
            lines += self._group(group, ())
        return tuple(dict.fromkeys(lines))

    def _extra(self, name: str, above: tuple[str, ...]) -> Iterable[str]:
        """Yield an extra's requirements."""
        table = self.project.get("optional-dependencies", {})
        key = _chosen(table, name, "[project.optional-dependencies]", "extra")
        if key in above:
            return
        for line in _texts(table[key], f"[project.optional-dependencies] {key}"):
            yield from self._freed(line, (*above, key))

    def _freed(self, line: str, above: tuple[str, ...]) -> Iterable[str]:
        """Yield a requirement, or what it stands for where it names the project itself.

        `above` are the extras that lead here.
        """
        if not self._is_the_project(line):
            yield line
            return
        _, marker = split_marker(without_comment(line))
        for extra in extras_of(line):
            for meant in self._extra(extra, above):
                yield only_where(meant, marker)

    def _is_the_project(self, line: str) -> bool:
        own_name = self.project.get("name")
        named = required_name(without_comment(line))
        return isinstance(own_name, str) and named == normalized_name(own_name)

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
                yield from self._freed(entry, ())
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
