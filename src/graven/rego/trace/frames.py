"""Owns one query, body or rule that is being evaluated, and what all of one evaluation share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from graven.rego.depths import deeper
from graven.rego.faults import too_deep
from graven.rego.machine import State
from graven.rego.trace.events import Event, Log, Stop
from graven.rego.trace.preparation import Node
from graven.rego.trace.terms import Bindings, Step
from graven.rego.tree import Term
from graven.rego.values import UNDEFINED, Value

__all__ = ["Frame", "Next", "Shared", "Signal", "nested"]

Signal: TypeAlias = Stop | None
Next: TypeAlias = Callable[[], Signal]
"""What is done with each solution."""
Memo: TypeAlias = dict[object, Value]


class Shared:
    """What all frames of one evaluation share."""

    def __init__(self, tree: Node, base: Value, log: Log, state: State) -> None:
        self.tree = tree
        self.base = base
        self.log = log
        self.state = state
        """For builtins."""
        self.newer = True
        """Rules are chosen, and asked again where they clash, as by OPA 1.22, and not as by that of conftest."""
        self.queries = 0
        self.memos: list[Memo] = [{}]
        """What rules gave; ``with`` begins with none."""
        self.targets: list[list[tuple[Value, ...]]] = []
        """The documents that each ``with`` replaces."""
        self.mocks: list[list[dict[tuple[Value, ...], Term]]] = [[]]
        """What functions and builtins are replaced by; a replacement sees none of them."""
        self.depth = 0
        """So many bodies and terms are inside one another."""

    def replaced(self, path: tuple[Value, ...]) -> bool:
        """Say whether a ``with`` has replaced a document, or one that it is in."""
        return any(path[: len(each)] == each for targets in self.targets for each in targets)

    def mock(self, name: tuple[Value, ...]) -> Term | None:
        """Give what a function is replaced by."""
        for each in reversed(self.mocks[-1]):
            if name in each:
                return each[name]
        return None


def nested(shared: Shared, work: Next) -> Signal:
    """Do something one level deeper, on another stack where this one has its levels.

    Raises:
        BudgetExhausted: it is too deep.
    """
    shared.depth += 1
    try:
        return deeper(shared.depth, work)
    except RecursionError:
        raise too_deep() from None
    finally:
        shared.depth -= 1


class Frame:
    """A query, body or rule that is being evaluated."""

    __slots__ = (
        "at", "bindings", "body", "data", "defined", "input", "kept", "last", "once", "parent", "query", "shared",
    )  # fmt: skip

    def __init__(self, shared: Shared, body: Sequence[Step], document: Value) -> None:
        self.shared = shared
        self.body = body
        self.at = 0
        self.bindings = Bindings()
        self.query = shared.queries
        shared.queries += 1
        self.parent = 0
        self.once = False
        """One solution is enough."""
        self.defined = False
        self.input = document
        self.data: Value = UNDEFINED
        """What ``with`` puts in the place of base documents."""
        self.last: tuple[str, int] | None = None
        self.kept: list[dict[int, dict[tuple[Value, ...], list[Value]]]] | None = None
        """What comprehensions gave, for those that are evaluated once for all."""

    def child(self, body: Sequence[Step], *, own: bool = True) -> Frame:
        """Begin what this one asks; ``own``: with variables of its own."""
        made = Frame.__new__(Frame)
        made.shared, made.body, made.at = self.shared, body, 0
        made.bindings = Bindings() if own else self.bindings
        made.query = self.shared.queries
        self.shared.queries += 1
        made.parent, made.once, made.defined = self.query, False, False
        made.input, made.data, made.last, made.kept = self.input, self.data, self.last, self.kept
        return made

    def tell(
        self,
        op: str,
        node: Step | tuple[Step, ...] | tuple[Term, Term] | str,
        place: tuple[str, int] | None = None,
        *,
        message: str = "",
        path: tuple[Value, ...] | None = None,
    ) -> None:
        """Add an event; one without a place is where the one before was."""
        if place is None:
            place = self.last
        else:
            self.last = place
        self.shared.log.add(Event(op, node, place, self.query, self.parent, message, path))

    def tell_exit(self, node: Step | tuple[Step, ...] | str, place: tuple[str, int] | None) -> None:
        """Add that something holds."""
        self.tell("Exit", node, place, message="early" if self.once else "")

    def note(self, message: str) -> None:
        """Add what ``trace`` says."""
        place = self.body[self.at].place
        self.shared.log.add(Event("Note", None, place, self.query, self.parent, message))

    def tell_case(self, case: tuple[Value, ...]) -> None:
        """Add to which of its cases a test comes."""
        self.shared.log.add(Event("TestCase", None, None, self.query, 0, path=case))
