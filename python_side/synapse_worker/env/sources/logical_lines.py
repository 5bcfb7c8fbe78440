r"""Turns the bytes of a requirements file into the lines that count, by pip's rules.

A byte-order mark or a coding comment names the encoding (PowerShell writes UTF-16); `\` at a line's
end continues it, but not the one of a comment; `#` begins a comment at a line's start or after
white space. Which line asks for what is not known here.
"""

from __future__ import annotations

import codecs
import re

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    # Before UTF-16, whose mark begins that of UTF-32.
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CODING = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
# Where readers differ: what ends a line beside `\n` and `\r\n`, and a `\` that continues nothing.
_AMBIGUOUS = re.compile(r"\r(?!\n)|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]|\\\\\r?\n|\\\s*\Z")
_COMMENT = re.compile(r"(^|\s+)#.*$")
_IS_COMMENT = re.compile(r"\s*#")


def decode_requirements(content: bytes) -> tuple[str, bool]:
    """Return the text of a requirements file, and whether every tool would read the same lines in it.

    Raises:
        ValueError: it is not text; the message says why.
    """
    encoding, start, is_plain = "utf-8", 0, True
    for mark, name in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            encoding, start, is_plain = name, len(mark), False
            break
    else:
        for line in content.split(b"\n", 2)[:2]:
            if coding := _CODING.match(line):
                encoding = coding.group(1).decode("ascii", errors="replace")
                is_plain = encoding.lower().replace("_", "-") in {"utf-8", "utf8"}
    try:
        text = content[start:].decode(encoding)
    except LookupError:
        raise ValueError(f'the encoding "{encoding}" that it names is not known') from None
    except UnicodeDecodeError as problem:
        raise ValueError(f"it is not text in {encoding} (byte {problem.start})") from None
    if "\0" in text:
        raise ValueError("it is not text: it holds NUL bytes")
    return text, is_plain and _AMBIGUOUS.search(text) is None


def logical_lines(text: str) -> list[str]:
    r"""Return the lines that count: `\` joined, comments and blank ones gone."""
    lines: list[str] = []
    begun = ""
    for line in text.splitlines():
        if _IS_COMMENT.match(line):
            # Ends what was begun, and is not continued itself, whatever it ends in.
            lines.append(begun)
            begun = ""
            continue
        if line.endswith("\\"):
            begun = _joined(begun, line.strip("\\"))
        else:
            lines.append(_joined(begun, line))
            begun = ""
    lines.append(begun)
    counting = (without_comment(line) for line in lines)
    return [line for line in counting if line]


def without_comment(line: str) -> str:
    """Return what a line says, without the white space around it."""
    return _COMMENT.sub("", line).strip()


def _joined(begun: str, line: str) -> str:
    """Join two parts of a line; white space where they meet is one space."""
    if begun and (begun[-1].isspace() or line[:1].isspace()):
        return f"{begun.rstrip()} {line.lstrip()}"
    return begun + line
