"""What user code gets for references: functions that call the client's, and streams of its items."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from synapse_worker.protocol.codec import CallbackReference, StreamReference
from synapse_worker.protocol.codec.references import REFERENCE_ATTRIBUTE
from synapse_worker.worker.context import current_context
from synapse_worker.worker.uploads import Upload

if TYPE_CHECKING:
    from collections.abc import Callable

    from synapse_worker.conversion import CallbackPlan, StreamPlan
    from synapse_worker.protocol.codec.references import Reference
    from synapse_worker.worker.callback_calls import CallbackCalls
    from synapse_worker.worker.client_requests import ClientRequests
    from synapse_worker.worker.context import Context


class Callbacks:
    """Makes functions and streams of references. They are bound to the call that they came with."""

    def __init__(self, calls: CallbackCalls, requests: ClientRequests) -> None:
        self._calls = calls
        self._requests = requests

    def bind(self, reference: Reference, plan: CallbackPlan | StreamPlan) -> Any:
        """Return what an annotated parameter gets; the current context is that of its call."""
        context = current_context()
        if isinstance(reference, StreamReference):
            convert = cast("StreamPlan", plan).decode_item
            return Upload(self._requests, reference, context, convert)
        return self._function(
            cast("CallbackReference", reference), cast("CallbackPlan", plan), context
        )

    def _function(
        self, reference: CallbackReference, plan: CallbackPlan, context: Context
    ) -> Callable[..., Any]:
        call, call_async = self._calls.call, self._calls.call_async
        callback_id = reference.id

        def callback(*args: Any) -> Any:
            plain = plan.encode_arguments(args)
            return plan.decode_result(call(callback_id, context, plain))

        async def async_callback(*args: Any) -> Any:
            plain = plan.encode_arguments(args)
            return plan.decode_result(await call_async(callback_id, context, plain))

        return async_callback if plan.is_async else callback

    def bind_all(self, arguments: Any, context: Context, *, is_async: bool) -> None:
        """Put a function or stream in the place of every reference in a list or dict of arguments.

        For arguments of which no annotation says what they are; if the method is `async def`, the functions are
        to be awaited. Where an annotation says more after all, `bind` makes another of the reference.
        """
        self._replace(arguments, context, is_async)

    def _replace(self, value: Any, context: Context, is_async: bool) -> Any:
        if type(value) is CallbackReference:
            return self._plain(value, context, is_async)
        if type(value) is StreamReference:
            return Upload(self._requests, value, context)
        if type(value) is list:
            value[:] = [self._replace(item, context, is_async) for item in value]
        elif type(value) is dict:
            for key, item in value.items():
                value[key] = self._replace(item, context, is_async)
        return value

    def _plain(
        self, reference: CallbackReference, context: Context, is_async: bool
    ) -> Callable[..., Any]:
        call, call_async = self._calls.call, self._calls.call_async
        callback_id = reference.id

        def callback(*args: Any) -> Any:
            return call(callback_id, context, list(args))

        async def async_callback(*args: Any) -> Any:
            return await call_async(callback_id, context, list(args))

        function = async_callback if is_async else callback
        setattr(function, REFERENCE_ATTRIBUTE, reference)
        return function
