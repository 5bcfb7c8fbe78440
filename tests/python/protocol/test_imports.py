"""What the launcher of raw scripts loads is the standard library, and little of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3] / "python_side"


def modules_after(statement: str) -> set[str]:
    program = f"import sys; sys.path.insert(0, {str(ROOT)!r}); {statement}; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program],
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    return set(done.stdout.split())


@pytest.mark.parametrize("room", ["frames", "limits", "errors"])
def test_a_room_needs_nothing_that_is_slow_to_load(room):
    loaded = modules_after(f"import synapse_worker.protocol.{room}")
    assert not loaded & {"typing", "enum", "pathlib", "dataclasses", "traceback", "asyncio", "re"}


def test_the_package_itself_loads_nothing_but_its_version():
    loaded = modules_after("import synapse_worker; synapse_worker.__version__")
    assert {name for name in loaded if name.startswith("synapse_worker")} == {
        "synapse_worker",
        "synapse_worker.version",
    }


def test_the_package_names_what_users_import():
    import synapse_worker

    assert synapse_worker.__all__ == [
        "BigInt",
        "Context",
        "JavaScriptError",
        "Module",
        "Naive",
        "SynapseError",
        "__version__",
        "current_context",
        "to_columns",
        "to_rows",
    ]
    assert set(synapse_worker.__all__) <= set(dir(synapse_worker))
    for name in synapse_worker.__all__:
        assert getattr(synapse_worker, name) is not None
    with pytest.raises(AttributeError, match="Modul"):
        _ = synapse_worker.Modul
