"""Our own builtins for rules: package URLs, versions and their ranges, bills of materials, VEX.

They are handed to the engine beside OPA's, under names that begin with ``graven.``. All are pure. What cannot be read
is an error of the builtin, which refuses where errors are strict, and never a quiet no.
"""

from __future__ import annotations

from functools import cache

from graven.decide.builtins import bills, packages, ranges, statements
from graven.rego import Builtin, declare

__all__ = ["BUILTINS", "builtins"]

BUILTINS: tuple[str, ...] = (*packages.BUILTINS, *ranges.BUILTINS, *bills.BUILTINS, *statements.BUILTINS)
"""Their declarations, as ``graven.rego.declare`` reads them."""


@cache
def builtins() -> tuple[Builtin, ...]:
    """Give them all, ready for ``compile_modules``."""
    calls = {**packages.CALLS, **ranges.CALLS, **bills.CALLS, **statements.CALLS}
    return tuple(Builtin(declare(line), calls[line.partition(":")[0]]) for line in BUILTINS)
