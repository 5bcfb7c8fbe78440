"""The Dockerfile of examples/docker, step by step, without Docker: it builds, and what it builds runs confined."""

import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from .dockerfile import Replay, Stage, parse

# The last stage finds no index, no cache and no home.
NOWHERE = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "HOME": "/nonexistent",
    "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
    "UV_INDEX_URL": "http://127.0.0.1:9/simple",
}


def can_confine() -> bool:
    """Say whether this process may make networks and mounts of its own, and be another user."""
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        return False
    probe = ["unshare", "--net", "--mount", "mount", "--bind", "/tmp", "/tmp"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0


@pytest.fixture
def work() -> Iterator[Path]:
    """A folder that other users may enter: pytest's are its own."""
    folder = Path(tempfile.mkdtemp(prefix="synapse-docker-", dir="/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def offline(command: str) -> list[str]:
    shell = ["/bin/sh", "-c", command]
    return ["unshare", "--net", *shell] if can_confine() else shell


def install(checkout: Path, tarball: Path, folder: Path) -> None:
    """Stand in for `npm install`: the package from its tarball, the others from the checkout."""
    modules = folder / "node_modules"
    (modules / ".bin").mkdir(parents=True)
    with tarfile.open(tarball) as archive:
        archive.extractall(modules / "unpacked", filter="data")
    (modules / "unpacked/package").rename(modules / "synapse-worker")
    (modules / "unpacked").rmdir()
    for name in ("rxjs", "tslib"):
        shutil.copytree(checkout / "js/node_modules" / name, modules / name)
    for name in ("typescript", "@types", "undici-types"):
        (modules / name).symlink_to(checkout / "js/node_modules" / name)
    package = json.loads((modules / "synapse-worker/package.json").read_text())
    program = modules / "synapse-worker" / package["bin"]["synapse"]
    program.chmod(0o755)
    (modules / ".bin/synapse").symlink_to(f"../{program.relative_to(modules).as_posix()}")
    (modules / ".bin/tsc").symlink_to("../typescript/bin/tsc")


def prune(folder: Path) -> None:
    """Stand in for `npm prune --omit=dev`."""
    for name in ("typescript", "@types", "undici-types", ".bin/tsc"):
        (folder / "node_modules" / name).unlink()


@pytest.fixture
def built(checkout: Path, work: Path) -> tuple[Replay, Stage]:
    """The last stage of the Dockerfile, its steps run."""
    context = work / "context"
    shutil.copytree(checkout / "examples/docker", context)
    (context / "pricing/.env").write_text("TOKEN=secret\n")
    pack = ["npm", "pack", "--silent", "--pack-destination", str(context)]
    subprocess.run(pack, cwd=checkout / "js", check=True, capture_output=True)
    (tarball,) = context.glob("synapse-worker-*.tgz")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("SYNAPSE_")},
        "PATH": NOWHERE["PATH"],
        "SYNAPSE_CACHE_DIR": str(work / "cache"),
        "SYNAPSE_UV": str(checkout / ".venv/bin/uv"),
        "CI": "true",
    }
    substitutes = {
        "npm install": lambda folder: install(checkout, tarball, folder),
        "npm prune": prune,
    }
    replay = Replay(context, work, environment, substitutes)
    return replay, replay.run(offline)


@pytest.mark.slow
@pytest.mark.network
def test_the_image_is_built_and_its_service_runs_without_network_user_rights_or_a_place_to_write(
    built: tuple[Replay, Stage],
) -> None:
    replay, stage = built
    assert [command.split()[0] for command in replay.skipped] == ["apt-get"]
    assert "Sound: all" in replay.output
    assert stage.user == "node"
    assert list(stage.root.rglob(".env")) == []
    assert not (stage.path("src")).exists()
    assert not (stage.path("node_modules/typescript")).exists()
    confined = can_confine()
    specification = {
        "confined": confined,
        "root": str(stage.root),
        "cwd": str(stage.path(".")),
        "env": {**NOWHERE, **stage.env, "PORT": "0"},
        "command": stage.command,
        "health": stage.health,
    }
    driver = [sys.executable, str(Path(__file__).with_name("container.py"))]
    unshare = ["unshare", "--net", "--mount"] if confined else []
    run = subprocess.run(
        [*unshare, *driver, json.dumps(specification)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    found = json.loads(run.stdout)
    assert found["strange"] == 400
    assert found["answer"] == {"symbol": "ACME", "cents": 27800, "text": "278.00 €"}, found
    assert (found["health"], found["ended"], found["stderr"]) == (0, 0, "")
    assert found["writable"] is not confined


def test_a_dockerfile_is_read_as_docker_reads_it() -> None:
    text = '# syntax\nFROM x AS y\nRUN a && \\\n    b\n\nCMD ["c"]\n'
    assert parse(text) == [("FROM", "x AS y"), ("RUN", "a && b"), ("CMD", '["c"]')]


def test_an_instruction_that_is_not_known_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM x AS y\nONBUILD RUN true\n")
    (tmp_path / ".dockerignore").write_text("")
    work = tmp_path / "work"
    work.mkdir()
    with pytest.raises(AssertionError, match="ONBUILD is not known here"):
        Replay(tmp_path, work, {}, {}).run(offline)
