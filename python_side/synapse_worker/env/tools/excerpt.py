"""Picks the lines of a failed tool that a person wants to read."""

from __future__ import annotations

import re

# What a caller is shown of a failed tool's output, and of a package's build in it.
_SHOWN_LINES = 20
_SHOWN_BUILD_LINES = 15
# A compiler's command line can be pages long.
_SHOWN_CHARACTERS = 300

_TRACEBACK = "Traceback (most recent call last)"
_BETWEEN_TRACEBACKS = ("During handling of the above", "The above exception was the direct")

_PIP_BEGIN = re.compile(r"^\s*╰─> \[\d+ lines? of output\]$")
_PIP_END = re.compile(r"^\s*\[end of output\]$")
# How far both indent what a build said, at least.
_BUILD_MARGIN = " " * 6
_UV_BEGIN = re.compile(r"^\s*\[(?:stdout|stderr)\]$")


def shown(lines: tuple[str, ...]) -> tuple[str, ...]:
    """Return the last of some lines, none of them endless."""
    return _last(lines, _SHOWN_LINES)


def shown_build(output: tuple[str, ...]) -> tuple[str, ...]:
    """Return the last lines of a build: a compiler says at its end what it stumbled over."""
    return _last(output, _SHOWN_BUILD_LINES)


def without_tracebacks(lines: tuple[str, ...]) -> tuple[str, ...]:
    """Return the lines, of a Python traceback only what it ends in (pip-compile dies so)."""
    kept: list[str] = []
    # Where the ending of the last traceback stands: the next one is its consequence, and says more.
    ending: int | None = None
    # How far the traceback stands to the right; None outside of one.
    margin: int | None = None
    for line in lines:
        text = line.lstrip()
        indent = len(line) - len(text)
        if text.startswith(_TRACEBACK):
            margin = indent
        elif margin is not None and text and indent <= margin:
            margin = None
            if not indent and ending is not None:
                del kept[ending]
            ending = ending if indent else len(kept)
            kept.append(line)
        elif margin is None and not text.startswith(_BETWEEN_TRACEBACKS):
            kept.append(line)
    return tuple(kept) or lines


def build_output(lines: tuple[str, ...]) -> tuple[str, ...]:
    """Return what a package's own build printed; nothing where no build failed."""
    block: list[str] = []
    # Of a long build the beginning has been forgotten.
    inside = bool(lines) and lines[0].startswith(_BUILD_MARGIN)
    margin = len(_BUILD_MARGIN) if inside else 0
    for line in lines:
        if _PIP_BEGIN.match(line) or _UV_BEGIN.match(line):
            inside = True
            margin = len(line) - len(line.lstrip())
        elif inside and (_PIP_END.match(line) or len(line) - len(line.lstrip()) < margin):
            inside = False
        elif inside:
            block.append(line)
    indents = [len(line) - len(line.lstrip()) for line in block if line.strip()]
    shift = min(indents, default=0)
    return tuple(line[shift:] for line in block if line.strip())


def _last(lines: tuple[str, ...], count: int) -> tuple[str, ...]:
    return tuple(
        line if len(line) <= _SHOWN_CHARACTERS else f"{line[:_SHOWN_CHARACTERS]}…"
        for line in lines[-count:]
    )
