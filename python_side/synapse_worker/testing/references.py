"""The test's functions and iterables among the arguments of a call, by the numbers they travel as."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterator
from typing import TYPE_CHECKING, Any

from synapse_worker.protocol.codec import CallbackReference, StreamReference

if TYPE_CHECKING:
    from collections.abc import Callable

Source = Iterator[Any] | AsyncIterable[Any]


class References:
    """Numbers what stays with the test, for as long as the call lasts that it is an argument of."""

    def __init__(self) -> None:
        self.functions: dict[int, Callable[..., Any]] = {}
        self.sources: dict[int, Source] = {}
        self._last_id = 0

    def referred(self, value: Any, ids: list[int]) -> Any:
        """Return `value` with references in the places of functions and iterators; add their numbers to `ids`."""
        if isinstance(value, list | tuple):
            return [self.referred(item, ids) for item in value]
        if isinstance(value, dict):
            return {key: self.referred(item, ids) for key, item in value.items()}
        if hasattr(value, "__aiter__") or hasattr(value, "__next__"):
            number = self._number(ids)
            self.sources[number] = value
            return StreamReference(number)
        if callable(value) and not isinstance(value, type):
            number = self._number(ids)
            self.functions[number] = value
            return CallbackReference(number)
        return value

    def release(self, ids: list[int]) -> None:
        """Forget what came with a call: it has settled."""
        for number in ids:
            self.functions.pop(number, None)
            self.sources.pop(number, None)

    def _number(self, ids: list[int]) -> int:
        self._last_id += 1
        ids.append(self._last_id)
        return self._last_id
