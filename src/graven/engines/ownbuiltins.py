"""Owns which builtins of our own some modules need, so that only a policy that calls one waits for what it rests on."""

from __future__ import annotations

import re
from collections.abc import Mapping

from graven.record import TYPE_CHECKING

if TYPE_CHECKING:
    from graven.rego import Builtin

__all__ = ["artifact_builtins", "conftest_builtins"]

_ARTIFACT = r"\bgraven\.(?:purl|versions|sbom|vex)\."


def artifact_builtins(modules: Mapping[str, str]) -> tuple[Builtin, ...]:
    """Give those of ``decide.builtins``, if a module speaks of one."""
    if not any("graven." in text and re.search(_ARTIFACT, text) for text in modules.values()):
        return ()
    from graven.decide.builtins import builtins

    return builtins()


def conftest_builtins(modules: Mapping[str, str]) -> tuple[Builtin, ...]:
    """Give those that conftest adds, if a module speaks of one."""
    if not any("parse_co" in text for text in modules.values()):
        return ()
    from graven.engines.conftestbuiltins import BUILTINS

    return BUILTINS
