"""The Python that a failure tells to install is one that the search would then take."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from synapse_worker.env.discovery.interpreters import find_interpreter
from synapse_worker.env.discovery.machine import Machine
from synapse_worker.env.errors import ModuleEnvironmentError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("request_text", "requires_python", "version"),
    [
        (None, None, "3.12"),
        ("3", None, "3.12"),
        (">=3.10", None, "3.12"),
        ("3.14", None, "3.14"),
        ("3.14.2", None, "3.14.2"),
        (">=3.13", None, "3.13"),
        ("<3.12", None, "3.10"),
        ("==3.13.1", None, "3.13.1"),
        (">3.13.2,<3.14", None, "3.13"),
        (None, ">=3.14", "3.14"),
        (">=3.11", "<3.12", "3.11"),
    ],
)
def test_the_version_to_install_is_one_that_fits(
    tmp_path: Path, request_text: str | None, requires_python: str | None, version: str
) -> None:
    empty = Machine(
        "linux", {"PATH": str(tmp_path), "HOME": str(tmp_path)}, running=None, root=tmp_path
    )
    with pytest.raises(ModuleEnvironmentError) as caught:
        find_interpreter(request_text, requires_python, machine=empty)
    assert f"`uv python install {version}` or `pyenv install {version}`" in str(caught.value.hint)
