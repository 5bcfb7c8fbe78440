"""The configuration a worker process is started with (CONFIG_JSON, its only argument)."""

from __future__ import annotations

import os

from synapse_worker.plain_json import loads

TYPE_CHECKING = False  # importing typing costs 9 ms of a cold start
if TYPE_CHECKING:
    from collections.abc import Mapping

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
        "resource_limits",
        "typed",
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
        resource_limits: Mapping[str, int] | None = None,
        typed: bool = False,
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
        # What the kernel holds the process to, by name; empty for no limits of ours.
        self.resource_limits = resource_limits or {}
        # Every worker will be asked for the fingerprint of its schema: a zygote describes all before it forks.
        self.typed = typed

    @property
    def script(self) -> str:
        """The absolute path of the entrypoint."""
        return os.path.join(self.directory, self.entrypoint)

    @property
    def default_name(self) -> str:
        """What a module is called that does not say it itself."""
        return self.name or os.path.splitext(self.entrypoint)[0]

    @classmethod
    def from_json(cls, text: str) -> WorkerConfig:
        """Parse CONFIG_JSON.

        Raises:
            ValueError: a field is missing or has a value this version does not know.
        """
        fields = loads(text)
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
            resource_limits=_resource_limits(fields.get("resource_limits")),
            typed=fields.get("typed") is True,
        )


def _resource_limits(limits: object) -> Mapping[str, int] | None:
    if not limits:
        return None
    from synapse_worker.worker.resource_limits import check_resource_limits

    return check_resource_limits(limits)
