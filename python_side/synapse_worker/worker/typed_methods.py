"""User code made ready to be served: functions, and what is called of a service.

Conversions stand around it where there are annotations, and nothing at all where there are none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from synapse_worker.worker.served_method import ServedMethod

if TYPE_CHECKING:
    from collections.abc import Callable

    from synapse_worker.worker.callbacks import Callbacks
    from synapse_worker.worker.instances import Instances
    from synapse_worker.worker.method import Method
    from synapse_worker.worker.module import Module
    from synapse_worker.worker.services import Service, ServiceMethod


class TypedMethods:
    """Makes methods ready, each when it is first called."""

    def __init__(self, module: Module, instances: Instances, callbacks: Callbacks) -> None:
        self._module = module
        self._instances = instances
        self._callbacks = callbacks

    def of_function(self, method: Method) -> ServedMethod:
        """Make a function of the module ready."""
        return self._served(method, method.name, method.function)

    def of_method(self, service: Service, found: ServiceMethod, name: str) -> ServedMethod:
        """Make a method of a service ready; called on an instance, it takes its number first."""
        method = found.method
        if found.is_static:
            return self._served(method, name, method.function)
        instances = self._instances
        function_name = method.name

        def on_instance(number: Any, /, *args: Any, **kwargs: Any) -> Any:
            return getattr(instances.get(service, number), function_name)(*args, **kwargs)

        return self._served(method, name, on_instance)

    def of_constructor(self, service: Service, name: str) -> ServedMethod:
        """Make the constructor of a service ready: it returns the number of the new instance."""
        instances = self._instances

        def new(*args: Any, **kwargs: Any) -> int:
            instances.check_room()  # before user code does work for nothing
            return instances.add(service, service.cls(*args, **kwargs))

        return ServedMethod(name, service.cls, target=new)

    def _served(self, method: Method, name: str, target: Callable[..., Any]) -> ServedMethod:
        if method.is_stream and not method.is_generator:
            target = _iterated_async(target) if method.is_async else _iterated(target)
        return ServedMethod(
            name,
            method.function,
            target=target,
            is_async=method.is_async,
            is_stream=method.is_stream,
        )


def _iterated(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a generator function over what `function` returns: an iterator that is none of its own."""

    def iterate(*args: Any, **kwargs: Any) -> Any:
        yield from function(*args, **kwargs)

    return iterate


def _iterated_async(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return an async generator function over what `function` returns, be it awaitable or not."""

    async def iterate(*args: Any, **kwargs: Any) -> Any:
        source = function(*args, **kwargs)
        if hasattr(source, "__await__"):
            source = await source
        if not hasattr(source, "__aiter__"):
            for item in source:
                yield item
            return
        try:
            async for item in source:
                yield item
        finally:
            close = getattr(source, "aclose", None)
            if close is not None:
                await close()

    return iterate
