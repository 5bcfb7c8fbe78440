"""Writes TSDoc: every part of a Python docstring, in the order readers of TypeScript expect.

Text from Python cannot end the comment it stands in, nor begin a tag.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .document import HARD_LINE, Document, join

if TYPE_CHECKING:
    from collections.abc import Iterable

    from synapse_worker.schema.definitions import Documentation
    from synapse_worker.schema.types import Constraints

_LINE_BREAK = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
# Where compilers and documentation tools see a tag: after white space, or in `{@…}`.
_TAG = re.compile(r"(?<![^\s{(\[])@")
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


def prose(text: str) -> list[str]:
    """Return text as lines that are safe in a comment."""
    lines = []
    for line in _LINE_BREAK.split(text.strip()):
        line = _INVISIBLE.sub("", line.expandtabs(4)).rstrip()
        # Under NFKC-like tricks nothing but these two characters ends a comment.
        line = line.replace("*/", "*\\/")
        # `stripInternal` looks for the bare word, wherever it stands and whatever is before it.
        line = line.replace("@internal", "&#64;internal")
        lines.append(_TAG.sub(r"\\@", line))
    return lines if any(lines) else []


def line_comment(text: str) -> list[str]:
    """Return text as `//` comments."""
    return [f"// {line}".rstrip() for line in prose(text)]


def comment(blocks: Iterable[list[str]]) -> tuple[Document, ...]:
    """Return blocks of lines as one TSDoc comment and the line's end, or nothing if there are none."""
    lines: list[str] = []
    for block in blocks:
        if not block:
            continue
        # Tags of one kind stand together; everything else has a line of air between.
        if lines and not (_is_short_tag(block) and _is_short_tag(lines[-1:])):
            lines.append("")
        lines.extend(block)
    if not lines:
        return ()
    if len(lines) == 1 and len(lines[0]) <= 70 and not lines[0].endswith("/"):
        return (f"/** {lines[0]} */", HARD_LINE)
    body = [f" * {line}".rstrip() for line in lines]
    return (join(HARD_LINE, ["/**", *body, " */"]), HARD_LINE)


def _is_short_tag(block: list[str]) -> bool:
    return block[-1].startswith(("@param ", "@returns ", "@throws "))


def tag(name: str, text: str) -> list[str]:
    """Return a tag with its text, further lines indented."""
    lines = prose(text)
    if not lines:
        return []
    return [f"{name} {lines[0]}", *(f"  {line}".rstrip() for line in lines[1:])]


def code(text: str) -> str:
    """Return text as a code span."""
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def body(documentation: Documentation) -> list[list[str]]:
    """Return summary and details."""
    details = prose(documentation.details)
    return [prose(documentation.summary), *([["@remarks", *details]] if details else [])]


def endings(documentation: Documentation) -> list[list[str]]:
    """Return what stands last: examples and deprecation."""
    blocks = [["@example", *_example(text)] for text in documentation.examples if prose(text)]
    if documentation.deprecated is not None:
        reason = prose(documentation.deprecated)
        blocks.append(tag("@deprecated", documentation.deprecated) if reason else ["@deprecated"])
    return blocks


def _example(text: str) -> list[str]:
    lines = prose(text)
    if any(line.lstrip().startswith("```") for line in lines):
        return lines
    return ["```python", *lines, "```"]


def constraint_text(constraints: Constraints | None) -> str:
    """Return the bounds of a value as half a sentence: "at least 1, at most 5"."""
    if constraints is None:
        return ""
    words = [
        ("ge", "at least"),
        ("gt", "greater than"),
        ("le", "at most"),
        ("lt", "less than"),
        ("multiple_of", "a multiple of"),
        ("min_length", "length at least"),
        ("max_length", "length at most"),
    ]
    parts = [
        f"{word} {getattr(constraints, name):g}"
        for name, word in words
        if getattr(constraints, name) is not None
    ]
    if constraints.pattern is not None:
        parts.append(f"matches `{constraints.pattern}`")
    return ", ".join(parts)
