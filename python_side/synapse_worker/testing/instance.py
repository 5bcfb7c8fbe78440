"""`InstanceTest`: one instance of a service, as its client sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Generator

    from typing_extensions import Self


class _Calls(Protocol):
    """The part of a `ModuleTest` that an instance needs."""

    def call(self, method: str, /, *args: Any, **kwargs: Any) -> Any:
        """Call a method."""

    def stream(self, method: str, /, *args: Any, **kwargs: Any) -> Generator[Any, None, None]:
        """Open a stream."""


class InstanceTest:
    """A service instance in the module under test. `ModuleTest.new` makes one."""

    def __init__(self, module: _Calls, service: str, reference: int) -> None:
        self._module = module
        self._service = service
        self._closed = False
        # The number the instance goes by on the wire.
        self.reference = reference

    def call(self, method: str, /, *args: Any, **kwargs: Any) -> Any:
        """Call a method of the instance and return its result.

        Raises:
            SynapseError: the call failed; `SERVICE_CLOSED` once the instance is closed.
        """
        return self._module.call(f"{self._service}.{method}", self.reference, *args, **kwargs)

    def stream(self, method: str, /, *args: Any, **kwargs: Any) -> Generator[Any, None, None]:
        """Iterate over what a generator method yields.

        Raises:
            SynapseError: the stream failed.
        """
        return self._module.stream(f"{self._service}.{method}", self.reference, *args, **kwargs)

    def close(self) -> None:
        """Let the module forget the instance, which closes it if it can be closed. Idempotent."""
        if not self._closed:
            self._closed = True
            self._module.call(f"{self._service}.$dispose", self.reference)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
