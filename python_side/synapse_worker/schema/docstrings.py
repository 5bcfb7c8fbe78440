"""Docstrings in parts: Google, NumPy and reST style, told apart by what they look like.

Nothing is lost: what belongs to no part stays in `details`.
"""

from __future__ import annotations

import re
from typing import Any

from synapse_worker.frozen import replace

from .definitions import Documentation

_PARTS = {
    **dict.fromkeys(
        (
            *("args", "arguments", "parameters", "params", "keyword args", "keyword arguments"),
            *("other parameters", "attributes", "fields", "members"),
        ),
        "parameters",
    ),
    **dict.fromkeys(("returns", "return", "yields", "yield"), "returns"),
    **dict.fromkeys(("raises", "raise", "exceptions", "except"), "raises"),
    **dict.fromkeys(("example", "examples"), "examples"),
    **dict.fromkeys(("deprecated", "deprecation"), "deprecated"),
}
# Sections that are text like any other, but end the part before them.
_TEXT = {
    "note",
    "notes",
    "see also",
    "references",
    "warning",
    "warnings",
    "warns",
    "todo",
    "receives",
    "methods",
    "tip",
    "hint",
    "important",
}
_GOOGLE = r"^([A-Za-z][A-Za-z ]*):[ \t]*$"
_UNDERLINE = r"^[-=~]{3,}[ \t]*$"
_REST = r"^:(\w+)((?:[ \t]+[^:]*)?):(?:[ \t]+|$)(.*)$"
_DIRECTIVE = r"^\.\. deprecated::[ \t]*(.*)$"
_ITEM = r"^(\*{0,2}[\w.$]+(?:\s*,\s*\*{0,2}[\w.]+)*)\s*(?:\((.*?)\))?\s*:(?!:)[ \t]*(.*)$"
_NAME = r"^[\w.]+$"
_NUMPY_ITEM = r"^(\*{0,2}[\w.]+(?:\s*,\s*\*{0,2}[\w.]+)*)\s*(?::.*)?$"
_REST_PARAMETERS = {
    "param",
    "parameter",
    "arg",
    "argument",
    "key",
    "keyword",
    "ivar",
    "var",
    "cvar",
}


def parse_docstring(text: str | None) -> Documentation:
    """Return a docstring in parts."""
    stripped = text.strip() if text else ""
    if "\n" not in stripped and ":" not in stripped:
        return Documentation(stripped.expandtabs())  # no part of it can be anything else
    assert text is not None
    lines = _cleaned(text)
    body, sections, is_numpy = _sections(lines)
    body, found = _rest_fields(body)
    for part, block in sections:
        found = _with_section(found, part, block, is_numpy=is_numpy)
    summary, _, details = "\n".join(body).strip().partition("\n\n")
    return replace(found, summary=_joined(summary.splitlines()), details=details.strip())


def _cleaned(text: str) -> list[str]:
    """Return the lines of a docstring without their margin and without empty ones around them (PEP 257)."""
    first, *others = text.expandtabs().split("\n")
    margin = min((len(line) - len(line.lstrip()) for line in others if line.strip()), default=0)
    lines = [first.lstrip(), *(line[margin:] for line in others)]
    while lines and not lines[-1]:
        lines.pop()
    while lines and not lines[0]:
        lines.pop(0)
    return lines


def class_documentation(cls: Any) -> Documentation:
    """Return the documentation of a class; not what its library wrote for it."""
    text = cls.__dict__.get("__doc__")
    if isinstance(text, str) and _is_generated(cls, text):
        text = None
    found = parse_docstring(text if isinstance(text, str) else None)
    for parent in cls.__mro__[1:]:  # a field's words hold for whoever inherits it
        if parent.__module__ not in ("builtins", "enum", "typing", "abc", "pydantic.main"):
            inherited = parse_docstring(parent.__dict__.get("__doc__")).parameters
            found = replace(found, parameters={**inherited, **found.parameters})
    return with_deprecation(found, cls.__dict__.get("__deprecated__"))


def with_deprecation(documentation: Documentation, message: Any) -> Documentation:
    """Return documentation with what `warnings.deprecated` says, which counts more than text."""
    return replace(documentation, deprecated=message) if isinstance(message, str) else documentation


def _is_generated(cls: Any, text: str) -> bool:
    """Say whether a docstring is a signature that dataclass or NamedTuple wrote, or Enum's own."""
    name = cls.__name__
    return (text.startswith(f"{name}(") and "\n" not in text.strip()) or text in (
        "An enumeration.",
        "None",
    )


