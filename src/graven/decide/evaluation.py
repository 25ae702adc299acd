"""Owns how the engine is asked: one entry point, one question, a bounded number of steps; every failure is an answer.

A policy set is compiled once for each digest. Builtins that fail stop the rule (strict), so that a failing builtin can
never make a refusal disappear. The moment that rules may ask for is the question's ``now``; nothing else of the world
is given to them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from graven.decide.policy import PolicySet
from graven.errors import GravenError
from graven.rego import UNDEFINED, Limits, Policy, PolicyErrors, compile_modules
from graven.values import parse_moment

__all__ = ["ENGINE_VERSION", "LIMITS", "UNDEFINED", "Answer", "Place", "ask", "compiled"]

ENGINE_VERSION = "1"
"""Changes when the same rules may answer another way; a record names it."""

LIMITS = Limits(steps=20_000_000, size=2_000_000)

_KEPT = 32
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the policy set something is said."""

    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What an entry point says."""

    entry: str
    value: Any
    """Plain JSON (sets as sorted lists), or UNDEFINED."""
    fault: str = ""
    """Why there is no value, if something failed."""
    place: Place = Place()


@lru_cache(maxsize=_KEPT)
def compiled(policy: PolicySet) -> Policy:
    """Compile a policy set, or give it as it was compiled before.

    Raises:
        PolicyErrors: everything that is wrong with its modules.
    """
    return compile_modules(dict(policy.modules), data=policy.values, version=policy.language)


def ask(policy: PolicySet, entry: str, question: Mapping[str, Any]) -> Answer:
    """Ask one entry point about a question."""
    try:
        engine = compiled(policy)
        found = engine.evaluate(
            f"data.{entry}", question, now_ns=_now(question), strict_builtin_errors=True, limits=LIMITS
        )
    except GravenError as e:
        return Answer(entry, UNDEFINED, _fault(e), _place(e))
    value = UNDEFINED if found.value is UNDEFINED else found.json()
    return Answer(entry, value)


def _now(question: Mapping[str, Any]) -> int:
    elapsed = parse_moment(str(question.get("now", ""))) - _EPOCH
    return ((elapsed.days * 86_400 + elapsed.seconds) * 1_000_000 + elapsed.microseconds) * 1000


def _place(error: GravenError) -> Place:
    told = error.errors[0] if isinstance(error, PolicyErrors) else error
    return Place(getattr(told, "file", ""), getattr(told, "row", 0))


def _fault(error: GravenError) -> str:
    first = error.message.splitlines()
    return f"{type(error).__name__}: {' '.join(line.strip() for line in first)[:500]}"
