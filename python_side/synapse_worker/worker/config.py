"""The configuration a worker process is started with (CONFIG_JSON, its only argument)."""

from __future__ import annotations

import json
import os

DIALECTS = ("native", "raw", "auto")
CHANNELS = ("auto", "socket", "stdio")


class WorkerConfig:
    """What to run and how to talk: one parsed CONFIG_JSON. Paths are absolute."""

    __slots__ = (
        "channel",
        "describe",
        "dialect",
        "directory",
        "entrypoint",
        "max_frame_bytes",
        "name",
    )

    def __init__(
        self,
        directory: str,
        entrypoint: str,
        *,
        dialect: str = "auto",
        channel: str = "auto",
        max_frame_bytes: int | None = None,
        name: str | None = None,
        describe: bool = False,
    ) -> None:
        if dialect not in DIALECTS:
            raise ValueError(f"dialect must be one of {', '.join(DIALECTS)}, not {dialect!r}")
        if channel not in CHANNELS:
            raise ValueError(f"channel must be one of {', '.join(CHANNELS)}, not {channel!r}")
        self.directory = directory
        self.entrypoint = entrypoint
        self.dialect = dialect
        self.channel = channel
        self.max_frame_bytes = max_frame_bytes
        self.name = name
        # Import only, to be asked for the schema: no setup hook runs.
        self.describe = describe

    @property
    def script(self) -> str:
        """The absolute path of the entrypoint."""
        return os.path.join(self.directory, self.entrypoint)

    @classmethod
    def from_json(cls, text: str) -> WorkerConfig:
        """Parse CONFIG_JSON.

        Raises:
            ValueError: a field is missing or has a value this version does not know.
        """
        fields = json.loads(text)
        if not isinstance(fields, dict):
            raise ValueError("the configuration must be a JSON object")
        for required in ("directory", "entrypoint"):
            if not isinstance(fields.get(required), str):
                raise ValueError(f"the configuration lacks the string {required!r}")
        limits = fields.get("limits") or {}
        return cls(
            fields["directory"],
            fields["entrypoint"],
            dialect=fields.get("dialect") or "auto",
            channel=fields.get("channel") or "auto",
            max_frame_bytes=limits.get("max_frame_bytes"),
            name=fields.get("name"),
            describe=fields.get("describe") is True,
        )
