"""Our readers against pip's own, on whatever Hypothesis thinks of."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from packaging.markers import Marker
from packaging.specifiers import SpecifierSet
from pip._internal.req.req_file import preprocess

from synapse_worker.env.errors import ModuleEnvironmentError
from synapse_worker.env.sources.logical_lines import decode_requirements, logical_lines
from synapse_worker.env.sources.markers import reduce_marker
from synapse_worker.env.sources.project import Project
from synapse_worker.env.sources.requirements import read_requirements
from synapse_worker.env.sources.version_range import parse_version_range

if TYPE_CHECKING:
    from pathlib import Path

PIECES = [
    "six",
    "==1",
    " ",
    "  ",
    "\t",
    "\\",
    "\n",
    "\r\n",
    "#",
    " # why",
    "\\\n",
    "-r a",
    '"',
    "'",
]

versions = st.tuples(st.just(3), st.integers(0, 20), st.integers(0, 30))
numbers = st.lists(st.integers(0, 20), min_size=1, max_size=2).map(
    lambda tail: ".".join(map(str, (3, *tail)))
)
clauses = st.one_of(
    st.tuples(st.sampled_from(["==", "!=", "<=", ">=", "<", ">", "~="]), numbers).map("".join),
    st.tuples(st.sampled_from(["==", "!="]), numbers, st.just(".*")).map("".join),
)

VARIABLES = {"sys_platform": "linux", "os_name": "posix", "platform_machine": "x86_64"}
UNKNOWN = {"platform_python_implementation": "CPython", "implementation_name": "cpython"}
comparisons = st.one_of(
    st.tuples(
        st.sampled_from([*VARIABLES, *UNKNOWN]),
        st.sampled_from(["==", "!=", "in", "not in"]),
        st.sampled_from(["'linux'", '"win32 linux"', "'CPython'", "'cpython'", "'posix'"]),
    ),
    st.tuples(
        st.sampled_from(["'linux'", "'x86_64'", "'CPython'"]),
        st.sampled_from(["==", "!=", "in", "not in"]),
        st.sampled_from([*VARIABLES, *UNKNOWN]),
    ),
).map(" ".join)
markers = st.recursive(
    comparisons,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" and ", " or "]), inner).map("".join),
        inner.map("({})".format),
    ),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_logical_lines_are_those_that_pip_sees(text: str) -> None:
    theirs = [" ".join(line.split()) for _, line in preprocess(text)]
    ours = [" ".join(line.split()) for line in logical_lines(text)]
    # pip keeps a line of which nothing but a backslash is left; it asks for nothing.
    assert [line for line in ours if line.strip("\\")] == [
        line for line in theirs if line.strip("\\")
    ]


@given(st.binary(max_size=200))
def test_any_bytes_are_text_or_an_error_that_says_why(content: bytes) -> None:
    try:
        text, _ = decode_requirements(content)
    except ValueError as problem:
        text = str(problem)
    assert "\0" not in text
    assert text or not content.strip(b"\xef\xbb\xbf\xff\xfe")


@settings(max_examples=200)
@given(st.lists(clauses, min_size=1, max_size=3).map(",".join), versions)
def test_ranges_admit_what_packaging_admits(text: str, version: tuple[int, int, int]) -> None:
    theirs = SpecifierSet(text).contains(".".join(map(str, version)))
    assert parse_version_range(text).admits(version) is theirs


@settings(max_examples=200)
@given(markers)
def test_what_remains_of_a_marker_means_the_same(text: str) -> None:
    environment = {**VARIABLES, **UNKNOWN}
    expected = Marker(text).evaluate(environment)
    remainder = reduce_marker(text, VARIABLES)
    if remainder.value is not None:
        assert remainder.value is expected
    else:
        assert Marker(remainder.text).evaluate(environment) is expected
        assert not any(name in remainder.text for name in VARIABLES)
    assert reduce_marker(text, environment).value is expected


WORDS = [
    "six", "==1.0", "-e ", "--editable=", "-r ", "-c ", "--hash=sha256:aa", " ", "./lib", "lib", "[x]",
    "@ ", "git+", "https://", "file:", "//", "/", "[", "]", "#egg=", "&subdirectory=", " ; ", "os_name",
    "'", '"', "\\", "\n", "${HOME}", "x" * 300, "é", "%00", "%zz", ".whl", "--find-links ", "\t", "~", "..",
]  # fmt: skip


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=st.lists(st.sampled_from(WORDS), max_size=12).map("".join))
@example(text="-e  ; ")
def test_any_file_is_read_or_refused_in_our_words(text: str, tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir(exist_ok=True)
    (tmp_path / "requirements.txt").write_text(text, encoding="utf-8")
    with contextlib.suppress(ModuleEnvironmentError):
        found = read_requirements(tmp_path, Project(), "main.py")
        assert len(found.sha256) == 64
        assert found.is_empty in {True, False}
