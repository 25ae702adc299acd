"""Owns compiled policies: the way from the texts of modules to a Policy that can be asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from graven.errors import Unsupported
from graven.rego import Builtin, Policy, compile_modules
from graven.rego.policy import Version

__all__ = ["compiled"]


def compiled(
    modules: Mapping[str, str],
    *,
    data: object = None,
    version: Version | Mapping[str, Version] = "auto",
    builtins: Iterable[Builtin] = (),
    strict: bool = False,
    capabilities: Mapping[str, object] | None = None,
    folder: Path | None = None,
) -> Policy:
    """Give the policy that some modules make; ``folder`` is where compiled policies are kept.

    Raises:
        PolicyErrors: everything that is wrong with the modules, in the order of the places.
        Unsupported: capabilities are not looked at.
    """
    del folder
    if capabilities is not None:
        raise Unsupported("the engine does not look at capabilities", hint="leave them out")
    return compile_modules(modules, data=data, version=version, builtins=builtins, strict=strict)
