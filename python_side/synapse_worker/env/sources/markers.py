"""Environment markers (PEP 508) with some of their variables known: what remains to be asked.

Lock files ask for extras and dependency groups in markers (`'ml' in extras`, PEP 751), which no tool
reads in a requirements file; and which platform this is, we know before there is an interpreter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .own_requirement import normalized_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_TOKEN = re.compile(
    r"\s*(?:(?P<string>'[^']*'|\"[^\"]*\")|(?P<word>[A-Za-z_][A-Za-z0-9_.]*)"
    r"|(?P<operator>===|==|~=|!=|<=|>=|<|>)|(?P<bracket>[()]))"
)
# Sets: their members are compared as names.
_SETS = frozenset({"extras", "dependency_groups"})
_MAX_DEPTH = 100
# Where a marker begins behind an address, which may hold a `;` of its own.
_BEHIND_ADDRESS = re.compile(r"\s+;|;\s+")

# Of plain texts only: versions are the tools' business.
_COMPARISONS: dict[str, Callable[[str, str], bool]] = {
    "==": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    "in": lambda left, right: left in right,
    "not in": lambda left, right: left not in right,
}


class MarkerError(ValueError):
    """The text is not a marker."""


@dataclass(frozen=True)
class Remainder:
    """What a marker comes to: true, false, or a marker that still has to be asked."""

    value: bool | None
    text: str = ""


_TRUE, _FALSE = Remainder(True), Remainder(False)


def reduce_marker(marker: str, known: Mapping[str, str | frozenset[str]]) -> Remainder:
    """Put the known variables into a marker.

    Raises:
        MarkerError: it is malformed.
    """
    return _Reader(_tokens(marker), known).whole()


def split_marker(requirement: str) -> tuple[str, str]:
    """Part a requirement (PEP 508) from its marker; without one that is empty."""
    asked, _, marker = requirement.partition(";")
    if "@" in asked:
        asked, marker = (*_BEHIND_ADDRESS.split(requirement, maxsplit=1), "")[:2]
    return asked.strip(), marker.strip()


def only_where(requirement: str, marker: str) -> str:
    """Return a requirement (PEP 508) that is asked for only where one more marker holds."""
    if not marker:
        return requirement
    asked, own = split_marker(requirement)
    return f"{asked} ; ({own}) and ({marker})" if own else f"{asked} ; {marker}"


def _tokens(marker: str) -> list[str]:
    tokens, at = [], 0
    marker = marker.rstrip()
    while at < len(marker):
        match = _TOKEN.match(marker, at)
        if match is None:
            raise MarkerError(f'"{marker}" is not a marker (at "{marker[at:].strip()}")')
        tokens.append(match.group().strip())
        at = match.end()
    return tokens


class _Reader:
    """A recursive-descent reader: `or` of `and` of comparisons."""

    def __init__(self, tokens: list[str], known: Mapping[str, str | frozenset[str]]) -> None:
        self._tokens = tokens
        self._known = known
        self._at = 0
        self._depth = 0

    def whole(self) -> Remainder:
        """Read all of it."""
        found = self._either()
        if self._at < len(self._tokens):
            raise MarkerError(f'a marker goes on with "{self._tokens[self._at]}"')
        return found

    def _either(self) -> Remainder:
        parts = [self._all()]
        while self._take("or"):
            parts.append(self._all())
        if any(part.value for part in parts):
            return _TRUE
        open_parts = [part.text for part in parts if part.value is None]
        return Remainder(None, " or ".join(open_parts)) if open_parts else _FALSE

    def _all(self) -> Remainder:
        parts = [self._comparison()]
        while self._take("and"):
            parts.append(self._comparison())
        if any(part.value is False for part in parts):
            return _FALSE
        open_parts = [part.text for part in parts if part.value is None]
        return Remainder(None, " and ".join(open_parts)) if open_parts else _TRUE

    def _comparison(self) -> Remainder:
        if self._take("("):
            self._depth += 1
            if self._depth > _MAX_DEPTH:
                raise MarkerError("a marker has too many parentheses")
            inner = self._either()
            self._depth -= 1
            if not self._take(")"):
                raise MarkerError('a marker lacks ")"')
            return Remainder(None, f"({inner.text})") if inner.value is None else inner
        left, operator, right = self._operand(), self._operator(), self._operand()
        for name in (left, right):
            if name in _SETS:
                return self._membership(left, operator, right)
        if left in self._known or right in self._known:
            values = (self._value(left), self._value(right))
            compare = _COMPARISONS.get(operator)
            if compare is not None and values[0] is not None and values[1] is not None:
                return _TRUE if compare(values[0], values[1]) else _FALSE
        return Remainder(None, f"{left} {operator} {right}")

    def _membership(self, left: str, operator: str, right: str) -> Remainder:
        members = self._known.get(right)
        if operator not in {"in", "not in"} or left[0] not in "'\"" or right not in _SETS:
            raise MarkerError(f'"{left} {operator} {right}" must read `"name" in {right}`')
        if not isinstance(members, frozenset):
            return Remainder(None, f"{left} {operator} {right}")
        chosen = {normalized_name(member) for member in members}
        is_in = normalized_name(left[1:-1]) in chosen
        return _TRUE if is_in is (operator == "in") else _FALSE

    def _value(self, operand: str) -> str | None:
        if operand[0] in "'\"":
            return operand[1:-1]
        value = self._known.get(operand)
        return value if isinstance(value, str) else None

    def _operand(self) -> str:
        token = self._next()
        if token[0] in "'\"" or token[0].isalpha() or token[0] == "_":
            return token
        raise MarkerError(f'a marker has "{token}" where a name or a string belongs')

    def _operator(self) -> str:
        token = self._next()
        if token == "not" and self._take("in"):
            return "not in"
        if token == "in" or token[0] in "=!<>~":
            return token
        raise MarkerError(f'a marker has "{token}" where an operator belongs')

    def _next(self) -> str:
        if self._at >= len(self._tokens):
            raise MarkerError("a marker ends too early")
        self._at += 1
        return self._tokens[self._at - 1]

    def _take(self, token: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at] == token:
            self._at += 1
            return True
        return False
