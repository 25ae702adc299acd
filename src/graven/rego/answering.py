"""Owns how the rules of one group make one answer: conflicts are found, results kept for the evaluation."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from graven.rego.machine import MISS, Growing, Sites, State, U, collect
from graven.rego.values import RegoSet, Value

__all__ = ["Arm", "complete", "function", "partial_object", "partial_set"]

Arm = Sequence[Callable[..., Value]]
"""The functions of one rule: its own and those behind ``else``, tried in this order."""
Arms = Sequence[tuple[int, Arm]]
"""The rules of a group by their sites."""
Adders = Sequence[Callable[..., Value]]
"""The functions of rules that add to a collection."""
_COMPLETE = "complete rules must not produce multiple outputs"
_FUNCTION = "functions must not produce multiple outputs for same inputs"


def _first(arm: Arm, state: State, operands: tuple[Value, ...]) -> Value:
    for each in arm:
        found = each(state, *operands)
        if found is not U:
            return found
    return U


def _united(arms: Arms, state: State, operands: tuple[Value, ...], clash: Callable[[int], None]) -> Value:
    result = U
    for site, arm in arms:
        found = _first(arm, state, operands)
        if found is U:
            continue
        if result is U:
            result = found
        elif result != found:
            clash(site)
    return result


def complete(
    number: int, both: tuple[Arms, Arms], default: Callable[..., Value] | None, sites: Sites
) -> Callable[[State], Value]:
    """Give the function that answers for a complete rule: by its arms, or by those that each have a budget."""
    arms, guards = both

    def clash(site: int) -> None:
        sites.conflict(site, _COMPLETE)

    def answer(state: State) -> Value:
        memo = state.memo
        result = memo.get(number, MISS)
        if result is MISS:
            run = state.run
            run.charge(1)
            result = _united(guards if run.rule_steps else arms, state, (), clash)
            if result is U and default is not None:
                result = default(state)
            memo[number] = result
        return result

    return answer


def function(arms: Arms, default: Callable[..., Value] | None, sites: Sites) -> Callable[..., Value]:
    """Give the function that answers for a function of the policy."""

    def clash(site: int) -> None:
        sites.conflict(site, _FUNCTION)

    def single(state: State, *operands: Value) -> Value:
        state.run.charge(1)
        return only(state, *operands)

    if len(arms) == len(arms[0][1]) == 1 and default is None:
        (only,) = arms[0][1]
        return single

    def answer(state: State, *operands: Value) -> Value:
        state.run.charge(1)
        result = _united(arms, state, operands, clash)
        return default(state, *operands) if result is U and default is not None else result

    return answer


def partial_set(number: int, adders: Adders, guards: Adders) -> Callable[[State], Value]:
    """Give the function that answers for rules that add to a set."""

    def answer(state: State) -> Value:
        memo = state.memo
        result = memo.get(number, MISS)
        if result is MISS:
            run = state.run
            run.charge(1)
            out: set[Value] = set()
            for add in guards if run.rule_steps else adders:
                add(state, out)
            result = memo[number] = RegoSet(out)
        return result

    return answer


def partial_object(number: int, adders: Adders, guards: Adders) -> Callable[[State], Value]:
    """Give the function that answers for rules that add to an object."""

    def answer(state: State) -> Value:
        memo = state.memo
        result = memo.get(number, MISS)
        if result is MISS:
            run = state.run
            run.charge(1)
            grown = Growing()
            for add in guards if run.rule_steps else adders:
                add(state, grown)
            result = memo[number] = collect(grown)
        return result

    return answer
