"""Arguments to parameters: which is which, and what to say when they do not match the signature."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from ..protocol.errors import SynapseError
from .mismatch import shortened

if TYPE_CHECKING:
    from ..schema.definitions import Function

_MAX_KEYWORDS_SHOWN = 12


@dataclass(frozen=True)
class Slot:
    """A parameter that takes one argument."""

    name: str
    required: bool
    by_position: bool
    by_keyword: bool


class Binder:
    """Binds the arguments of calls to one function's parameters."""

    def __init__(self, function: Function, label: str, method: str) -> None:
        self.method = method
        self.label = label
        single = [p for p in function.parameters if not p.kind.startswith("var_")]
        self.slots = [
            Slot(p.name, p.required, p.kind.startswith("positional"), p.kind != "positional_only")
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
            SynapseError: `INVALID_ARGUMENTS`, naming the parameter.
        """
        given = len(args)
        if not kwargs and self.least <= given and not self.needs_keywords:
            if given > len(self.positional) and not self.takes_more:
                raise self._too_many(given)
            return
        self._check_each(given, kwargs)

    def _check_each(self, given: int, kwargs: dict[str, Any]) -> None:
        if given > len(self.positional) and not self.takes_more:
            raise self._too_many(given)
        for name in kwargs:
            if name in self.by_keyword:
                if name in self.positional[:given]:
                    raise self._invalid(
                        name, f"got argument {name!r} twice: by position and by name"
                    )
            elif not self.takes_any_keyword:
                raise self._unknown_keyword(name)
        position = 0
        for slot in self.slots:
            filled = slot.by_position and position < given
            position += slot.by_position
            if slot.required and not filled and not (slot.by_keyword and slot.name in kwargs):
                raise self._missing(slot)

    def _missing(self, slot: Slot) -> SynapseError:
        how = "" if slot.by_position else ", which is passed by name"
        return self._invalid(slot.name, f"argument {slot.name!r} is missing{how}")

    def _too_many(self, given: int) -> SynapseError:
        count = len(self.positional)
        what = f"takes {count} positional argument{'' if count == 1 else 's'}, got {given}"
        if count == 0:
            what = f"takes no positional arguments, got {given}"
        names = sorted(self.by_keyword - set(self.positional))
        advice = f"; pass {', '.join(names)} by name" if names else ""
        return self._invalid(None, what + advice)

    def _unknown_keyword(self, name: str) -> SynapseError:
        if name in self.positional:
            return self._invalid(name, f"argument {name!r} is passed by position, not by name")
        close = get_close_matches(name, self.by_keyword, 1)
        if close:
            advice = f"Did you mean {close[0]!r}?"
        elif self.by_keyword:
            names = [slot.name for slot in self.slots if slot.by_keyword][:_MAX_KEYWORDS_SHOWN]
            advice = f"It has {', '.join(names)}."
        else:
            advice = "It takes none by name."
        return self._invalid(name, f"has no parameter {shortened(name)!r}. {advice}")

    def _invalid(self, parameter: str | None, problem: str) -> SynapseError:
        text = problem if problem.endswith((".", "?")) else f"{problem}."
        return SynapseError(
            "INVALID_ARGUMENTS",
            f"{self.label}(): {text}" if problem[:8] == "argument" else f"{self.label}() {text}",
            details={
                "method": self.method,
                "parameter": parameter,
                "path": parameter,
                "expected": None,
                "got": None,
            },
        )
