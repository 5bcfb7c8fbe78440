"""Where a decoder is made and used: the parameter it is for, and the call whose arguments it decodes."""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from synapse_worker.frozen import Frozen

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..protocol.codec.references import Reference

    # The plan is a `CallbackPlan` or a `StreamPlan`, whose rooms know this one.
    Bind = Callable[[Reference, Any], Any]


class Place(Frozen):
    """A parameter of a method; `label` is what messages call the method."""

    label: str
    method: str
    parameter: str


current_bind: ContextVar[Bind] = ContextVar("current_bind")
"""Makes a function of a callback's reference, or an iterator of a stream's, for the call in hand."""


current_parameter: ContextVar[Place | None] = ContextVar("current_parameter", default=None)
"""The parameter whose decoder is being made."""
