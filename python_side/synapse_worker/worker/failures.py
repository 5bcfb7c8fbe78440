"""The errors a worker answers with: what the caller did wrong, said so that they can mend it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from synapse_worker.protocol.errors import SynapseError, ValidationError
from synapse_worker.protocol.omitted import OMITTED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from synapse_worker.worker.served_method import ServedMethod

MAX_SUGGESTIONS = 3


def method_not_found(name: str, methods: Iterable[str]) -> SynapseError:
    """Say that there is no such method, and which were meant perhaps."""
    from difflib import get_close_matches

    offered = sorted(methods)
    matches = get_close_matches(name, offered, MAX_SUGGESTIONS)
    if matches:
        advice = f"Did you mean {' or '.join(map(repr, matches))}?"
    elif offered:
        advice = f"It has {', '.join(map(repr, offered[:20]))}{', …' if len(offered) > 20 else ''}."
    else:
        advice = "It has none: decorate functions with @app.method."
    return SynapseError(
        "METHOD_NOT_FOUND",
        f"The module has no method {name!r}. {advice}",
        details={"method": name, "matches": matches},
    )


def wrong_kind(method: ServedMethod) -> SynapseError:
    """Say that a stream was called, or a plain method opened as a stream."""
    if method.is_stream:
        return SynapseError(
            "IS_A_STREAM",
            f"{method.name!r} is a generator: read it as a stream, client.stream({method.name!r}, …).",
            details={"method": method.name},
        )
    return SynapseError(
        "NOT_A_STREAM",
        f"{method.name!r} is no generator: call it, client.call({method.name!r}, …).",
        details={"method": method.name},
    )


def cancelled(cause: BaseException | None = None, stack: str | None = None) -> SynapseError:
    """Say that the call was cancelled.

    `cause` is what its clean-up raised, if anything, `stack` where a coroutine was.
    """
    details = None if stack is None else {"stack": stack}
    return SynapseError(
        "CALL_CANCELLED", "The caller cancelled this call.", details=details, cause=cause
    )


def callback_released() -> SynapseError:
    """Say that a callback was called after its time."""
    return SynapseError(
        "CALLBACK_RELEASED",
        "The call that this callback came with has ended, and with it the callback. Call it before the method "
        "returns; to go on telling the caller something, make the method a generator.",
    )


def stream_released() -> SynapseError:
    """Say that a stream of the caller's was read after its time."""
    return SynapseError(
        "CALLBACK_RELEASED",
        "The call that this stream came with has ended, and with it the stream. Read it before the method "
        "returns; to answer item by item, make the method a generator.",
    )


def client_gone() -> SynapseError:
    """Say that nobody is left to be called."""
    return SynapseError("CLOSED", "The client has gone: its callbacks cannot be called any more.")


def closing() -> SynapseError:
    """Say that the worker takes no new calls: this one has not begun, and may go to another."""
    return SynapseError(
        "CLOSED",
        "The worker is shutting down and takes no new calls.",
        retryable=True,
    )


def recalled() -> SynapseError:
    """Say that the client has taken this call back before it began, for another worker."""
    return SynapseError(
        "CLOSED",
        "The call was taken back before it had begun.",
        retryable=True,
    )


def argument_mismatch(
    method: ServedMethod, error: BaseException, args: Sequence[Any], kwargs: Mapping[str, Any]
) -> SynapseError | None:
    """Return INVALID_ARGUMENTS if `error` means that the arguments do not fit the signature.

    A TypeError from within user code must not be mistaken for one from the call itself. The call
    itself leaves no frame of the function in the traceback; a decorator's wrapper leaves one, its own.
    """
    if type(error) is not TypeError or _frames_below_ours(error) > (
        1 if hasattr(method.function, "__wrapped__") else 0
    ):
        return None

    import inspect

    try:
        signature = inspect.signature(method.function)
        shown = str(signature)
    except BaseException:  # it has none, or a default value's __repr__ raises
        return None
    kwargs = {name: value for name, value in kwargs.items() if name != OMITTED}
    try:
        signature.bind(*args, **kwargs)
    except TypeError as mismatch:
        parameter, reason = _explain(signature, args, kwargs)
        if parameter in kwargs:
            got = type(kwargs[parameter]).__name__
        else:
            got = "nothing" if parameter else f"{len(args)} by position"
        return ValidationError(
            f"{method.name}{shown}: {reason or mismatch}",
            code="INVALID_ARGUMENTS",
            method=method.name,
            parameter=parameter,
            path=parameter,
            expected=shown,
            got=got,
        )
    return None


def _frames_below_ours(error: BaseException) -> int:
    from synapse_worker.protocol.errors import is_machinery

    count = 0
    traceback = error.__traceback__
    while traceback is not None:
        count += not is_machinery(traceback.tb_frame.f_code.co_filename)
        traceback = traceback.tb_next
    return count


def _explain(signature: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[str, str]:
    """Return the parameter at fault and a sentence about it."""
    parameters = list(signature.parameters.values())
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    takes_any_name = any(p.kind is p.VAR_KEYWORD for p in parameters)
    takes_any_position = any(p.kind is p.VAR_POSITIONAL for p in parameters)
    if len(args) > len(positional) and not takes_any_position:
        takes = f"{len(positional)} positional argument{'' if len(positional) == 1 else 's'}"
        given_were = "1 was" if len(args) == 1 else f"{len(args)} were"
        return "", f"it takes {takes}, but {given_were} given."
    given = {p.name for p in positional[: len(args)]}
    by_name = {p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
    for name in kwargs:
        if name in given and name in by_name:
            return name, f'the argument "{name}" was given twice, by position and by name.'
        if name not in by_name and not takes_any_name:
            return name, f'it has no parameter "{name}".'
    for parameter in parameters:
        required = parameter.default is parameter.empty and parameter.kind not in (
            parameter.VAR_POSITIONAL,
            parameter.VAR_KEYWORD,
        )
        if required and parameter.name not in given and parameter.name not in kwargs:
            return parameter.name, f'the argument "{parameter.name}" is missing.'
    return "", ""
