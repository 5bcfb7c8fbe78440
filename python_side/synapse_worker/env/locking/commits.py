"""Finds the commit that a repository's branch or tag is at: a lock names nothing that can move."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..errors import REQUIREMENTS_INVALID, ModuleEnvironmentError
from ..tools.tool_settings import tool_environment

if TYPE_CHECKING:
    from ..sources.requirement_line import RequirementLine
    from ..tools.toolrun import ToolRunner

_COMMIT = re.compile(r"@(?P<commit>[0-9a-f]{40})(?:#|$)")
_REVISION = re.compile(r"(?<=.)@(?P<revision>[^@/]+)$")


class Commits:
    """Asks git, once for each repository."""

    def __init__(self, runner: ToolRunner, resolved: list[RequirementLine]) -> None:
        self._runner = runner
        # uv has named them already.
        self._known = {
            _repository(line): found["commit"]
            for line in resolved
            if line.kind == "vcs" and (found := _COMMIT.search(line.target or ""))
        }

    def of(self, line: RequirementLine) -> str:
        """Return the commit of a requirement's repository.

        Raises:
            ModuleEnvironmentError: it is not one of git's, or has no such revision (`REQUIREMENTS_INVALID`).
            ToolError: git failed.
        """
        named = _COMMIT.search(line.target or "")
        if named:
            return named["commit"]
        repository = _repository(line)
        if repository not in self._known:
            self._known[repository] = self._ask(line, repository)
        return self._known[repository]

    def _ask(self, line: RequirementLine, repository: str) -> str:
        target = line.address.partition("#")[0]
        if not target.startswith("git+"):
            raise _unknown(line, "only repositories of git can be locked")
        found = _REVISION.search(target.partition("://")[2])
        revision = found["revision"] if found else "HEAD"
        command = ["git", "ls-remote", "--exit-code", repository, revision, f"{revision}^{{}}"]
        environment = {**tool_environment(), "GIT_TERMINAL_PROMPT": "0"}
        lines = self._runner.run("Looking up a repository's commit", command, env=environment)
        commits = [line.split("\t")[0] for line in lines if re.match(r"^[0-9a-f]{40}\t", line)]
        if not commits:
            raise _unknown(line, f'it has no branch or tag "{revision}"')
        # Of a signed tag the second line is the commit itself.
        return commits[-1]


def _repository(line: RequirementLine) -> str:
    """Return the address as git takes it, without revision and fragment."""
    scheme, _, rest = line.address.partition("#")[0].partition("://")
    return f"{scheme.removeprefix('git+')}://{_REVISION.sub('', rest)}"


def _unknown(line: RequirementLine, problem: str) -> ModuleEnvironmentError:
    return ModuleEnvironmentError(
        REQUIREMENTS_INVALID,
        f'"{line.target or line.text}" cannot be locked: {problem}.',
        hint="Name a full commit behind the address (`…@<40 digits>`).",
    )
