"""Says which Python to install where none fits, and how: one that was asked for, and that the module allows.

The Node wing, where there is no Python to ask, has its own sentence (`js/src/node/env/install-python.ts`).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..sources.python_version_file import VERSION_FILE
from .interpreter import MINIMUM

if TYPE_CHECKING:
    from .candidates import Wish

# What counts before every Python but one that was asked for.
SYNAPSE_PYTHON = "SYNAPSE_PYTHON"
# What most packages have wheels for.
_USUAL_MINOR = 12
_USUAL = f"3.{_USUAL_MINOR}"
# For whoever asked for none: to be pasted, best first.
COMMANDS = (
    f"uv python install {_USUAL}    (or: sudo apt install python3, brew install python@{_USUAL}, "
    f"pyenv install {_USUAL})"
)
# Beyond any that there will be for a while.
_MINORS = range(MINIMUM[1], 40)
_PATCHES = range(40)


def how_to_install(version: str = _USUAL) -> str:
    """Return the commands, as a sentence has them, that install a version on any machine."""
    return f"`uv python install {version}` or `pyenv install {version}`"


def what_to_do(wish: Wish, install: str) -> str:
    """Return a hint: to install what was asked for, as a sentence begins, or to ask for something else."""
    request = wish.request
    is_name = request.kind == "command"
    if request.origin == f"${SYNAPSE_PYTHON}":
        begin = "Give" if is_name else f"{install}, or give"
        return (
            f"{begin} {SYNAPSE_PYTHON} another, or unset it: it counts before every other Python."
        )
    if Path(request.origin).name == VERSION_FILE:
        begin = f"Install it with `pyenv install {request.text}`" if is_name else install
        return (
            f'{begin}, or write another version into that file (such as "{_USUAL}"), or delete it.'
        )
    if is_name:
        install = "Name a command on the PATH, or a path from the module's folder"
    return f"{install}, or choose another with the `python` option or ${SYNAPSE_PYTHON}."


def version_to_install(wish: Wish) -> str:
    """Return the version to name to `how_to_install`: the usual one where it fits, else the lowest."""
    if len(wish.request.prefix) > 1 and wish.request.prefix >= MINIMUM:
        return wish.request.text
    for minor in (_USUAL_MINOR, *_MINORS):
        fitting = [patch for patch in _PATCHES if wish.refusal((3, minor, patch)) is None]
        if len(fitting) == 1:
            return f"3.{minor}.{fitting[0]}"
        if fitting:
            return f"3.{minor}"
    return _USUAL
