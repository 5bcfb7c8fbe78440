"""Everything that can be called by name: methods of the module, of its services, and our own.

A name is made ready when it is first called, so that a worker pays only for what is used of it.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from synapse_worker.protocol.errors import SynapseError
from synapse_worker.worker.instances import dispose, is_disposed_async
from synapse_worker.worker.plans import Plans
from synapse_worker.worker.reserved_methods import SCHEMA, SchemaMethod
from synapse_worker.worker.served_method import ServedMethod
from synapse_worker.worker.services import DISPOSE, NEW
from synapse_worker.worker.typed_methods import TypedMethods

if TYPE_CHECKING:
    from synapse_worker.worker.callbacks import Callbacks
    from synapse_worker.worker.module import Module
    from synapse_worker.worker.services import Service


class Roster:
    """The callable names of one module, in one worker."""

    def __init__(
        self, module: Module, name: str, callbacks: Callbacks, plans: Plans | None = None
    ) -> None:
        self._module = module
        plans = plans or Plans(module, name)
        self.instances = plans.instances
        self._typed = TypedMethods(plans, self.instances, callbacks)
        # What has been called before; the dispatcher looks here first.
        self.ready: dict[str, ServedMethod] = {
            SCHEMA: SchemaMethod(name, plans.schema, self.prepare).served()
        }

    def names(self) -> list[str]:
        """Return the names to offer to someone who asked for one that is not there."""
        names = list(self._module.methods)
        for service in self._module.services.values():
            names += (f"{service.name}.{name}" for name in service.methods)
        return names

    def prepare(self) -> None:
        """Make every method ready, so that no first call pays for it; one that cannot be says so when called."""
        made = [f"{service.name}.{NEW}" for service in self._module.services.values()]
        for name in [*self.names(), *made]:
            if name not in self.ready:
                with suppress(SynapseError):
                    self.find(name)

    def find(self, name: str) -> ServedMethod | None:
        """Make the method of that name ready; None if there is none.

        Raises:
            SynapseError: it is there, but its annotations are no description of it.
        """
        served = self._find(name)
        if served is not None:
            self.ready[name] = served
        return served

    def _find(self, name: str) -> ServedMethod | None:
        method = self._module.methods.get(name)
        if method is not None:
            return self._typed.of_function(method)
        owner, _, member = name.rpartition(".")
        service = self._module.services.get(owner)
        return None if service is None else self._of_service(service, name, member)

    def _of_service(self, service: Service, name: str, member: str) -> ServedMethod | None:
        if member == NEW:
            return self._typed.of_constructor(service, name)
        if member == DISPOSE:
            return self._disposer(service, name)
        found = service.methods.get(member)
        return None if found is None else self._typed.of_method(service, found, name)

    def _disposer(self, service: Service, name: str) -> ServedMethod:
        instances = self.instances

        def take(instance: int, received: int | None) -> Any:
            if received is None:
                return instances.take(service, instance)
            return instances.give_back(service, instance, received)

        def disposer(instance: int, received: int | None = None) -> None:
            taken = take(instance, received)
            if taken is not None:
                dispose(taken)

        async def async_disposer(instance: int, received: int | None = None) -> None:
            taken = take(instance, received)
            if taken is not None:
                await dispose(taken)

        is_async = is_disposed_async(service.cls)
        return ServedMethod(name, async_disposer if is_async else disposer, is_async=is_async)


def described(module: Module) -> dict[str, dict[str, Any]]:
    """Return the `methods` of the HELLO."""
    methods = {name: method.describe() for name, method in module.methods.items()}
    for service in module.services.values():
        methods.update(service.describe())
    return methods
