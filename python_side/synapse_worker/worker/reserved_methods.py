"""Methods that every module has: their names begin with `$`, which no Python name does.

`$schema` describes the module. It is computed when it is first asked for: a worker that nobody asks
never imports what describing takes. Who asks with a hash is a generated client that connects: its methods
are made ready then, outside the clock of their first calls.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from synapse_worker.worker.served_method import ServedMethod

if TYPE_CHECKING:
    from collections.abc import Callable

    from synapse_worker.schema.definitions import Schema

SCHEMA = "$schema"


class SchemaMethod:
    """Answers `$schema`."""

    def __init__(
        self, name: str, describe: Callable[[], tuple[Schema, str]], prepare: Callable[[], None]
    ) -> None:
        self._name = name
        self._describe = describe
        self._prepare = prepare

    def served(self) -> ServedMethod:
        """Return the method for the dispatcher."""
        return ServedMethod(SCHEMA, self.answer)

    def answer(self, known_hash: str | None = None, *, full: bool = False) -> dict[str, Any]:
        """Return the schema's hash, its members unless the hash is known, and with `full` all of it.

        Raises:
            SynapseError: `SCHEMA_INVALID`, the module cannot be described.
        """
        from synapse_worker.schema.fingerprint import members

        schema, own_hash = self._described()
        if known_hash is not None:
            self._prepare()
        answer: dict[str, Any] = {"hash": own_hash}
        if full or known_hash != own_hash:
            answer["members"] = members(schema)
        if full:
            from synapse_worker.schema.json_form import schema_to_json

            answer["schema"] = schema_to_json(schema)
        return answer

    def _described(self) -> tuple[Schema, str]:
        from synapse_worker.protocol.errors import SynapseError
        from synapse_worker.worker.tracebacks import user_location

        try:
            return self._describe()
        except SynapseError:
            raise
        except Exception as error:  # annotations are user code, and are evaluated here
            raise SynapseError(
                "SCHEMA_INVALID",
                f"The module {self._name!r} cannot be described: {type(error).__name__}: {error}",
                details=user_location(error),
                cause=error,
            ) from error
