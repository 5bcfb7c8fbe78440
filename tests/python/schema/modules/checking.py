"""A module whose imports for type checkers only are needed to describe it."""

from __future__ import annotations

import typing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator
    from decimal import Decimal
    from pathlib import Path as File

    from nowhere_to_be_found import Ghost

if typing.TYPE_CHECKING:
    from uuid import UUID


def known(path: File, at: dt.date, by: UUID) -> Iterator[Decimal]:
    yield from ()


def ghost(a: list[Ghost]) -> None: ...
