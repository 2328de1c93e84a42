"""How asynchronous twins are made of synchronous methods: each call runs in a greenlet that yields while it waits.

There is one body of code. `Lifted(Contacts.get)` in a class of asynchronous questions is the same method, awaited, with
the same parameters and the same answer, known to type checkers.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator
from itertools import islice
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, Self, TypeVar, overload

__all__ = ["Drive", "Driven", "Lifted", "Streamed", "driven", "to_the_end"]

P = ParamSpec("P")
S = TypeVar("S")
T = TypeVar("T")
_CHUNK = 500
"""How many items of a stream are fetched at once: as many as a page of contacts holds."""


class Drive(Protocol):
    """The way to run something synchronous from a coroutine."""

    async def __call__(self, call: Callable[[], T]) -> T:
        """Run it and return its answer."""
        ...


async def driven(call: Callable[[], T]) -> T:
    """Run something synchronous in a greenlet: what it asks of an asynchronous driver is awaited by this task.

    Args:
        call: Anything; while it waits for the database, other tasks run. While it computes, they do not.

    Examples:
        >>> asyncio.run(driven(lambda: 6 * 7))
        42
    """
    from sqlalchemy.util import greenlet_spawn

    return await greenlet_spawn(call)


async def to_the_end(work: Coroutine[Any, Any, T]) -> T:
    """Await something that must not be torn: a task that is cancelled meanwhile is cancelled when it is done.

    Args:
        work: Such as a commit. A second cancellation goes through to it.
    """
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        try:
            await asyncio.wait((task,))
        except asyncio.CancelledError:
            task.cancel()
            await asyncio.wait((task,))
        if not task.cancelled():
            task.exception()  # looked at: whoever is cancelled is told nothing else
        raise


class Driven:
    """Has something synchronous, and the way to call it."""

    def __init__(self, drive: Drive, target: Callable[[], Any]) -> None:
        """Stand before something synchronous.

        Args:
            drive: Runs its methods.
            target: Returns it.
        """
        self._drive, self._target = drive, target

    async def _ask(self, question: Callable[[Any], T]) -> T:
        return await self._drive(lambda: question(self._target()))

    async def _stream(self, opened: Callable[[Any], Iterator[T]]) -> AsyncGenerator[T]:
        """Yield what a synchronous iterator yields, a few hundred a step; it is closed whatever happens."""
        items = await self._ask(opened)
        try:
            while chunk := await self._drive(lambda: list(islice(items, _CHUNK))):
                for item in chunk:
                    yield item
        finally:
            close = getattr(items, "close", None)
            if close is not None:
                await to_the_end(self._drive(close))


class Lifted(Generic[P, T]):
    """A method of something synchronous, as a method to be awaited."""

    def __init__(self, method: Callable[Concatenate[S, P], T]) -> None:
        """Lift a method.

        Args:
            method: As its class has it, such as `Contacts.get`; an override in the class of the object is honoured.
        """
        self._name: str = method.__name__
        self.__wrapped__, self.__doc__ = method, method.__doc__

    @overload
    def __get__(self, owner: None, kind: type[Any]) -> Self: ...

    @overload
    def __get__(self, owner: Driven, kind: type[Any]) -> Callable[P, Coroutine[Any, Any, T]]: ...

    def __get__(self, owner: Driven | None, kind: type[Any]) -> Self | Callable[P, Coroutine[Any, Any, T]]:
        """Return the method to be awaited."""
        if owner is None:
            return self
        ask, name = owner._ask, self._name  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]

        async def called(*args: P.args, **kwargs: P.kwargs) -> T:
            answer: T = await ask(lambda target: getattr(target, name)(*args, **kwargs))
            return answer

        called.__name__, called.__doc__ = name, self.__doc__
        return called


class Streamed(Generic[P, T]):
    """A method of something synchronous that yields, as a method whose answer is read with `async for`."""

    def __init__(self, method: Callable[Concatenate[S, P], Iterator[T]]) -> None:
        """Lift a method.

        Args:
            method: As its class has it, such as `Contacts.stream`.
        """
        self._name: str = method.__name__
        self.__wrapped__, self.__doc__ = method, method.__doc__

    @overload
    def __get__(self, owner: None, kind: type[Any]) -> Self: ...

    @overload
    def __get__(self, owner: Driven, kind: type[Any]) -> Callable[P, AsyncGenerator[T]]: ...

    def __get__(self, owner: Driven | None, kind: type[Any]) -> Self | Callable[P, AsyncGenerator[T]]:
        """Return the method that streams."""
        if owner is None:
            return self
        stream, name = owner._stream, self._name  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]

        def called(*args: P.args, **kwargs: P.kwargs) -> AsyncGenerator[T]:
            return stream(lambda target: getattr(target, name)(*args, **kwargs))

        called.__name__, called.__doc__ = name, self.__doc__
        return called
