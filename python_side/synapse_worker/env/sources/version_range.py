"""Ranges of Python versions as PEP 440 writes them (`>=3.11,<3.13`, `~=3.11`, `==3.12.*`).

Compared by their release numbers, which is all that an interpreter's version needs here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_CLAUSE = re.compile(
    r"(?P<operator>~=|===|==|!=|<=|>=|<|>)\s*v?(?P<version>\d+(?:\.\d+)*)(?P<suffix>\.\*)?"
    r"(?:(?:a|b|rc|\.?dev|\.?post)\d*)*"
)
_Version = tuple[int, ...]


@dataclass(frozen=True)
class _Clause:
    operator: str
    version: _Version
    is_prefix: bool

    def admits(self, version: _Version) -> bool:
        wanted = self.version
        if self.is_prefix:
            return (version[: len(wanted)] == wanted) is (self.operator == "==")
        if self.operator == "~=":
            return _padded(version) >= _padded(wanted) and version[: len(wanted) - 1] == wanted[:-1]
        left, right = _padded(version), _padded(wanted)
        return {
            "==": left == right,
            "===": left == right,
            "!=": left != right,
            "<=": left <= right,
            ">=": left >= right,
            "<": left < right,
            ">": left > right,
        }[self.operator]


@dataclass(frozen=True)
class VersionRange:
    """Versions of Python that are allowed."""

    text: str
    _clauses: tuple[_Clause, ...]

    def admits(self, version: _Version) -> bool:
        """Say whether a version, such as (3, 12, 1), is in the range."""
        return all(clause.admits(version) for clause in self._clauses)

    def __str__(self) -> str:
        return self.text


def parse_version_range(text: str) -> VersionRange:
    """Read a range; an empty one admits everything.

    Raises:
        ValueError: it is none.
    """
    clauses = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        match = _CLAUSE.fullmatch(part)
        if match is None:
            raise ValueError(f'"{part}" is not a range of versions')
        version = tuple(map(int, match.group("version").split(".")))
        operator, is_prefix = match.group("operator"), match.group("suffix") is not None
        if is_prefix and operator not in {"==", "!="}:
            raise ValueError(f'"{part}": .* goes with == and != only')
        if operator == "~=" and len(version) < 2:
            raise ValueError(f'"{part}": ~= needs two numbers at least')
        clauses.append(_Clause(operator, version, is_prefix))
    return VersionRange(text.strip(), tuple(clauses))


def _padded(version: _Version) -> _Version:
    """Return a version with at least four numbers: 3.12 is 3.12.0."""
    return (*version, *(0,) * (4 - len(version)))
