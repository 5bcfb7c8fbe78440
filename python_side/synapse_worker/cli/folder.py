"""Reads folders that are given on the command line."""

from __future__ import annotations

import argparse
from pathlib import Path


def folder(text: str) -> Path:
    """Return the folder that was given: an empty word is none, though `Path` takes it for the current one.

    It is mostly a variable of a shell that is not set.

    Raises:
        argparse.ArgumentTypeError: it is empty.
    """
    if not text:
        raise argparse.ArgumentTypeError("it is empty: give a folder, or . for the current one")
    return Path(text)
