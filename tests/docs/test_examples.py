"""The demo does what it says, twice, and says what failed when it cannot."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture
def digits(checkout: Path, tmp_path: Path) -> Path:
    """A copy of the example without what earlier runs left, linked to the built package."""
    copy = tmp_path / "digits"
    shutil.copytree(
        checkout / "examples/digits",
        copy,
        ignore=shutil.ignore_patterns(".venv", "node_modules", "__pycache__"),
    )
    (copy / "node_modules").mkdir()
    (copy / "node_modules/synapse-worker").symlink_to(checkout / "js", target_is_directory=True)
    return copy


def run_demo(checkout: Path, digits: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    tsx = checkout / "js/node_modules/tsx/dist/cli.mjs"
    return subprocess.run(
        ["node", str(tsx), "src/demo.ts"],
        cwd=digits,
        env=os.environ | {"CI": "true"} | variables,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=300,
        text=True,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.network
def test_the_demo_builds_its_environment_once_and_reads_digits_every_time(
    checkout: Path, digits: Path
) -> None:
    first, second = run_demo(checkout, digits), run_demo(checkout, digits)
    for run in (first, second):
        assert run.returncode == 0, run.stdout + run.stderr
        assert "4 of 4 read as a person does" in run.stdout
        # Other releases of scikit-learn round differently; the digits are read all the same.
        assert re.search(r"epoch 40/40   9[5-9]\.\d % right", run.stdout)
        assert [line.split()[0] for line in run.stdout.splitlines() if line.count("%") == 2] == [
            *"0123456789"
        ]
        assert (
            "UnreadableImageError: expected images of 8 rows by 8 columns, got an array"
            in run.stdout
        )
        assert run.stdout.rstrip().endswith("done")
    assert "scikit-learn" in first.stdout
    assert "Installing" in first.stderr
    assert second.stderr == ""
    check_client(digits)


def check_client(digits: Path) -> None:
    """See that the committed client is what the generator writes today."""
    done = subprocess.run(
        [sys.executable, "-m", "synapse_worker", "generate", ".", "--check"],
        cwd=digits,
        capture_output=True,
        timeout=300,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_demo_says_what_failed_and_what_to_do(checkout: Path, digits: Path) -> None:
    run = run_demo(checkout, digits, SYNAPSE_PYTHON="/nowhere/python3", NO_COLOR="1")
    assert run.returncode == 1
    assert "EnvironmentError [PYTHON_NOT_FOUND]" in run.stderr
    assert "/nowhere/python3" in run.stderr
    assert "Set SYNAPSE_PYTHON to a Python 3.10 or newer, or unset it" in run.stderr


def test_the_index_names_every_example(checkout: Path) -> None:
    folder = checkout / "examples"
    named = re.findall(
        r"^\| \[[\w-]+\]\(([\w-]+)/README\.md\)", (folder / "README.md").read_text(), re.MULTILINE
    )
    assert sorted(named) == sorted(path.parent.name for path in folder.glob("*/README.md"))
