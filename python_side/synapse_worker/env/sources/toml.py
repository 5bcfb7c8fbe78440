"""Reads TOML: `tomllib` where Python has it (3.11), otherwise a reader of our own for 3.10.

Our reader covers what stands in pyproject.toml and PEP 723 blocks: tables, arrays of tables, dotted
and quoted keys, all four strings, arrays, inline tables, numbers and booleans. Dates stay strings.
"""

from __future__ import annotations

import re
import sys
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib

_WHITE = re.compile(r"[ \t]*")
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_SCALAR = re.compile(r"[^\s,\]}#]+(?: \d\d:\d\d[^\s,\]}#]*)?")
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(\s*\n\s*)|(.))", re.DOTALL)
_ESCAPED = {
    "b": "\b",
    "t": "\t",
    "n": "\n",
    "f": "\f",
    "r": "\r",
    "e": "\x1b",
    '"': '"',
    "\\": "\\",
}


class TomlError(ValueError):
    """The text is not TOML that we can read; the message names the line."""


def parse_toml(text: str) -> dict[str, Any]:
    """Return the document as nested dictionaries.

    Raises:
        TomlError: the text is malformed.
    """
    try:
        if sys.version_info >= (3, 11):
            return tomllib.loads(text)
        return Reader(text).document()
    except RecursionError:
        raise TomlError("it is nested too deeply") from None
    except ValueError as problem:
        raise TomlError(str(problem)) from problem


class Reader:
    """A recursive-descent reader: one method for each kind of thing."""

    def __init__(self, text: str) -> None:
        self._text = text.replace("\r\n", "\n")
        self._at = 0

    def document(self) -> dict[str, Any]:
        """Read the whole text."""
        root: dict[str, Any] = {}
        table = root
        while self._skip(_BLANK) < len(self._text):
            if self._take("[["):
                path = self._key()
                self._expect("]]")
                rows = _descend(root, path[:-1], self).setdefault(path[-1], [])
                if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
                    raise self.error(f'"{path[-1]}" is no array of tables')
                table = {}
                rows.append(table)
            elif self._take("["):
                path = self._key()
                self._expect("]")
                table = _descend(root, path, self)
            else:
                self._pair(table)
            self._end_of_line()
        return root

    def _pair(self, table: dict[str, Any]) -> None:
        path = self._key()
        self._expect("=")
        self._skip(_WHITE)
        target = _descend(table, path[:-1], self)
        if path[-1] in target:
            raise self.error(f'the key "{path[-1]}" stands twice')
        target[path[-1]] = self._value()

    def _key(self) -> list[str]:
        parts = []
        while True:
            self._skip(_WHITE)
            if self._peek() in {'"', "'"}:
                parts.append(self._string())
            else:
                match = _BARE_KEY.match(self._text, self._at)
                if match is None:
                    raise self.error("expected a key")
                self._at = match.end()
                parts.append(match.group())
            self._skip(_WHITE)
            if not self._take("."):
                return parts

    def _value(self) -> Any:
        start = self._peek()
        if start in {'"', "'"}:
            return self._string()
        if self._take("["):
            return self._array()
        if self._take("{"):
            return self._inline_table()
        match = _SCALAR.match(self._text, self._at)
        if match is None:
            raise self.error("expected a value")
        self._at = match.end()
        return self._scalar(match.group())

    def _string(self) -> str:
        quote = self._peek()
        long = self._take(quote * 3)
        if not long:
            self._at += 1
        closing = quote * 3 if long else quote
        start = self._at
        while not self._text.startswith(closing, self._at):
            if self._at >= len(self._text) or (not long and self._peek() == "\n"):
                raise self.error("a string has no end")
            self._at += 2 if quote == '"' and self._peek() == "\\" else 1
        body = self._text[start : self._at]
        self._at += len(closing)
        if long:
            body = body.removeprefix("\n")
            while self._peek() == quote:  # """a quote at the end"""" belongs to the text
                body += quote
                self._at += 1
        return _ESCAPE.sub(self._escaped, body) if quote == '"' else body

    def _escaped(self, match: re.Match[str]) -> str:
        short, long, newline, letter = match.groups()
        if short or long:
            code = int(short or long, 16)
            if code > sys.maxunicode or 0xD800 <= code <= 0xDFFF:
                raise self.error(f'"{match.group()}" is no character')
            return chr(code)
        if newline:
            return ""
        if letter not in _ESCAPED:
            raise self.error(f'unknown escape "\\{letter}"')
        return _ESCAPED[letter]

    def _array(self) -> list[Any]:
        values: list[Any] = []
        while True:
            self._skip(_BLANK)
            if self._take("]"):
                return values
            values.append(self._value())
            self._skip(_BLANK)
            if not self._take(","):
                self._expect("]")
                return values

    def _inline_table(self) -> dict[str, Any]:
        table: dict[str, Any] = {}
        while True:
            self._skip(_BLANK)
            if self._take("}"):
                return table
            self._pair(table)
            self._skip(_BLANK)
            if not self._take(","):
                self._expect("}")
                return table

    def _scalar(self, word: str) -> Any:
        if word in {"true", "false"}:
            return word == "true"
        if re.fullmatch(r"\d{4}-\d\d-\d\d.*|\d\d:\d\d.*", word):
            return word
        digits = word.replace("_", "")
        try:
            return int(digits, 0)
        except ValueError:
            pass
        try:
            return float(digits)
        except ValueError:
            raise self.error(f'"{word}" is not a value') from None

    def _end_of_line(self) -> None:
        self._skip(_WHITE)
        if self._peek() not in {"", "\n", "#"}:
            raise self.error("expected the end of the line")

    def _skip(self, pattern: re.Pattern[str]) -> int:
        match = pattern.match(self._text, self._at)
        assert match is not None  # both patterns match the empty string
        self._at = match.end()
        return self._at

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _take(self, token: str) -> bool:
        if self._text.startswith(token, self._at):
            self._at += len(token)
            return True
        return False

    def _expect(self, token: str) -> None:
        self._skip(_WHITE)
        if not self._take(token):
            raise self.error(f'expected "{token}"')

    def error(self, message: str) -> TomlError:
        """Return an error that names the line reached."""
        return TomlError(f"{message} (at line {self._text.count(chr(10), 0, self._at) + 1})")


def _descend(table: dict[str, Any], path: list[str], reader: Reader) -> dict[str, Any]:
    """Return the table at a path, made where missing; the last row where it is an array."""
    for part in path:
        step = table.setdefault(part, {})
        if isinstance(step, list) and step:
            step = step[-1]
        if not isinstance(step, dict):
            raise reader.error(f'"{part}" is not a table')
        table = step
    return table
