"""One module, one question: what most tests of the language need."""

from __future__ import annotations

from typing import Any

import pytest

from graven.rego import UNDEFINED, PolicyErrors, compile_modules

__all__ = ["answer", "errors_of"]


@pytest.fixture
def answer() -> Any:
    """Give the value of a rule of package p, as JSON; UNDEFINED if it has none."""

    def ask(module: str, rule: str = "p", input: Any = UNDEFINED, data: Any = None, version: Any = "v1") -> Any:  # noqa: A002
        policy = compile_modules({"p.rego": "package p\n" + module}, data=data, version=version)
        found = policy.evaluate(f"data.p.{rule}", input)
        return UNDEFINED if found.value is UNDEFINED else found.json()

    return ask


@pytest.fixture
def errors_of() -> Any:
    """Give the errors of a module of package p as (code, row, col, message)."""

    def compile_(module: str, version: Any = "v1", *, strict: bool = False) -> list[tuple[str, int, int, str]]:
        with pytest.raises(PolicyErrors) as caught:
            compile_modules({"p.rego": "package p\n" + module}, version=version, strict=strict)
        return [(error.code, error.row, error.col, error.message) for error in caught.value.errors]

    return compile_
