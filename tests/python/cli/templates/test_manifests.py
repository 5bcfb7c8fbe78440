"""What a template asks for is what is tested, and exists for every Python that a user may have."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[4]
TEMPLATES = sorted(path.name for path in (ROOT / "templates").iterdir())
PYTHONS = ("3.10", "3.11", "3.12", "3.13")
PLATFORMS = {"linux": "Linux", "darwin": "Darwin", "win32": "Windows"}


def package(template: str) -> dict[str, Any]:
    return dict(json.loads((ROOT / "templates" / template / "package.json").read_text()))


def python_folder(template: str) -> Path:
    (main,) = (ROOT / "templates" / template).glob("**/main.py")
    return main.parent


def pins(template: str) -> list[Requirement]:
    """The lines of a lock without their hashes."""
    text = (python_folder(template) / "requirements.txt").read_text().replace("\\\n", " ")
    lines = [line.split(" --hash")[0].strip() for line in text.splitlines()]
    return [Requirement(line) for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize("template", TEMPLATES)
def test_npm_packages_are_those_that_the_tests_run_with(template: str) -> None:
    tested = json.loads((ROOT / "tests/templates/package.json").read_text())["dependencies"]
    manifest = package(template)
    asked = {**manifest["dependencies"], **manifest["devDependencies"]}
    assert asked.pop("synapse-worker") == "^0.1.0"
    # Any TypeScript will do: tests/compilers has the older ones.
    assert asked.pop("typescript") == ">=5.4.0 <8"
    assert asked == {name: f"^{tested[name]}" for name in asked}


def test_every_package_that_is_tested_is_one_of_a_template() -> None:
    tested = json.loads((ROOT / "tests/templates/package.json").read_text())["dependencies"]
    asked = [package(template) for template in TEMPLATES]
    names = {
        name for one in asked for part in ("dependencies", "devDependencies") for name in one[part]
    }
    assert set(tested) == names - {"synapse-worker"}


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("template", TEMPLATES)
def test_a_lock_has_one_version_of_all_that_is_asked_for(
    template: str, python: str, platform: str
) -> None:
    environment = {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "sys_platform": platform,
        "platform_system": PLATFORMS[platform],
    }
    applying = [
        pin for pin in pins(template) if pin.marker is None or pin.marker.evaluate(environment)
    ]
    names = [canonicalize_name(pin.name) for pin in applying]
    assert len(names) == len(set(names))
    source = (python_folder(template) / "requirements.in").read_text()
    for line in re.sub(r"#.*", "", source).split():
        asked = Requirement(line)
        (pin,) = (pin for pin in applying if canonicalize_name(pin.name) == asked.name)
        (version,) = (one.version for one in pin.specifier)
        assert asked.specifier.contains(version)


def test_templates_agree_on_versions() -> None:
    chosen: dict[tuple[str, str], set[str]] = {}
    for template in TEMPLATES:
        for pin in pins(template):
            chosen.setdefault((pin.name, str(pin.marker)), set()).add(str(pin.specifier))
    assert {key: found for key, found in chosen.items() if len(found) > 1} == {}


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_readme_says_how_to_run_test_and_deploy(template: str) -> None:
    text = (ROOT / "templates" / template / "README.md").read_text()
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == ["Run", "Test", "Deploy"]
    scripts = package(template)["scripts"]
    used = set(re.findall(r"npm (?:run )?(start|test|dev|generate|lock|build)\b", text))
    assert used <= set(scripts)
    assert {"start", "test", "lock"} <= used
