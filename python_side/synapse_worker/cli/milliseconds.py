"""Reads times that are given on the command line."""

from __future__ import annotations

import argparse
import math

# What the clocks of both wings can wait for: 2³¹ − 1 ms, almost 25 days.
_LONGEST_MS = 2**31 - 1


def milliseconds(text: str) -> float:
    """Return the time that an option was given, in milliseconds.

    Raises:
        argparse.ArgumentTypeError: it is none.
    """
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value <= _LONGEST_MS:
        raise argparse.ArgumentTypeError(
            f'"{text}" is no time: give milliseconds, more than 0 and at most {_LONGEST_MS}'
        )
    return value
