"""Owns what a builtin is: a declaration with a function, the context it may ask, and how it fails.

A function takes Rego values and gives one; it is pure unless its declaration says ``!nondeterministic``. How one adds
a builtin is written in ``graven/rego/README.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from graven.rego.builtins.declarations import Declaration, declaration
from graven.rego.values import Value

__all__ = ["Builtin", "BuiltinError", "Context", "builtin", "operand_error"]


class BuiltinError(Exception):
    """A builtin that cannot give a value: undefined by default, an error under strict builtin errors."""

    def __init__(self, message: str, code: str = "eval_builtin_error", *, halts: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.halts = halts
        """It stops the evaluation in either mode."""


def operand_error(position: int, expected: str, got: str) -> BuiltinError:
    """Give the error of an operand of the wrong type, as OPA words it.

    >>> operand_error(1, "array of strings", "array containing number").message
    'operand 1 must be array of strings but got array containing number'
    """
    return BuiltinError(f"operand {position} must be {expected} but got {got}", "eval_type_error")


@dataclass(slots=True)
class Context:
    """What one evaluation knows of the world; all of it was handed in by the caller.

    A function whose declaration is ``!nondeterministic`` is asked once for each list of arguments; its answer is kept
    in ``recorded``, and an answer that is already there is used in its place, so that a replay decides the same.
    """

    now_ns: int | None = None
    """Nanoseconds since 1970 in UTC; None: ``time.now_ns`` fails."""
    entropy: Callable[[int], bytes] | None = None
    """Gives so many random bytes; None: what needs them fails."""
    runtime: Value = None
    """What ``opa.runtime`` gives; None: an empty object."""
    host: Mapping[str, Callable[..., Value]] = field(default_factory=lambda: MappingProxyType({}))
    """Functions of the caller by builtin name (``http.send``, ``net.lookup_ip_addr``); Rego values in and out."""
    recorded: dict[tuple[str, tuple[Value, ...]], Value] = field(default_factory=dict)
    """Answers of nondeterministic builtins by name and arguments."""
    cache: dict[object, object] = field(default_factory=dict)
    """For compiled patterns and the like, for the length of one evaluation; keys are tuples that begin with a name."""
    max_size: int = 10_000_000
    """Members or characters that one result may have; more is a BuiltinError that halts."""
    charge: Callable[[int], None] = lambda _steps: None
    """Counts work that grows with the data against the budget of the evaluation."""
    file: str = ""
    """The module in which the call stands that a contextual function answers."""


@dataclass(frozen=True, slots=True)
class Builtin:
    """A declaration with its function."""

    declaration: Declaration
    call: Callable[..., Value]
    """Takes the values of the arguments, which are of the declared kinds; a relation gives an iterable of values."""
    contextual: bool = False
    """The Context is its first argument."""
    unchecked: bool = False
    """It takes values of other kinds than it declares, and has an answer for them."""


def builtin(name: str, call: Callable[..., Value], *, contextual: bool = False, unchecked: bool = False) -> Builtin:
    """Join a function to its line of the table.

    Raises:
        KeyError: no such line.
    """
    found = declaration(name)
    if found is None:
        raise KeyError(name)
    return Builtin(found, call, contextual, unchecked)
