"""Lays text out within a width: the algebra and the algorithm of Prettier's own printer.

A document is text with places where lines may break. A group is printed flat when it fits, else its
own lines break. Because the rules are Prettier's, what is printed here is what Prettier would print.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

WIDTH = 80
_INDENT = "  "


@dataclass(frozen=True)
class Line:
    """A place to break: a space when flat (nothing when soft); a hard one always breaks."""

    soft: bool = False
    hard: bool = False


@dataclass(frozen=True)
class Indent:
    """One step further in for the lines that break inside."""

    contents: Document


@dataclass(frozen=True)
class Group:
    """Flat if it fits; `broken` never is."""

    contents: Document
    broken: bool = False


@dataclass(frozen=True)
class Choice:
    """The first of several layouts that fits, each tried flat; the last, broken, if none does."""

    layouts: tuple[Document, ...]


@dataclass(frozen=True)
class IfBroken:
    """One text where the group around it is broken, another where it is flat."""

    broken: Document
    flat: Document = ""


@dataclass(frozen=True)
class IndentIfBroken:
    """Indented where the group `after`, printed before, had to break."""

    contents: Document
    after: Group


Document = str | Line | Indent | Group | Choice | IfBroken | IndentIfBroken | tuple["Document", ...]

LINE = Line()
SOFT_LINE = Line(soft=True)
HARD_LINE = Line(hard=True)


def must_break(document: Document) -> bool:
    """Say whether a hard line stands in it, which breaks every group around."""
    match document:
        case str():
            return False
        case Line():
            return document.hard
        case tuple():
            return any(must_break(part) for part in document)
        case Group():
            return document.broken or must_break(document.contents)
        case IfBroken():
            return must_break(document.broken)
        case Choice():
            return must_break(document.layouts[0])
        case Indent() | IndentIfBroken():
            return must_break(document.contents)


def join(separator: Document, parts: Iterable[Document]) -> Document:
    """Return the parts with a separator between them."""
    joined: list[Document] = []
    for part in parts:
        if joined:
            joined.append(separator)
        joined.append(part)
    return tuple(joined)


def listed(
    opening: str, items: Iterable[Document], closing: str, *, padded: bool = False
) -> Document:
    """Return items between brackets: in one line, or one a line with a trailing comma."""
    parts = tuple(items)
    if not parts:
        return opening + closing
    edge = LINE if padded else SOFT_LINE
    inner = (edge, join((",", LINE), parts))
    return Group((opening, Indent(inner), IfBroken(","), edge, closing))


def width_of(text: str) -> int:
    """Return how many columns a text takes, as Prettier counts them."""
    if text.isascii():
        return len(text)
    return sum(
        0
        if unicodedata.combining(character)
        else 1 + (unicodedata.east_asian_width(character) in "FW")
        for character in text
    )


def print_document(document: Document, *, indent: int = 0) -> str:
    """Return a document as text, its lines at most `WIDTH` wide where that can be."""
    return _Printer(indent).print(document)


# What remains to be printed: indentation, whether lines break, and what.
_Entry = tuple[int, bool, Document]


class _Printer:
    """One run: a stack of what is left, and the column reached."""

    def __init__(self, indent: int) -> None:
        self._out: list[str] = []
        self._column = indent * len(_INDENT)
        self._todo: list[_Entry] = []
        self._broken: set[int] = set()
        self._indent = indent

    def print(self, document: Document) -> str:
        self._todo.append((self._indent, True, document))
        while self._todo:
            self._step(*self._todo.pop())
        return "".join(self._out)

    def _step(self, indent: int, breaks: bool, document: Document) -> None:
        match document:
            case str():
                self._out.append(document)
                self._column += width_of(document)
            case tuple():
                self._todo.extend((indent, breaks, part) for part in reversed(document))
            case Indent():
                self._todo.append((indent + 1, breaks, document.contents))
            case IfBroken():
                self._todo.append((indent, breaks, document.broken if breaks else document.flat))
            case IndentIfBroken():
                deeper = indent + (id(document.after) in self._broken)
                self._todo.append((deeper, breaks, document.contents))
            case Group():
                self._group(indent, breaks, document)
            case Choice():
                self._choice(indent, breaks, document)
            case Line():
                self._line(indent, breaks, document)

    def _group(self, indent: int, breaks: bool, group: Group) -> None:
        flat = (indent, False, group.contents)
        if must_break(group) or (breaks and not self._fits(flat)):
            self._broken.add(id(group))
            self._todo.append((indent, True, group.contents))
        else:
            self._todo.append(flat)

    def _choice(self, indent: int, breaks: bool, choice: Choice) -> None:
        if not breaks:
            self._todo.append((indent, False, choice.layouts[0]))
            return
        for layout in choice.layouts:
            if self._fits((indent, False, layout)):
                self._todo.append((indent, False, layout))
                return
        self._todo.append((indent, True, choice.layouts[-1]))

    def _line(self, indent: int, breaks: bool, line: Line) -> None:
        if not breaks and not line.hard:
            if not line.soft:
                self._out.append(" ")
                self._column += 1
            return
        while self._out and self._out[-1].endswith(" "):
            self._out.append(self._out.pop().rstrip(" "))
        self._out.append("\n" + _INDENT * indent)
        self._column = len(_INDENT) * indent

    def _fits(self, entry: _Entry) -> bool:
        """Say whether an entry, and what follows it up to the next break, fits in the line."""
        room = WIDTH - self._column
        todo, rest = [entry], len(self._todo)
        while room >= 0:
            if not todo:
                if rest == 0:
                    return True
                rest -= 1
                todo.append(self._todo[rest])
                continue
            indent, breaks, document = todo.pop()
            match document:
                case str():
                    room -= width_of(document)
                case tuple():
                    todo.extend((indent, breaks, part) for part in reversed(document))
                case Indent() | IndentIfBroken():
                    todo.append((indent, breaks, document.contents))
                case IfBroken():
                    todo.append((indent, breaks, document.broken if breaks else document.flat))
                case Group():
                    todo.append((indent, breaks or must_break(document), document.contents))
                case Choice():
                    todo.append((indent, breaks, document.layouts[-1 if breaks else 0]))
                case Line():
                    if breaks or document.hard:
                        return True
                    room -= not document.soft
        return False
