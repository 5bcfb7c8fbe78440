"""Both wings' decoders against bytes that nobody meant: never a crash, and never two opinions.

The corpus (tests/vectors/corpus, `hex  verdict of Python  verdict of JavaScript` in each line) is replayed
whole, here and by Jest. Then inputs are derived from it and from the vectors: the same ones in every run, so
that a change is what makes one fail, or new ones for as long as is asked:

    SYNAPSE_FUZZ_SECONDS=600 pytest tests/python/protocol/test_fuzzing.py   new ones, for ten minutes each
    SYNAPSE_FUZZ_SEED=1234                                                  those of a run that failed
    SYNAPSE_FUZZ_SAVE=1                                                     keep what was new in the corpus
"""

from __future__ import annotations

import datetime as dt
import os
import re
import time
from random import Random
from typing import TYPE_CHECKING

import pytest

from .conftest import needs_node
from .differential import (
    Input,
    JavaScript,
    difference,
    other_library_finding,
    python_finding,
)
from .mutation import Mutator
from .vectors import VECTORS, load, same, to_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = needs_node

SECONDS = float(os.environ.get("SYNAPSE_FUZZ_SECONDS", "0"))
SEED = int(os.environ.get("SYNAPSE_FUZZ_SEED", str(time.time_ns() % 2**32 if SECONDS else 4)))
SAVE = os.environ.get("SYNAPSE_FUZZ_SAVE") == "1"
BATCH = 100
# How many there are where no time is given: a second's worth.
BATCHES = 200
LONGEST_SEED_BYTES = 2048
LONGEST_SAVED_BYTES = 128

# What of an error's message stands for the input alone.
VARYING = re.compile(r"(?<=bytes )\w+|(?<=header )\w+|\[[^\]]*\]|'[^']*'|-?\w*\d[\w,.]*")

inputs = pytest.mark.parametrize("what", list(Input), ids=lambda what: what.name.lower())


@pytest.fixture(scope="module")
def javascript(compiled) -> Iterator[JavaScript]:
    process = JavaScript(compiled)
    yield process
    process.close()


def corpus(what: Input) -> list[tuple[bytes, str, str]]:
    """Return the saved inputs of a kind with the verdicts of both wings."""
    lines = corpus_file(what).read_text("utf-8").splitlines()
    entries = [line.split("\t") for line in lines]
    return [(bytes.fromhex(data), mine, theirs) for data, mine, theirs in entries]


def corpus_file(what: Input):
    return VECTORS / "corpus" / f"{what.name.lower()}s.txt"


def seeds(what: Input) -> list[bytes]:
    """Return what inputs are derived from: the corpus, and every vector of the kind that is not huge."""
    found = [data for data, _, _ in corpus(what)]
    if what == Input.VALUE:
        for name in ("values.json", "msgpack-test-suite.json", "rejects.json"):
            for group in load(name).values():
                found += [to_bytes(one) for v in group for one in (v["bytes"], *v.get("also", ()))]
    elif what == Input.MESSAGE:
        found += [to_bytes(v["payload"]) for group in load("messages.json").values() for v in group]
    else:
        found += [
            bytes((step,)) + to_bytes(v["stream"])
            for group in load("frames.json").values()
            for v in group
            for step in (0, 3, 255)
        ]
    return sorted({data for data in found if len(data) <= LONGEST_SEED_BYTES})


@inputs
def test_the_saved_inputs_have_the_verdicts_they_had(what: Input, javascript: JavaScript) -> None:
    entries = corpus(what)
    assert entries != []
    answers = javascript.findings(what, [data for data, _, _ in entries])
    for (data, mine, theirs), answer in zip(entries, answers, strict=True):
        finding = python_finding(what, data)
        assert (finding.verdict, answer["verdict"]) == (mine, theirs), data.hex()
        assert difference(what, finding, answer) is None, data.hex()