def _sections(lines: list[str]) -> tuple[list[str], list[tuple[str, list[str]]], bool]:
    """Split lines into the body and the sections after it."""
    body: list[str] = []
    sections: list[tuple[str, list[str]]] = []
    target, is_numpy, skip, in_google = body, False, False, False
    for index, line in enumerate(lines):
        if skip:
            skip = False
            continue
        following = lines[index + 1] if index + 1 < len(lines) else ""
        title = line.strip().rstrip(":").lower()
        # Asked before what its line looks like: the first use of a pattern costs a start more than all of this.
        is_title = title in _PARTS or title in _TEXT
        if line and not line[0].isspace():
            if is_title and re.match(_UNDERLINE, following):
                is_numpy = skip = True
                in_google = False
                target = _open_section(title, line, body, sections)
                continue
            is_followed = following.startswith((" ", "\t")) or not following
            if is_title and is_followed and re.match(_GOOGLE, line):
                in_google = True
                target = _open_section(title, line, body, sections)
                continue
            if in_google:  # text at the margin ends a section
                in_google, target = False, body
        target.append(line)
    return body, sections, is_numpy


def _open_section(
    title: str, line: str, body: list[str], sections: list[tuple[str, list[str]]]
) -> list[str]:
    if title in _TEXT:
        while body and not body[-1]:
            body.pop()
        body.extend(("", f"{line.strip().rstrip(':')}:"))
        return body
    sections.append((_PARTS[title], []))
    return sections[-1][1]


def _with_section(
    found: Documentation, part: str, block: list[str], *, is_numpy: bool
) -> Documentation:
    text = "\n".join(_cleaned("\n" + "\n".join(block)))
    if part == "parameters":
        items = {
            name.strip().lstrip("*"): words
            for names, words in _items(text, is_numpy)
            for name in names.split(",")
        }
        return replace(found, parameters={**found.parameters, **items})
    if part == "raises":
        return replace(found, raises=(*found.raises, *_items(text, is_numpy, lone=True)))
    if part == "examples":
        return replace(found, examples=(*found.examples, text)) if text else found
    if part == "deprecated":
        return replace(found, deprecated=_joined(text.splitlines()))
    return replace(found, returns=_returned(text, is_numpy))


def _items(text: str, is_numpy: bool, *, lone: bool = False) -> tuple[tuple[str, str], ...]:
    """Return names and their words: `name (type): words`, or NumPy's `name : type` and words below.

    With `lone` a name may stand on a line without any words.
    """
    items: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        if line and not line[0].isspace():
            match = re.match(_NUMPY_ITEM if is_numpy else _ITEM, line)
            if match:
                items.append((match[1], [] if is_numpy else [match[3]]))
                continue
            if not items or is_numpy or (lone and re.match(_NAME, line)):
                items.append((line.strip(), []))
                continue
        if items:
            items[-1][1].append(line.strip())
    return tuple((name, _joined(words)) for name, words in items)


def _returned(text: str, is_numpy: bool) -> str:
    """Return what is said of a result, without the type before it: the annotation has that."""
    lines = text.splitlines()
    if is_numpy:
        indented = [line for line in lines if not line or line[0].isspace()]
        return _joined(indented) if any(indented) else _joined(lines)
    match = re.match(r"^[\w.\[\], |]+?:[ \t]+(.*)$", lines[0]) if lines else None
    before = lines[0].split(":")[0] if match else ""
    if match and lines and (" " not in before.strip() or "[" in before or "|" in before):
        lines = [match[1], *lines[1:]]
    return _joined(lines)


def _rest_fields(lines: list[str]) -> tuple[list[str], Documentation]:
    """Take reST fields (`:param name: words`) and `.. deprecated::` out of some lines."""
    if not any(line.startswith((":", "..")) for line in lines):
        return lines, Documentation()
    body: list[str] = []
    fields: list[tuple[str, str, list[str]]] = []
    words: list[str] | None = None
    for line in lines:
        field, directive = re.match(_REST, line), re.match(_DIRECTIVE, line)
        if directive or (field and _rest_part(field[1])):
            kind, argument = ("deprecated", "") if directive else (field[1], field[2])  # type: ignore[index]
            words = [directive[1] if directive else field[3]]  # type: ignore[index]
            fields.append((kind, argument.strip(), words))
        elif words is not None and line[:1].isspace():
            words.append(line.strip())
        else:
            words = (
                words if not line and words is not None and fields[-1][0] == "deprecated" else None
            )
            body.append(line)
    found = Documentation()
    for kind, argument, parts in fields:
        found = _with_rest_field(found, kind, argument, _joined(parts))
    return body, found


def _rest_part(kind: str) -> bool:
    return kind in _REST_PARAMETERS or kind in ("type", "rtype", "vartype") or kind in _PARTS


def _with_rest_field(found: Documentation, kind: str, argument: str, words: str) -> Documentation:
    if kind in _REST_PARAMETERS and argument:
        name = argument.split()[-1].lstrip("*\\")
        return replace(found, parameters={**found.parameters, name: words})
    part = _PARTS.get(kind)
    if part == "returns":
        return replace(found, returns=words)
    if part == "raises":
        return replace(found, raises=(*found.raises, (argument, words)))
    return replace(found, deprecated=words) if part == "deprecated" else found


def _joined(lines: list[str]) -> str:
    """Return lines as flowing text; empty ones part paragraphs."""
    paragraphs = "\n".join(line.strip() for line in lines).strip().split("\n\n")
    return "\n\n".join(" ".join(part.split("\n")).strip() for part in paragraphs)
