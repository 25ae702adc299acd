"""Owns what a builtin is: a declaration with a function, the context it may ask, and how it fails.

A function takes Rego values and gives one; it is pure unless its declaration says ``!nondeterministic``. How one adds
a builtin is written in ``graven/rego/README.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType

from graven.rego.builtins.declarations import Declaration, declaration, home
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


class Context:
    """What one evaluation knows of the world; all of it was handed in by the caller.

    A function whose declaration is ``!nondeterministic`` is asked once for each list of arguments; its answer is kept
    in ``recorded``, and an answer that is already there is used in its place, so that a replay decides the same.
    """

    __slots__ = (
        "allow_net", "cache", "called_at", "charge", "entropy", "host", "max_size", "now_ns", "patterns", "position",
        "recorded", "runtime",
    )  # fmt: skip

    def __init__(
        self,
        now_ns: int | None = None,
        entropy: Callable[[int], bytes] | None = None,
        runtime: Value = None,
        host: Mapping[str, Callable[..., Value]] = MappingProxyType({}),
        recorded: Mapping[tuple[str, tuple[Value, ...]], Value] = MappingProxyType({}),
    ) -> None:
        self.now_ns = now_ns
        """Nanoseconds since 1970 in UTC; None: ``time.now_ns`` fails."""
        self.entropy = entropy
        """Gives so many random bytes; None: what needs them fails."""
        self.runtime = runtime
        """What ``opa.runtime`` gives; None: an empty object."""
        self.host = host
        """Functions of the caller by builtin name (``http.send``, ``net.lookup_ip_addr``); Rego values in and out."""
        self.allow_net: Collection[str] | None = None
        """The hosts that ``host`` may be asked about; None: any."""
        self.recorded = dict(recorded)
        """Answers of nondeterministic builtins by name and arguments."""
        self.cache: dict[object, object] = {}
        """For compiled patterns and the like, for one evaluation; keys are tuples that begin with a name."""
        self.patterns: dict[str, Callable[[bytes], object]] = {}
        """The searches of regular expressions, for one evaluation."""
        self.max_size = 10_000_000
        """Members or characters that one result may have; more is a BuiltinError that halts."""
        self.charge: Callable[[int], None] = lambda _steps: None
        """Counts work that grows with the data against the budget of the evaluation."""
        self.called_at = 0
        """The number of the place of the call that a contextual function answers."""
        self.position: Callable[[int], tuple[str, int, int]] = lambda _site: ("", 0, 0)
        """Gives file, row and column of the place of a number."""

    def allow(self, name: str) -> None:
        """Let a host be asked.

        Raises:
            BuiltinError: it is none of those that may be.
        """
        if self.allow_net is not None and name not in self.allow_net:
            raise BuiltinError(f"disallowed host: {name}")

    @property
    def file(self) -> str:
        """The module in which the call stands that a contextual function answers."""
        return self.position(self.called_at)[0]


class Builtin:
    """A declaration with its function."""

    __slots__ = ("_declaration", "call", "contextual", "name", "unchecked")

    def __init__(
        self,
        declaration: Declaration | str,
        call: Callable[..., Value],
        *,
        contextual: bool = False,
        unchecked: bool = False,
    ) -> None:
        self._declaration = None if isinstance(declaration, str) else declaration
        self.name = declaration if isinstance(declaration, str) else declaration.name
        self.call = call
        """Takes the values of the arguments, of the declared kinds; a relation gives an iterable of values."""
        self.contextual = contextual
        """The Context is its first argument."""
        self.unchecked = unchecked
        """It takes values of other kinds than it declares, and has an answer for them."""

    @property
    def declaration(self) -> Declaration:
        """Give what the compiler knows of it; a line of the table is read when first asked for."""
        if self._declaration is None:
            self._declaration = declaration(self.name)
        assert self._declaration is not None  # noqa: S101 - ``builtin`` has looked
        return self._declaration


def builtin(name: str, call: Callable[..., Value], *, contextual: bool = False, unchecked: bool = False) -> Builtin:
    """Join a function to its line of the table.

    Raises:
        KeyError: no such line.
    """
    if not home(name):
        raise KeyError(name)
    return Builtin(name, call, contextual=contextual, unchecked=unchecked)
