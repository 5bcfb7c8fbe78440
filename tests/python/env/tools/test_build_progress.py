"""Progress from the real words of pip, pip-compile and uv: it grows, and it ends complete."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from synapse_worker.env.events import Reporter
from synapse_worker.env.tools.build_progress import CollectProgress, InstallProgress

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from synapse_worker.env import Event

    Output = Callable[[str, str], list[str]]

MIB = 1024 * 1024


def told(events: Sequence[Event], phase: str, unit: str = "packages") -> list[tuple[int, int]]:
    """Return the figures of one phase, each said once."""
    figures = [
        (int(str(e["done"])), int(str(e["total"])))
        for e in events
        if e["event"] == "progress" and (e["phase"], e["unit"]) == (phase, unit)
    ]
    return list(dict.fromkeys(figures))


def phases(events: Sequence[Event]) -> list[tuple[object, object]]:
    return [(e["phase"], e["message"]) for e in events if e["event"] == "phase"]


def install(total: int, *runs: list[str]) -> list[Event]:
    events: list[Event] = []
    progress = InstallProgress(Reporter(events.append), total)
    progress.start()
    for lines in runs:
        for line in lines:
            progress.see(line)
    progress.finish()
    assert_sound(events)
    return events


def assert_sound(events: Sequence[Event]) -> None:
    """No figure goes backwards or above its total, and each ends complete."""
    last: dict[object, tuple[int, int]] = {}
    for event in events:
        if event["event"] != "progress":
            continue
        key = (event["phase"], event["unit"])
        done, total = int(str(event["done"])), int(str(event["total"]))
        before = last.get(key, (0, 0))
        assert 0 <= done <= total
        assert (done >= before[0], total >= before[1]) == (True, True), (key, before, done, total)
        last[key] = (done, total)
    assert all(done == total for done, total in last.values()), last


def test_pip_counts_packages_and_exact_bytes(output_of: Output) -> None:
    events = install(2, output_of("pip", "download"))
    assert told(events, "download") == [(0, 2), (1, 2), (2, 2)]
    assert told(events, "download", "bytes") == [
        (0, 16390204), (262144, 16390204), (16390204, 16390204),
    ]  # fmt: skip
    assert told(events, "install") == [(0, 2), (2, 2)]
    assert phases(events) == [
        ("download", "Fetching 2 packages"),
        ("install", "Installing 2 packages"),
    ]
    at = [e.get("package") for e in events if e.get("unit") == "bytes"]
    assert at[:3] == ["numpy", "numpy", "numpy"]


def test_uv_counts_packages_and_the_bytes_it_announces(output_of: Output) -> None:
    events = install(2, output_of("uv", "download"))
    assert told(events, "download") == [(0, 2), (1, 2), (2, 2)]
    numpy = int(15.6 * MIB)
    assert told(events, "download", "bytes") == [(0, numpy), (numpy, numpy)]
    assert told(events, "install") == [(0, 2), (2, 2)]


@pytest.mark.parametrize("tool", ["pip", "uv"])
def test_a_build_from_source_is_counted_and_named(output_of: Output, tool: str) -> None:
    events = install(1, output_of(tool, "build"))
    assert told(events, "build") == [(0, 1), (1, 1)]
    assert [phase for phase, _ in phases(events)] == ["download", "build", "install"]
    assert ("build", "Building packages from source") in phases(events)
    assert [e["package"] for e in events if e.get("phase") == "build" and "package" in e] == [
        "okext", "okext",
    ]  # fmt: skip


@pytest.mark.parametrize("tool", ["pip", "uv"])
def test_two_runs_of_a_tool_are_one_installation(output_of: Output, tool: str) -> None:
    events = install(3, output_of(tool, "download"), output_of(tool, "build"))
    assert told(events, "download")[-1] == (3, 3)
    assert told(events, "install") == [(0, 3), (2, 3), (3, 3)]


def test_a_small_file_of_pips_counts_with_the_size_it_names() -> None:
    events = install(
        2,
        [
            "Collecting a",
            "  Downloading a-1.0-py3-none-any.whl.metadata (1.2 kB)",
            "  Downloading a-1.0-py3-none-any.whl (11 kB)",
            "Collecting b",
            "  Downloading b-1.0.tar.gz (610 bytes)",
            "Installing collected packages: a, b",
            "Successfully installed a-1.0 b-1.0",
        ],
    )
    assert told(events, "download", "bytes") == [(11000, 11000), (11610, 11610)]


def test_uv_downloads_many_at_once() -> None:
    events = install(
        3,
        [
            "Resolved 3 packages in 5ms",
            "Downloading torch (100.0MiB)",
            "Downloading numpy (10.0MiB)",
            " Downloaded numpy",
            " Downloaded torch",
            "Prepared 2 packages in 1.00s",
            "Installed 3 packages in 10ms",
        ],
    )
    assert told(events, "download", "bytes") == [
        (0, 100 * MIB), (0, 110 * MIB), (10 * MIB, 110 * MIB), (110 * MIB, 110 * MIB),
    ]  # fmt: skip
    assert told(events, "download") == [(0, 3), (1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize("total", [0, 1, 2, 50])
def test_lies_and_surprises_leave_the_figures_sound(output_of: Output, total: int) -> None:
    lies = [
        "Progress 5 of 3",
        "Progress 1 of 99999999999999999999",
        "Progress x of y",
        " Downloaded nothing",
        "      Built nothing==1.0",
        "Building wheels for collected packages: a, b, c",
        "Installed 999 packages in 1ms",
        "Prepared 999 packages in 1ms",
        "Downloading x (1.2.3MiB)",
        "Successfully installed",
    ]
    every = [output_of(tool, case) for tool in ("pip", "uv") for case in ("download", "build")]
    install(total, lies, *every, lies, *reversed(every))


@pytest.mark.parametrize(
    ("tool", "known", "figures"),
    [
        ("pip-compile", 2, [(0, 2), (1, 2), (2, 2)]),
        ("pip-compile", 1, [(0, 1), (1, 2), (2, 2)]),
        ("uv", 2, [(0, 2), (2, 2)]),
    ],
)
def test_a_resolution_counts_what_it_has_found(
    output_of: Output, tool: str, known: int, figures: list[tuple[int, int]]
) -> None:
    events: list[Event] = []
    progress = CollectProgress(Reporter(events.append), "resolve", known)
    progress.start()
    for line in output_of(tool, "resolve"):
        progress.see(line)
    progress.finish(2)
    assert_sound(events)
    assert told(events, "resolve") == figures
    # pip-compile downloads what has no metadata of its own; uv asks for a piece of it.
    size = 16390204 if tool == "pip-compile" else None
    assert told(events, "resolve", "bytes")[-1:] == ([(size, size)] if size else [])


def test_a_resolution_that_finds_less_than_it_looked_at_ends_complete() -> None:
    events: list[Event] = []
    progress = CollectProgress(Reporter(events.append), "resolve", 1)
    progress.start()
    for name in ("a", "b", "c", "b"):
        progress.see(f"  Collecting {name}")
    progress.finish(2)
    assert_sound(events)
    assert told(events, "resolve")[-1] == (3, 3)
