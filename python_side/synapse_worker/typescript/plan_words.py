"""The words of the runtime's plan language, as expressions of the generated file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .expressions import Array, Call, Expression, Name, call
from .literals import is_exact, literal

if TYPE_CHECKING:
    from .face import Face


class PlanWords:
    """Writes single plans, given those of their parts."""

    def __init__(self, face: Face) -> None:
        self._face = face

    def any(self) -> Name:
        """Return the plan that leaves a value as it is."""
        return self.kind("any")

    def literals(self, values: tuple[str | float | bool | None, ...]) -> Expression:
        """Return the plan that checks for these values, where JavaScript has them exactly."""
        if not all(map(is_exact, values)):
            return self.kind("any")
        return self.call("literal", *(Name(literal(value)) for value in values))

    def tuple_of(self, plans: list[Expression | None], *, full: bool) -> Expression | None:
        """Return the plan of a tuple; None if no part needs one, unless `full`."""
        if not full and all(plan is None for plan in plans):
            return None
        return self.call("tuple", *(plan or self.any() for plan in plans))

    def open_tuple(
        self,
        first: list[Expression | None],
        rest: Expression | None,
        last: list[Expression | None],
        *,
        full: bool,
    ) -> Expression | None:
        """Return the plan of a tuple with a part that repeats between its ends."""
        if not full and all(plan is None for plan in (*first, rest, *last)):
            return None
        ends = [Array(tuple(plan or self.any() for plan in plans)) for plans in (first, last)]
        return self.call("openTuple", ends[0], rest or self.any(), *(ends[1:] if last else ()))

    def around(self, kind: str, plans: list[Expression | None], *, full: bool) -> Expression | None:
        """Return the plan of a container of one part."""
        if plans[0] is None and not full:
            return None
        return self.call(kind, plans[0] or self.any())

    def kind(self, kind: str) -> Name:
        """Return a plan, or a function that makes one, by its name in the runtime."""
        return Name(self._face.plan(kind))

    def call(self, kind: str, *arguments: Expression) -> Call:
        """Return the plan that such a function makes."""
        return call(self.kind(kind).text, *arguments)


def given(plan: Expression | None) -> tuple[Expression, ...]:
    """Return the argument that a plan is, if there is one."""
    return () if plan is None else (plan,)
