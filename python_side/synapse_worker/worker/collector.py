"""Let the garbage collector rest while modules are imported: what they make is there to stay.

At its usual threshold it looks at all of it again and again, for nothing: a tenth of a cold start. It is not
switched off, as what the module does while it is imported may leave more behind than code.
"""

from __future__ import annotations

import gc

# Objects made, less those that have gone, before it looks at the youngest; usually 700.
WHILE_IMPORTING = 50_000

_usual = gc.get_threshold()


def rest() -> None:
    """Have it run rarely, until `resume`, unless user code has set how often it does."""
    if gc.get_threshold() == _usual:
        gc.set_threshold(WHILE_IMPORTING, *_usual[1:])


def resume() -> None:
    """Have it run as usual, unless user code has set how often it does."""
    if gc.get_threshold()[0] == WHILE_IMPORTING:
        gc.set_threshold(*_usual)
