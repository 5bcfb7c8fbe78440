"""Our TOML reader, which Python 3.10 needs, against the same expectations as the library."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from synapse_worker.env.sources.toml import Reader, TomlError, parse_toml

DOCUMENT = """\
title = "a \\"b\\" \\u00e9"   # comment
'quoted key'.inner = 'C:\\path'
count = 1_000
hex = 0x1f
ratio = -1.5e3
yes = true
day = 2026-01-31
[tool.synapse]
workers = 2
python = "3.12"
list = [
  "one",   # why
  'two',
  ["deep", { a = 1, "b c" = [2] }],
]
text = \"\"\"
first
  second \\
  joined\"\"\"
raw = '''it's "raw" \\n'''
[[rows]]
n = 1
[[rows]]
n = 2
[rows.sub]
x = ""
"""
EXPECTED = {
    "title": 'a "b" é',
    "quoted key": {"inner": "C:\\path"},
    "count": 1000,
    "hex": 31,
    "ratio": -1500.0,
    "yes": True,
    "day": "2026-01-31",
    "tool": {
        "synapse": {
            "workers": 2,
            "python": "3.12",
            "list": ["one", "two", ["deep", {"a": 1, "b c": [2]}]],
            "text": "first\n  second joined",
            "raw": 'it\'s "raw" \\n',
        }
    },
    "rows": [{"n": 1}, {"n": 2, "sub": {"x": ""}}],
}


def test_our_reader_reads_a_document_with_everything_in_it() -> None:
    assert Reader(DOCUMENT).document() == EXPECTED


def test_the_library_agrees_where_there_is_one() -> None:
    document = parse_toml(DOCUMENT)
    document["day"] = str(document["day"])
    assert document == EXPECTED


def test_windows_line_ends_make_no_difference() -> None:
    assert Reader('a = 1\r\n[b]\r\nc = "x"\r\n').document() == {"a": 1, "b": {"c": "x"}}


@pytest.mark.parametrize(
    "text",
    [
        "a = ", "a", "= 1", "a = 1 b = 2", 'a = "open', "a = [1", "a = {x = 1", "[a", "a = nope",
        "a = 1\na = 2", 'a = "\\q"', "a = 1\n[a.b]", "a = '''x",
    ],
)  # fmt: skip
@pytest.mark.parametrize("parse", [parse_toml, lambda text: Reader(text).document()])
def test_malformed_text_is_an_error(text: str, parse: object) -> None:
    assert callable(parse)
    with pytest.raises(TomlError):
        parse(text)


def test_our_error_names_the_line() -> None:
    with pytest.raises(TomlError, match="line 3"):
        Reader("a = 1\n\nb = ?\n").document()


PIECES = [
    "a", "[", "]", "[[", "]]", "{", "}", "=", ".", ",", '"', "'", '"""', "\'\'\'", "\\", "\\U", "\\u12",
    "\n", " ", "#", "1", "0x", "-", "true", "1e9", "2026-01-31", "FFFFFFFF", "\0", "é", "b = 1\n",
    "[[b]]\n", "[b]\n", "[a.b]\n", "a = []\n", "a = {b = 1}\n",
]  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_any_text_is_a_document_or_an_error_of_ours(text: str) -> None:
    for parse in (parse_toml, lambda given: Reader(given).document()):
        with contextlib.suppress(TomlError):
            assert isinstance(parse(text), dict)


@pytest.mark.parametrize("text", ["a = " + "[" * 9000, "a = " + "{b = " * 9000])
def test_what_is_nested_without_end_is_an_error(text: str) -> None:
    with pytest.raises(TomlError, match="nested too deeply"):
        parse_toml(text)
