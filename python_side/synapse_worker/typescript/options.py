"""What the text of a client can be asked to be."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class RenderOptions:
    """The choices of `synapse generate`."""

    # "esm" or "cjs".
    module: str = "esm"
    # Methods, parameters and fields in camelCase; the plans translate.
    camel_case: bool = False
    # Aware datetimes as bigint epoch nanoseconds, both ways.
    exact_times: bool = False
    # Every result is checked in the client.
    checked: bool = False
    # Options that were given against the module's settings, where they ask for a default.
    defaults: tuple[str, ...] = ()
    # Where the module's folder is, from the nearest package.json of the generated file.
    directory: str = "."
    # Python name → where its codec stands: {"import": …, "export": …, "type": …}.
    codecs: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def words(self) -> list[str]:
        """The options of `synapse generate` that ask for the same text, whatever its settings say."""
        flags = {
            "--camel-case": self.camel_case,
            "--exact-times": self.exact_times,
            "--checked": self.checked,
        }
        module = ["--module", self.module] if self.module != "esm" else []
        return [*module, *(flag for flag, is_chosen in flags.items() if is_chosen), *self.defaults]


class GenerationError(ValueError):
    """The schema cannot be said in TypeScript; the message says what to change."""
