"""Composes the second engine of ``graven test``: the policies of a run, served by the ``opa`` on PATH."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from graven.checks.agreement import Other
from graven.engines.opabundle import served
from graven.engines.ownbuiltins import artifact_builtins, conftest_builtins

if TYPE_CHECKING:
    from graven.rego import Policy

__all__ = ["consulted"]


@contextmanager
def consulted(
    policy: Policy, modules: Mapping[str, str], *, version: str, reads_file: bool, compared: bool
) -> Iterator[Other]:
    """Give the engine that answers instead of our own, or, compared, beside it.

    Raises:
        Unsupported: the rules call what OPA does not have.
        Unavailable: OPA does not start.
    """
    unknown = [each.name for each in (*conftest_builtins(modules), *artifact_builtins(modules))]
    with served(modules, policy.base, version=version, unknown=unknown, reads_file=reads_file) as bench:
        yield Other("opa", bench.ask, compared)
