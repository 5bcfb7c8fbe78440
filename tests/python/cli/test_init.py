"""`synapse init` writes runnable projects and never overwrites."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from pathlib import Path

    Synapse = Callable[..., subprocess.CompletedProcess[str]]


def dependency(project: Path) -> str:
    package = json.loads((project / "package.json").read_text())
    return str(package["dependencies"]["synapse-worker"])


COMMON = {"package.json", "tsconfig.json", ".gitignore", "README.md", "src"}
PYTHON = {"main.py", "test_main.py", "requirements.in", "requirements.txt", "pyproject.toml"}
SOURCES = {"src/main.ts", "src/main.test.ts"}
TEMPLATES = {
    "module": (PYTHON, SOURCES),
    "raw": (PYTHON, SOURCES),
    "ml": (PYTHON, SOURCES),
    "data": (PYTHON | {"orders.csv"}, SOURCES),
    "node-app": (
        {"python"},
        {f"src/{name}.ts" for name in (
            "main", "address", "routes", "routes.test", "errors", "hang-up", "log", "shutdown",
        )}
        | {f"python/{name}" for name in PYTHON},
    ),
}  # fmt: skip


@pytest.mark.parametrize("template", TEMPLATES)
def test_it_writes_a_project_and_prints_the_next_commands(
    synapse: Synapse, tmp_path: Path, template: str
) -> None:
    done = synapse("init", "My Project", "--template", template, "--link", "^0.1.0", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.endswith(
        "Next:\n  cd 'My Project' && npm install\n  npm start\n  npm test\n\n"
        "README.md says what is where, and how to deploy it.\n"
    )
    project = tmp_path / "My Project"
    beside, within = TEMPLATES[template]
    assert {path.name for path in project.iterdir()} == COMMON | beside
    files = {path.relative_to(project).as_posix() for path in project.rglob("*") if path.is_file()}
    assert {file for file in files if "/" in file} == within
    assert json.loads((project / "package.json").read_text())["name"] == "my-project"


def test_the_list_says_what_each_template_is_and_writes_nothing(
    synapse: Synapse, tmp_path: Path
) -> None:
    shown = synapse("init", "--list", cwd=tmp_path).stdout
    assert [line.split()[0] for line in shown.splitlines()] == [
        "module", "node-app", "ml", "data", "raw",
    ]  # fmt: skip
    assert "an HTTP service (Fastify)" in shown
    listed = json.loads(synapse("init", "--list", "--json", cwd=tmp_path).stdout)["templates"]
    assert {template["name"] for template in listed} == set(TEMPLATES)
    assert all(template["summary"] in shown for template in listed)
    assert list(tmp_path.iterdir()) == []


def test_a_template_that_is_not_there_is_refused_with_those_that_are(synapse: Synapse) -> None:
    done = synapse("init", "p", "--template", "flask")
    assert done.returncode == 2
    assert "'flask'" in done.stderr
    assert "node-app" in done.stderr


def test_it_refuses_to_overwrite_and_writes_nothing_then(synapse: Synapse, tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("mine")
    done = synapse("init", "--link", "^0.1.0", cwd=tmp_path)
    assert done.returncode == 1
    assert "already has main.py; nothing was written" in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["main.py"]
    assert (tmp_path / "main.py").read_text() == "mine"


def test_json_lists_the_files_and_the_next_commands(synapse: Synapse, tmp_path: Path) -> None:
    done = synapse("init", "p", "--json", "--link", "^0.1.0", cwd=tmp_path)
    result = json.loads(done.stdout)
    assert result["directory"] == str(tmp_path / "p")
    assert result["next"] == ["cd p && npm install", "npm start", "npm test"]
    assert "src/main.ts" in result["files"]
    assert done.stderr == ""


def test_a_package_that_is_not_published_can_be_linked(synapse: Synapse, tmp_path: Path) -> None:
    tarball = tmp_path / "synapse-worker-0.1.0.tgz"
    tarball.write_bytes(b"")
    synapse("init", "one", "--link", tarball.name, cwd=tmp_path)
    synapse("init", "two", cwd=tmp_path, SYNAPSE_PACKAGE=str(tarball))
    synapse("init", "three", "--link", "~0.1.0", cwd=tmp_path)
    assert dependency(tmp_path / "one") == f"file:{tarball}"
    assert dependency(tmp_path / "two") == f"file:{tarball}"
    assert dependency(tmp_path / "three") == "~0.1.0"


@pytest.mark.parametrize(
    ("resolved", "expected"),
    [
        ("file:../packed.tgz", "file:{folder}/packed.tgz"),
        ("file:../gone.tgz", "file:{folder}/app/node_modules/synapse-worker"),
        ("https://registry.example/synapse-worker-0.1.0.tgz", "^0.1.0"),
    ],
)
def test_a_project_gets_the_package_from_where_npm_got_it(
    synapse: Synapse, tmp_path: Path, resolved: str, expected: str
) -> None:
    package = tmp_path / "app" / "node_modules" / "synapse-worker"
    (package / "python").mkdir(parents=True)
    (package / "package.json").write_text('{"name": "synapse-worker"}')
    (tmp_path / "packed.tgz").write_bytes(b"")
    record = {"packages": {"node_modules/synapse-worker": {"resolved": resolved}}}
    (package.parent / ".package-lock.json").write_text(json.dumps(record))
    done = synapse("init", "new", cwd=tmp_path, SYNAPSE_RUNTIME_DIR=str(package / "python"))
    assert done.returncode == 0, done.stderr
    assert dependency(tmp_path / "new") == expected.format(folder=tmp_path)


def test_it_never_writes_through_a_link_that_leads_nowhere(
    synapse: Synapse, tmp_path: Path
) -> None:
    project, outside = tmp_path / "p", tmp_path / "outside.py"
    project.mkdir()
    (project / "main.py").symlink_to(outside)
    done = synapse("init", project, "--link", "^0.1.0")
    assert done.returncode == 1
    assert "already has main.py; nothing was written" in done.stderr
    assert not outside.exists()
    assert [path.name for path in project.iterdir()] == ["main.py"]


@pytest.mark.parametrize("path", ["src", "."])
def test_a_file_where_a_folder_is_needed_stops_it_before_anything_is_written(
    synapse: Synapse, tmp_path: Path, path: str
) -> None:
    blocker = tmp_path / "p" / path
    blocker.parent.mkdir(exist_ok=True)
    blocker.write_text("mine")
    done = synapse("init", tmp_path / "p", "--json", "--link", "^0.1.0")
    assert done.returncode == 1
    error = json.loads(done.stdout)["error"]
    assert error["code"] == "INVALID_CONFIG"
    assert f'"{blocker}" is in the way' in error["message"]
    assert blocker.read_text() == "mine"
    assert len(list(tmp_path.rglob("*"))) == (2 if path == "src" else 1)


@pytest.mark.parametrize("link", ["/no/such.tgz", "./gone", "file:../gone", "gone-0.1.0.tgz"])
def test_a_package_that_is_not_there_cannot_be_linked(
    synapse: Synapse, tmp_path: Path, link: str
) -> None:
    done = synapse("init", "p", "--link", link, cwd=tmp_path)
    assert done.returncode == 1
    assert "There is no package" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_plain_python_installation_asks_where_npm_gets_the_package(
    synapse: Synapse, tmp_path: Path
) -> None:
    done = synapse("init", "p", cwd=tmp_path)
    assert done.returncode == 1
    assert "does not know where npm can get synapse-worker" in done.stderr
    assert "--link ./synapse-worker-0.1.0.tgz" in done.stderr
    assert list(tmp_path.iterdir()) == []
