"""Owns the budget of one rule: so many steps for its evaluation and for what it is the first to ask.

A rule has the budget that its metadata names, ``custom.steps``, or else the one that an evaluation gives to each rule
of a document. It ends at the step that is one too many, with the rule and its line; that depends on the policy and the
question alone. Functions are counted with the rule that calls them, unless their metadata names a budget.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from graven.record import TYPE_CHECKING
from graven.rego.faults import BudgetExhausted, OutOfTime, RuleExhausted
from graven.rego.numerals import as_integer
from graven.rego.values import NUMBER_TYPES, RegoObject, Value

if TYPE_CHECKING:
    from typing import Any, Protocol

    class Sites(Protocol):
        """What knows places by number."""

        def position(self, site: int) -> tuple[str, int, int]:
            """Give file, row and column of a place."""

    class Program(Protocol):
        """What knows the names and places of its rules."""

        @property
        def sites(self) -> Sites:
            """Give the places of the rules."""

        def path_of(self, number: int) -> str:
            """Give the path of the document that a group makes."""


__all__ = ["guarded", "told"]


def told(annotations: Mapping[str, Value] | None) -> int:
    """Give the budget that the metadata of a rule names; 0: none.

    >>> told({"custom": RegoObject({"steps": 1000})}), told({"custom": RegoObject()})
    (1000, 0)

    Raises:
        ValueError: it names something else.
    """
    custom = (annotations or {}).get("custom")
    if custom.__class__ is not RegoObject or "steps" not in custom:
        return 0
    said: Any = custom["steps"]
    known = said.__class__ in NUMBER_TYPES
    steps = as_integer(said) if known else None
    if steps is None or steps <= 0:
        from graven.rego.notation import json_text

        raise ValueError(f"custom.steps: got {json_text(said)}, expected a positive integer")
    return steps


def guarded(
    function: Callable[..., Value], program: Program, number: int, site: int, own: int = 0
) -> Callable[..., Value]:
    """Give the function of a rule that ends where the budget does: its own, or what the evaluation gives to each."""

    def call(state: Value, *operands: Value) -> Value:
        run = state.run
        limit: int = own or run.rule_steps
        held = run.hold(limit)
        try:
            return function(state, *operands)
        except (OutOfTime, RuleExhausted):
            raise
        except BudgetExhausted:
            if held and run.left < 0:
                raise RuleExhausted(program.path_of(number), limit, program.sites.position(site)) from None
            raise
        finally:
            run.release(held)

    return call
