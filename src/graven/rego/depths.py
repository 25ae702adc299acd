"""Owns how deep rules may ask rules: a depth that is counted, and that no stack of a caller lessens.

What does not fit on the stack of the caller is done once more on a stack of its own, and there, after so many levels,
each time on the next one. So neither Python's limit of recursion, which is one for all threads, is raised, nor can the
stack of the machine run over.
"""

from __future__ import annotations

import sys
from _thread import allocate_lock, stack_size, start_new_thread
from collections.abc import Callable

from graven.record import TYPE_CHECKING
from graven.rego.faults import too_deep
from graven.rego.values import Value

if TYPE_CHECKING:
    from typing import Any, Protocol, TypeVar

    Made = TypeVar("Made")

    class Run(Protocol):
        """An evaluation that can be begun anew."""

        program: Any

        def again(self, printed: int = 0) -> None:
            """Begin to count anew."""


__all__ = ["DEEPEST", "afresh", "deeper", "hopping", "levels", "on_any_stack", "once_more"]

DEEPEST = 10_000
"""So many rules, or terms, may be inside one another."""
_FRAMES = 40
"""So many frames of Python may a level take, at the most, on the average over one stack."""
_MOST = 100
"""Levels on one stack, be the limit of recursion ever so high."""
_STACK = 8 << 20
"""Bytes that are set aside for a stack; memory is taken for what is used of them."""
_STARTING = allocate_lock()


def levels() -> int:
    """Give how many levels are put on one stack."""
    return min(_MOST, max(1, sys.getrecursionlimit() // _FRAMES))


def afresh(work: Callable[[], Made]) -> Made:
    """Do something on a stack of its own, and wait for it; what it raises is raised here.

    Raises:
        BudgetExhausted: the machine gives no further thread.
    """
    made: list[Made] = []
    raised: list[BaseException] = []
    done = allocate_lock()
    done.acquire()

    def run() -> None:
        try:
            made.append(work())
        except BaseException as e:  # noqa: BLE001 - all that is raised is the caller's to see
            raised.append(e)
        finally:
            done.release()

    with _STARTING:
        before = stack_size(_STACK)
        try:
            start_new_thread(run, ())
        except RuntimeError:
            raise too_deep() from None
        finally:
            stack_size(before)
    done.acquire()
    if raised:
        raise raised.pop()
    return made[0]


def on_any_stack(work: Callable[[], Made]) -> Made:
    """Do something, and where the stack of the caller does not hold it once more on one of its own.

    Raises:
        RecursionError: neither holds it.
    """
    try:
        return work()
    except RecursionError:
        return afresh(work)


def deeper(depth: int, work: Callable[[], Made]) -> Made:
    """Do something at a depth, on the next stack where this one has its levels.

    Raises:
        RecursionError: it is too deep.
    """
    if depth % levels():
        return work()
    if depth > DEEPEST:
        raise RecursionError
    return afresh(work)


def hopping(function: Callable[..., Value]) -> Callable[..., Value]:
    """Give the function of a rule that goes to the next stack where it must."""
    each = levels()

    def call(state: Value, *operands: Value) -> Value:
        run = state.run
        run.depth += 1
        try:
            if run.depth % each:
                return function(state, *operands)
            if run.depth > DEEPEST:
                raise too_deep()
            return afresh(lambda: function(state, *operands))
        finally:
            run.depth -= 1

    return call


def once_more(run: Run, work: Callable[[], Made], printed: int = 0) -> Made:
    """Do again what the stack did not hold: with all steps of the run, and what the world answered.

    Raises:
        BudgetExhausted: it is nested too deeply for any stack.
    """
    run.program.deepen()
    run.again(printed)
    try:
        return afresh(work)
    except RecursionError:
        raise too_deep() from None
