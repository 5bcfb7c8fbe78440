"""Runs the steps of a Dockerfile without Docker: a folder for each stage, a process for each command.

What it knows: FROM … AS, WORKDIR, COPY with --from, RUN, ENV, USER, EXPOSE, HEALTHCHECK, CMD. Anything else is an
error, so that nothing is passed over. What it cannot do it does not pretend: this machine stands for the
image of the first FROM, so packages of the system are not installed (`skipped` lists the commands), and
paths are those of the stage's folder, so a command that names `/app` is refused.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from synapse_worker.bundle.patterns import PatternList

# What is put in the place of a command: it gets the stage's working folder.
Substitute = Callable[[Path], None]


@dataclass
class Stage:
    """One stage: its file system so far, and how a container of it would start."""

    name: str
    root: Path
    workdir: str = "/"
    env: dict[str, str] = field(default_factory=dict)
    user: str = "root"
    command: list[str] = field(default_factory=list)
    health: list[str] = field(default_factory=list)

    def path(self, inside: str) -> Path:
        """Return where a path of the stage lies on this machine."""
        return self.root / os.path.join(self.workdir, inside).lstrip("/")

    def branch(self, name: str, root: Path) -> "Stage":
        """Return a stage that begins where this one is."""
        shutil.copytree(self.root, root, symlinks=True)
        return Stage(name, root, self.workdir, dict(self.env), self.user)


class Replay:
    """One run through a Dockerfile."""

    def __init__(
        self,
        context: Path,
        work: Path,
        environment: Mapping[str, str],
        substitutes: Mapping[str, Substitute],
    ) -> None:
        self.stages: dict[str, Stage] = {}
        self.skipped: list[str] = []
        self.output = ""
        self._context = context
        self._work = work
        self._environment = environment
        self._substitutes = substitutes
        self._ignored = _read_ignored(context)

    def run(self, offline: Callable[[str], list[str]]) -> Stage:
        """Run all steps; return the last stage, whose commands run by `offline`."""
        steps = parse((self._context / "Dockerfile").read_text())
        last = max(index for index, (word, _) in enumerate(steps) if word == "FROM")
        stage: Stage | None = None
        for index, (word, rest) in enumerate(steps):
            if word == "FROM":
                stage = self._begin(rest)
                continue
            assert stage is not None, "a Dockerfile begins with FROM"
            shell = offline if index > last else _shell
            self._step(stage, word, rest, shell)
        assert stage is not None
        return stage

    def _begin(self, rest: str) -> Stage:
        image, _, name = rest.partition(" AS ")
        root = self._work / (name or f"stage{len(self.stages)}")
        if image in self.stages:
            stage = self.stages[image].branch(name, root)
        else:
            assert not self.stages, "only the first stage may come from outside"
            root.mkdir()
            stage = Stage(name, root)
        self.stages[name] = stage
        return stage

    def _step(self, stage: Stage, word: str, rest: str, shell: Callable[[str], list[str]]) -> None:
        if word == "WORKDIR":
            stage.workdir = os.path.join(stage.workdir, rest)
            stage.path(".").mkdir(parents=True, exist_ok=True)
        elif word == "COPY":
            self._copy(stage, shlex.split(rest))
        elif word == "RUN":
            self._run(stage, rest, shell)
        elif word == "ENV":
            stage.env |= dict(pair.split("=", 1) for pair in shlex.split(rest))
        elif word == "USER":
            stage.user = rest
        elif word == "HEALTHCHECK":
            stage.health = json.loads(rest.partition("CMD ")[2])
        elif word == "CMD":
            stage.command = json.loads(rest)
        else:
            assert word == "EXPOSE", f"{word} is not known here"

    def _copy(self, stage: Stage, words: list[str]) -> None:
        source = self._context
        if words[0].startswith("--from="):
            source = self.stages[words.pop(0).removeprefix("--from=")].root
        *patterns, target = words
        place = stage.path(target)
        for pattern in patterns:
            found = sorted(source.glob(pattern.lstrip("/")))
            assert found or "*" in pattern, f"COPY {pattern}: there is no such file"
            for path in found:
                self._copy_one(path, place, into=target.endswith("/"))

    def _copy_one(self, path: Path, place: Path, *, into: bool) -> None:
        if path.is_dir():
            shutil.copytree(path, place, symlinks=True, dirs_exist_ok=True, ignore=self._ignore)
        elif not self._is_ignored(path):
            place.mkdir(parents=True, exist_ok=True) if into else None
            shutil.copy(path, place / path.name if into else place)

    def _ignore(self, folder: str, names: list[str]) -> set[str]:
        return {name for name in names if self._is_ignored(Path(folder, name))}

    def _is_ignored(self, path: Path) -> bool:
        if not path.is_relative_to(self._context):
            return False  # of a stage: .dockerignore is about what is sent to Docker
        name = path.relative_to(self._context).as_posix()
        return self._ignored.covers(name, is_folder=path.is_dir())

    def _run(self, stage: Stage, command: str, shell: Callable[[str], list[str]]) -> None:
        assert not re.search(r"(?<![\w.])/app\b", command), f"names an absolute path: {command}"
        if command.startswith("apt-get "):
            self.skipped.append(command)
            return
        for words, substitute in self._substitutes.items():
            if words in command:
                substitute(stage.path("."))
                return
        done = subprocess.run(
            shell(command),
            cwd=stage.path("."),
            env={**self._environment, **stage.env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )
        self.output += f"$ {command}\n{done.stdout}"
        assert done.returncode == 0, f"RUN {command}\n{done.stdout}"


def parse(text: str) -> list[tuple[str, str]]:
    """Return the instructions of a Dockerfile; comments go, continued lines are one."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    steps = (line.strip().partition(" ") for line in joined.splitlines() if line.strip())
    return [(word.upper(), rest.strip()) for word, _, rest in steps]


def _shell(command: str) -> list[str]:
    return ["/bin/sh", "-c", command]


def _read_ignored(context: Path) -> PatternList:
    """Read .dockerignore: as .gitignore, but every line is bound to the context's folder."""
    lines = (context / ".dockerignore").read_text().splitlines()
    return PatternList(line if line.startswith(("#", "**/")) else f"/{line}" for line in lines)
