"""User code made ready to be served: functions, and what is called of a service.

Conversions stand around it where there are annotations, and nothing at all where there are none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from synapse_worker.worker.omitted import filling, may_omit
from synapse_worker.worker.served_method import ServedMethod

if TYPE_CHECKING:
    from collections.abc import Callable

    from synapse_worker.conversion import FunctionPlan
    from synapse_worker.worker.callbacks import Callbacks
    from synapse_worker.worker.instances import Instances
    from synapse_worker.worker.method import Method
    from synapse_worker.worker.plans import Plan, Plans
    from synapse_worker.worker.served_method import Decoding
    from synapse_worker.worker.services import Service, ServiceMethod


class TypedMethods:
    """Makes methods ready, each when it is first called."""

    def __init__(self, plans: Plans, instances: Instances, callbacks: Callbacks) -> None:
        self._plans = plans
        self._instances = instances
        self._callbacks = callbacks

    def of_function(self, method: Method) -> ServedMethod:
        """Make a function of the module ready.

        Raises:
            SynapseError: `SCHEMA_INVALID`, its annotations cannot be described.
        """
        plan = self._plans.of_function(method) if method.is_annotated else None
        return self._served(method, method.name, method.function, plan)

    def of_method(self, service: Service, found: ServiceMethod, name: str) -> ServedMethod:
        """Make a method of a service ready; called on an instance, it takes its number first.

        Raises:
            SynapseError: as `of_function`.
        """
        method = found.method
        plan = None
        if method.is_annotated:
            plan = self._plans.of_service_method(service, method.name)
        if found.is_static:
            return self._served(method, name, method.function, plan)
        instances = self._instances
        function_name = method.name

        def on_instance(number: Any, /, *args: Any, **kwargs: Any) -> Any:
            return getattr(instances.get(service, number), function_name)(*args, **kwargs)

        return self._served(method, name, on_instance, plan, leading=1)

    def of_constructor(self, service: Service, name: str) -> ServedMethod:
        """Make the constructor of a service ready: it returns the number of the new instance.

        Raises:
            SynapseError: as `of_function`.
        """
        instances = self._instances

        def new(*args: Any, **kwargs: Any) -> int:
            instances.check_room()  # before user code does work for nothing
            return instances.add(service, service.cls(*args, **kwargs))

        if not service.is_annotated:
            init = getattr(service.cls, "__init__")  # noqa: B009  # a method to mypy otherwise
            target = filling(new, service.cls, name) if may_omit(init) else new
            return ServedMethod(name, service.cls, target=target)
        plan = self._plans.of_constructor(service)
        convert_arguments = plan.conversion.convert_arguments
        target = _converting(new, convert_arguments, self._callbacks.bind, None, 0)
        return ServedMethod(
            name,
            service.cls,
            target=target,
            accepts_functions=plan.accepts_functions,
            decoding=_decoding(plan.conversion, new, target, 0),
        )

    def _served(
        self,
        method: Method,
        name: str,
        target: Callable[..., Any],
        plan: Plan | None,
        *,
        leading: int = 0,
    ) -> ServedMethod:
        is_stream = method.is_stream if plan is None else plan.function.is_stream
        is_async = method.is_async or (plan is not None and plan.function.is_async)
        convert_item = decoding = None
        if plan is not None:
            conversion = plan.conversion
            convert_result = None if is_stream else conversion.convert_result
            convert_item = conversion.convert_item if is_stream else None
            is_awaited = is_async and not is_stream
            wrap = _converting_async if is_awaited else _converting
            wrap_decoded = _converting_result_async if is_awaited else _converting_result
            decoded_target = wrap_decoded(target, convert_result)
            convert_arguments = conversion.convert_arguments
            target = wrap(target, convert_arguments, self._callbacks.bind, convert_result, leading)
            decoding = _decoding(conversion, decoded_target, target, leading)
        if plan is None and may_omit(method.function):
            target = filling(target, method.function, name, leading=leading)
        if is_stream and not method.is_generator:
            target = _iterated_async(target) if is_async else _iterated(target)
        return ServedMethod(
            name,
            method.function,
            target=target,
            is_async=is_async,
            is_stream=is_stream,
            accepts_functions=plan is None or plan.accepts_functions,
            convert_item=convert_item,
            decoding=decoding,
        )


def _decoding(
    conversion: FunctionPlan,
    decoded_target: Callable[..., Any],
    target: Callable[..., Any],
    leading: int,
) -> Callable[[int], Decoding]:
    """Return how arguments by position are decoded, and which target takes them then."""

    def decoding(count: int) -> Decoding:
        types = conversion.argument_types(count - leading)
        if types is None:
            return tuple, target
        if leading:
            types = tuple.__class_getitem__((*[Any] * leading, *types.__args__))
        fills = [(leading + at, fill) for at, fill in conversion.fills(count - leading)]
        return types, _completing(decoded_target, fills) if fills else decoded_target

    return decoding


def _completing(
    function: Callable[..., Any], fills: list[tuple[int, Callable[[Any], None]]]
) -> Callable[..., Any]:
    """Return `function`, called when these of its arguments have been given what their classes have for them."""

    def completing(*args: Any) -> Any:
        for position, fill in fills:
            fill(args[position])
        return function(*args)

    return completing


def _converting_result(
    function: Callable[..., Any], convert_result: Callable[[Any], Any] | None
) -> Callable[..., Any]:
    """Return `function`, which takes its arguments as they have been decoded, with its result converted."""
    if convert_result is None:
        return function

    def converting(*args: Any) -> Any:
        return convert_result(function(*args))

    return converting


def _converting_result_async(
    function: Callable[..., Any], convert_result: Callable[[Any], Any] | None
) -> Callable[..., Any]:
    """Return `_converting_result` for a function whose result is to be awaited."""

    async def converting(*args: Any) -> Any:
        value = function(*args)
        if hasattr(value, "__await__"):
            value = await value
        return value if convert_result is None else convert_result(value)

    return converting


def _converting(
    function: Callable[..., Any],
    convert_arguments: Callable[..., Any],
    bind: Callable[..., Any],
    convert_result: Callable[[Any], Any] | None,
    leading: int,
) -> Callable[..., Any]:
    """Return `function` with its values converted, but for the `leading` arguments that are ours."""

    def converting(*args: Any, **kwargs: Any) -> Any:
        given, named = convert_arguments(list(args[leading:]), kwargs, bind)
        value = function(*args[:leading], *given, **named)
        return value if convert_result is None else convert_result(value)

    return converting


def _converting_async(
    function: Callable[..., Any],
    convert_arguments: Callable[..., Any],
    bind: Callable[..., Any],
    convert_result: Callable[[Any], Any] | None,
    leading: int,
) -> Callable[..., Any]:
    """Return `_converting` for a function whose result is to be awaited."""

    async def converting(*args: Any, **kwargs: Any) -> Any:
        given, named = convert_arguments(list(args[leading:]), kwargs, bind)
        value = function(*args[:leading], *given, **named)
        if hasattr(value, "__await__"):
            value = await value
        return value if convert_result is None else convert_result(value)

    return converting


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
