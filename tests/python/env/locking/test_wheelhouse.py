"""Two exports into one folder: one after the other, and whole, whichever comes last."""

from __future__ import annotations

import threading
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from synapse_worker.env.discovery.interpreters import Interpreter
from synapse_worker.env.locking.wheelhouse import WheelhouseWriter
from synapse_worker.env.tools.toolrun import ToolRunner

if TYPE_CHECKING:
    from collections.abc import Callable

TIMEOUT_S = 20.0


def writer(name: str, scratch: Path, meet: Callable[[], object], waits: threading.Event) -> Any:
    """Return a writer whose only download is a file of its name, after `meet`."""

    def fetch(target: Path, *_: object) -> None:
        target.mkdir()
        meet()
        (target / f"{name}.whl").write_text(name)

    def phase(kind: str, _message: str) -> None:
        if kind == "lock":
            waits.set()

    toolbox: Any = SimpleNamespace(
        directory=scratch,
        reporter=SimpleNamespace(phase=phase),
        runner=SimpleNamespace(
            temporary=scratch, also_holding=ToolRunner(cwd=scratch).also_holding
        ),
        runtime=SimpleNamespace(codec=None, tools=None),
        lock_timeout_s=TIMEOUT_S,
    )
    downloads: Any = SimpleNamespace(fetch=fetch)
    return WheelhouseWriter(toolbox, Interpreter(Path("/python"), (3, 11, 7)), downloads, ())


@pytest.mark.parametrize("step", ["fetch", "sign"])
def test_two_exports_into_one_folder_go_one_after_the_other(
    tmp_path: Path, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, begun, waits = tmp_path / "out", threading.Event(), threading.Event()

    def meet() -> None:
        begun.set()
        assert waits.wait(TIMEOUT_S), "the other one waits"

    def sign_late(*places: Path) -> Any:
        meet()
        return sign(*places)

    first = writer("first", tmp_path, meet if step == "fetch" else lambda: None, threading.Event())
    sign = first._sign
    if step == "sign":
        monkeypatch.setattr(first, "_sign", sign_late)
    second = writer("second", tmp_path, lambda: None, waits)
    done: list[tuple[str, ...]] = []
    thread = threading.Thread(target=lambda: done.append(first.write((), target).files))
    thread.start()
    assert begun.wait(TIMEOUT_S)
    done.append(second.write((), target).files)
    thread.join(TIMEOUT_S)
    assert sorted(done) == [("runtime/first.whl",), ("runtime/second.whl",)]
    assert [path.name for path in (target / "runtime").iterdir()] == ["second.whl"]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_what_a_killed_export_left_is_not_taken_along(tmp_path: Path) -> None:
    left = tmp_path / ".out-synapse-new" / "half.whl"
    left.parent.mkdir()
    left.write_text("half")
    files = writer("whole", tmp_path, lambda: None, threading.Event()).write((), tmp_path / "out")
    assert files.files == ("runtime/whole.whl",)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