@inputs
def test_both_wings_are_of_one_mind_about_damaged_bytes(
    what: Input, javascript: JavaScript
) -> None:
    mutate = Mutator(Random(SEED), seeds(what))
    known = {signature(what, data) for data, _, _ in corpus(what)}
    new: list[tuple[bytes, str, str]] = []
    for batch in batches(mutate):
        for data, answer in zip(batch, javascript.findings(what, batch), strict=True):
            finding = python_finding(what, data)
            told = difference(what, finding, answer)
            assert told is None, failure(what, data, told, javascript)
            if (
                SAVE
                and len(data) <= LONGEST_SAVED_BYTES
                and (shape := signature(what, data)) not in known
            ):
                known.add(shape)
                new.append((data, finding.verdict, answer["verdict"]))
    if SAVE:
        save(what, new)


def test_both_libraries_are_of_one_mind_about_damaged_bytes() -> None:
    mutate = Mutator(Random(SEED), seeds(Input.VALUE))
    for data in (data for batch in batches(mutate) for data in batch):
        mine, other = python_finding(Input.VALUE, data), other_library_finding(data)
        if "range" in str(mine.value) + str(other.value):
            continue  # rounded up, the last nanoseconds of the year 9999 are beyond it
        assert (mine.verdict == "ok") == (other.verdict == "ok"), f"{SEED=} {data.hex()}"
        if mine.verdict == "ok":
            values = map(without_times, (mine.value, other.value))
            assert same(*values), f"{SEED=} {data.hex()}"


def batches(mutate: Mutator) -> Iterator[list[bytes]]:
    """Yield inputs in batches: a fixed number, or for as long as was asked."""
    stop_at = time.monotonic() + SECONDS
    done = 0
    while time.monotonic() < stop_at if SECONDS else done < BATCHES:
        yield [mutate() for _ in range(BATCH)]
        done += 1


def without_times(value: object) -> object:
    """Return a value without its times: the libraries round foreign nanoseconds to either neighbour."""
    if isinstance(value, dt.datetime):
        return "a time"
    if isinstance(value, list | tuple):
        return type(value)(map(without_times, value))
    if isinstance(value, dict):
        # As pairs: two times may be keys.
        return [[without_times(key), without_times(item)] for key, item in value.items()]
    return value


def signature(what: Input, data: bytes) -> tuple[object, ...]:
    """Return what is new about an input: the verdict in words without their numbers, or the shape of its value."""
    finding = python_finding(what, data)
    if finding.verdict == "ok" and what != Input.STREAM:
        return (finding.kind, shape_of(finding.value))
    if what == Input.STREAM:
        return (finding.verdict, min(len(finding.value), 4), min(len(data), 8))
    return (finding.verdict, finding.kind, VARYING.sub("#", str(finding.value)))


def shape_of(value: object) -> tuple[str, ...]:
    """Return what a value is and, of a container, two kinds of what is in it."""
    inside = [*value.keys(), *value.values()] if isinstance(value, dict) else value
    kinds = {type(item).__name__ for item in inside} if isinstance(inside, list) else set()
    return (type(value).__name__, *sorted(kinds)[:2])


def failure(what: Input, data: bytes, told: str, javascript: JavaScript) -> str:
    """Return what to say of an input that the wings differ about, cut down as far as they still do."""

    def differs(candidate: bytes) -> bool:
        (answer,) = javascript.findings(what, [candidate])
        return difference(what, python_finding(what, candidate), answer) is not None

    size = len(data) // 2
    while size:
        at = 0
        while at < len(data):
            shorter = data[:at] + data[at + size :]
            if differs(shorter):
                data = shorter
            else:
                at += size
        size //= 2
    (answer,) = javascript.findings(what, [data])
    smallest = difference(what, python_finding(what, data), answer)
    return f"{SEED=} {what.name.lower()} {data.hex()}\n{smallest}\nfirst seen as: {told}"


def save(what: Input, new: list[tuple[bytes, str, str]]) -> None:
    entries = sorted({*corpus(what), *new}, key=lambda entry: (len(entry[0]), entry))
    lines = [f"{data.hex()}\t{mine}\t{theirs}" for data, mine, theirs in entries]
    corpus_file(what).write_text("\n".join(lines) + "\n", encoding="utf-8")
