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


def how_to_get(wish: Wish) -> str:
    """Return what to do where nothing is what was asked for."""
    request = wish.request
    if request.kind != "command":
        return (
            f"Install it (for example {how_to_install(version_to_install(wish))}), or choose another with the "
            "`python` option or $SYNAPSE_PYTHON."
        )
    if Path(request.origin).name == VERSION_FILE:
        return (
            f"Install it (`pyenv install {request.text}`), or write a version in that file, such as "
            f'"{version_to_install(wish)}".'
        )
    where = f"Correct or unset {request.origin}" if request.origin else "Correct it or leave it out"
    return f'{where}: a version ("{_USUAL}"), a command on PATH, or a path that is there.'


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
