"""Arguments to parameters: which is which, and what to say when they do not match the signature."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from synapse_worker.frozen import Frozen

from ..protocol.errors import ValidationError
from ..schema.types import UNKNOWN
from .mismatch import shortened, shown
from .naming import expectation

if TYPE_CHECKING:
    from ..schema.definitions import Function

_MAX_KEYWORDS_SHOWN = 12


class Slot(Frozen):
    """A parameter that takes one argument."""

    name: str
    required: bool
    by_position: bool
    by_keyword: bool
    expected: str
    """What it must be; empty where it can be anything."""


class Binder:
    """Binds the arguments of calls to one function's parameters."""

    def __init__(self, function: Function, label: str, method: str) -> None:
        self.method = method
        self.label = label
        single = [p for p in function.parameters if not p.kind.startswith("var_")]
        self.slots = [
            Slot(
                p.name,
                p.required,
                p.kind.startswith("positional"),
                p.kind != "positional_only",
                "" if p.type == UNKNOWN else expectation(p.type),
            )
            for p in single
        ]
        self.positional = [slot.name for slot in self.slots if slot.by_position]
        self.by_keyword = frozenset(slot.name for slot in self.slots if slot.by_keyword)
        self.takes_more = any(p.kind == "var_positional" for p in function.parameters)
        self.takes_any_keyword = any(p.kind == "var_keyword" for p in function.parameters)
        positional_slots = [slot for slot in self.slots if slot.by_position]
        self.least = sum(slot.required for slot in positional_slots)
        self.needs_keywords = any(slot.required and not slot.by_position for slot in self.slots)

    def check(self, args: list[Any], kwargs: dict[str, Any]) -> None:
        """Refuse a call that the signature does not take.

        Raises:
            ValidationError: `INVALID_ARGUMENTS`, naming the parameter.
        """
        given = len(args)
        if not kwargs and self.least <= given and not self.needs_keywords:
            if given > len(self.positional) and not self.takes_more:
                raise self._too_many(given)
            return
        self._check_each(given, kwargs)

    def check_omitted(self, omitted: frozenset[int]) -> None:
        """Refuse a call that leaves out what has no default, at these positions.

        Raises:
            ValidationError: `INVALID_ARGUMENTS`, naming the parameter.
        """
        by_position = [slot for slot in self.slots if slot.by_position]
        for position in sorted(omitted):
            if by_position[position].required:
                raise self._missing(by_position[position])

    def _check_each(self, given: int, kwargs: dict[str, Any]) -> None:
        if given > len(self.positional) and not self.takes_more:
            raise self._too_many(given)
        for name in kwargs:
            if name in self.by_keyword:
                if name in self.positional[:given]:
                    problem = f'got argument "{name}" twice: by position and by name'
                    raise self._invalid(name, problem, "one value", "two")
            elif not self.takes_any_keyword:
                raise self._unknown_keyword(name, kwargs[name])
        position = 0
        for slot in self.slots:
            filled = slot.by_position and position < given
            position += slot.by_position
            if slot.required and not filled and not (slot.by_keyword and slot.name in kwargs):
                raise self._missing(slot)

    def _missing(self, slot: Slot) -> ValidationError:
        problem = f'argument "{slot.name}" is missing'
        hints = [] if slot.by_position else ["is passed by name"]
        if slot.expected:
            hints.append(f"must be {slot.expected}")
        if hints:
            problem += f"; it {' and '.join(hints)}"
        return self._invalid(slot.name, problem, slot.expected or "a value", "nothing")

    def _too_many(self, given: int) -> ValidationError:
        count = len(self.positional)
        what = f"takes {count} positional argument{'' if count == 1 else 's'}, got {given}"
        if count == 0:
            what = f"takes no positional arguments, got {given}"
        names = sorted(self.by_keyword - set(self.positional))
        advice = f"; pass {', '.join(names)} by name" if names else ""
        expected = f"at most {count} by position"
        return self._invalid("", what + advice, expected, f"{given} by position")

    def _unknown_keyword(self, name: str, value: Any) -> ValidationError:
        if name in self.positional:
            problem = f'argument "{name}" is passed by position, not by name'
            return self._invalid(name, problem, "no keyword of that name", shown(value))
        from difflib import get_close_matches

        close = get_close_matches(name, self.by_keyword, 1)
        if close:
            advice = f'Did you mean "{close[0]}"?'
        elif self.by_keyword:
            names = [slot.name for slot in self.slots if slot.by_keyword][:_MAX_KEYWORDS_SHOWN]
            advice = f"It has {', '.join(names)}."
        else:
            advice = "It takes none by name."
        problem = f'has no parameter "{shortened(name)}". {advice}'
        return self._invalid(name, problem, "no keyword of that name", shown(value))

    def _invalid(self, parameter: str, problem: str, expected: str, got: str) -> ValidationError:
        text = problem if problem.endswith((".", "?")) else f"{problem}."
        return ValidationError(
            f"{self.label}(): {text}" if problem[:8] == "argument" else f"{self.label}() {text}",
            code="INVALID_ARGUMENTS",
            method=self.method,
            parameter=parameter,
            path=parameter,
            expected=expected,
            got=got,
        )
