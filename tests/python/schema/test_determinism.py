"""The same module has the same schema in every process and on every Python."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("describe_shop.py")
LIBRARIES = "import attrs, msgspec, numpy, pandas, pydantic, typing_extensions"


def printed(python: str, hash_seed: str) -> str:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    found = subprocess.run(
        [python, str(SCRIPT)], env=environment, capture_output=True, text=True, timeout=120
    )
    assert found.returncode == 0, found.stderr
    return found.stdout


def other_pythons() -> list[str]:
    """Return the interpreters at hand that have the libraries; `SYNAPSE_TEST_PYTHONS` adds to them."""
    named = os.environ.get("SYNAPSE_TEST_PYTHONS", "").split(os.pathsep)
    found = [*filter(None, named), *(shutil.which(f"python3.{minor}") for minor in range(10, 15))]
    return [
        python
        for python in found
        if python
        and subprocess.run([python, "-c", LIBRARIES], capture_output=True, timeout=60).returncode
        == 0
    ]


def test_processes_with_other_hash_seeds_describe_alike() -> None:
    texts = {printed(sys.executable, seed) for seed in ("0", "1", "4242")}
    assert len(texts) == 1


def test_the_schema_holds_what_the_module_says() -> None:
    schema = json.loads(printed(sys.executable, "0"))
    assert [function["name"] for function in schema["functions"]] == [
        *("search", "ticks", "compute", "walk", "anything"),
    ]
    assert sorted(schema["definitions"]) == [
        *("Cat", "Dog", "JSON", "Line", "Mode", "Node", "Order", "Point", "Query", "Reading"),
        *("Side", "Tree", "UserId"),
    ]


@pytest.mark.slow
def test_every_python_at_hand_describes_alike() -> None:
    pythons = other_pythons()
    if not pythons:
        pytest.skip("no other Python here has the libraries")
    expected = printed(sys.executable, "0")
    assert {python: printed(python, "7") == expected for python in pythons} == dict.fromkeys(
        pythons, True
    )
