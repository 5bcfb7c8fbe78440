"""Instances of services that live in this worker, by the number a caller knows them by."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from synapse_worker.protocol.errors import SynapseError

if TYPE_CHECKING:
    from collections.abc import Callable

    from synapse_worker.worker.event_loop import EventLoopThread
    from synapse_worker.worker.services import Service

MAX_INSTANCES = 10_000

# How an instance is let go of: the first of these that it has is called.
CLOSERS = ("__aexit__", "__exit__", "aclose", "close")


class Instances:
    """The table of instances. Numbers grow and are never used again."""

    def __init__(self) -> None:
        self._instances: dict[int, tuple[Service, Any]] = {}
        # By identity: those above are alive, so no two share one.
        self._numbers: dict[int, int] = {}
        # How often a number was returned, and has not been given back.
        self._returned: dict[int, int] = {}
        self._last = 0

    def __len__(self) -> int:
        return len(self._instances)

    def check_room(self) -> None:
        """Refuse one more instance where there are too many.

        Raises:
            SynapseError: `QUEUE_FULL`.
        """
        if len(self._instances) >= MAX_INSTANCES:
            raise SynapseError(
                "QUEUE_FULL",
                f"This worker holds {MAX_INSTANCES:,} instances of services, and takes no more. Close those "
                "that are not needed: `await using counter = await client.Counter.create()`.",
            )

    def add(self, service: Service, instance: Any) -> int:
        """Keep an instance; return its number. One that is kept already gets no second number.

        Raises:
            SynapseError: `QUEUE_FULL`, there are too many.
        """
        number = self._numbers.get(id(instance))
        if number is not None:
            self._returned[number] += 1
            return number
        self.check_room()
        self._last += 1
        self._instances[self._last] = (service, instance)
        self._numbers[id(instance)] = self._last
        self._returned[self._last] = 1
        return self._last

    def get(self, service: Service, number: object) -> Any:
        """Return an instance of `service`.

        Raises:
            SynapseError: `SERVICE_CLOSED`, there is none of that number.
        """
        found = self._instances.get(number) if type(number) is int else None
        if found is None or found[0] is not service:
            raise _closed(service, number)
        return found[1]

    def take(self, service: Service, number: object) -> Any:
        """Forget an instance and return it.

        Raises:
            SynapseError: `SERVICE_CLOSED`, there is none of that number.
        """
        instance = self.get(service, number)
        assert isinstance(number, int)
        del self._instances[number], self._numbers[id(instance)], self._returned[number]
        return instance

    def give_back(self, service: Service, number: object, received: int) -> Any:
        """Forget an instance that nobody knows any more, and return it; None if its number is on its way again.

        Args:
            service: its service.
            number: its number.
            received: how often the caller got the number.

        Raises:
            SynapseError: `SERVICE_CLOSED`, there is none of that number.
        """
        self.get(service, number)
        assert isinstance(number, int)
        self._returned[number] -= received
        return None if self._returned[number] > 0 else self.take(service, number)

    def dispose_all(self, loop: EventLoopThread) -> None:
        """Let go of every instance, the youngest first; one that fails does not keep the others from it."""
        while self._instances:
            number, (_, instance) = self._instances.popitem()
            del self._numbers[id(instance)], self._returned[number]
            try:
                result = dispose(instance)
                if hasattr(result, "__await__"):
                    loop.run(_awaited(result))
            except BaseException as error:
                from synapse_worker.worker.tracebacks import trim_chain

                trim_chain(error)
                sys.excepthook(type(error), error, error.__traceback__)


def dispose(instance: Any) -> Any:
    """Close an instance as its class knows to; return an awaitable where that is asynchronous."""
    for name in CLOSERS:
        # Python looks special methods up on the class; so do we.
        closer = getattr(type(instance) if name.startswith("__") else instance, name, None)
        if callable(closer):
            return closer(instance, None, None, None) if name.startswith("__") else closer()
    return None


def is_disposed_async(cls: type) -> bool:
    """Whether `dispose` of an instance of `cls` gives an awaitable."""
    from synapse_worker.worker.method import Method

    closer: Callable[..., Any] | None = next(
        (found for name in CLOSERS if callable(found := getattr(cls, name, None))), None
    )
    return closer is not None and Method(closer, "$dispose").is_async


async def _awaited(awaitable: Any) -> Any:
    return await awaitable


def _closed(service: Service, number: object) -> SynapseError:
    return SynapseError(
        "SERVICE_CLOSED",
        f"There is no instance {number!r} of {service.name} in this worker: it was closed, or its worker was "
        f"replaced. Create another: await client.{service.name}.create(…).",
        details={"service": service.name},
    )
