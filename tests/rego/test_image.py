"""A policy that was dumped and loaded answers as the one that was compiled, and refuses what is not as it was written."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.rego.generator import DATA, INPUT, module
from conformance.rego.run import cases
from graven.errors import Mismatch, Unsupported
from graven.rego import (
    UNDEFINED,
    Answer,
    BudgetExhausted,
    Builtin,
    EvaluationError,
    Policy,
    PolicyErrors,
    World,
    compile_modules,
    declare,
    from_json,
    load,
)
from graven.rego.image import decode, encode
from graven.rego.program import steps_of
from graven.rego.values import FALSE, TRUE, RegoObject, RegoSet, Value

SUITE = Path(__file__).parents[3] / "shared" / "data" / "rego"
WORLD = World(entropy=lambda size: bytes(range(size % 256)))


def _tried(ask: Callable[[], Answer]) -> tuple[Any, ...]:
    try:
        found = ask()
    except (EvaluationError, BudgetExhausted, PolicyErrors) as error:
        return type(error), str(error)
    return found.value, found.failures, found.steps


def _documents(policy: Policy) -> list[str]:
    rules = policy.rules()
    found = {f"data.{rule.package}" for rule in rules} | {rule.path for rule in rules}
    return ["data", *sorted(path for path in found if steps_of(path) is not None)]


def _agree(policy: Policy, document: object) -> int:
    """Compare the compiled policy, the loaded one, and a query that goes by way of the compiler."""
    loaded = load(policy.dump())
    paths = _documents(policy)
    for path in paths:
        asked = [
            _tried(lambda each=each, path=path: each.evaluate(path, document, now_ns=1, world=WORLD))  # type: ignore[misc]
            for each in (policy, loaded)
        ]
        assert asked[0] == asked[1], path
        query = _tried(lambda path=path: policy.evaluate(path, document, now_ns=1, world=WORLD, trace=lambda _: None))  # type: ignore[misc]
        assert query[0] == asked[0][0], path
    assert loaded.rules() == policy.rules()
    return len(paths)


def test_random_modules_answer_alike_in_all_forms() -> None:
    asked = 0
    for seed in range(60):
        try:
            policy = compile_modules({"fz.rego": module(seed)}, data=DATA)
        except PolicyErrors:
            continue
        asked += _agree(policy, INPUT)
    assert asked > 100


def test_the_modules_of_the_suite_answer_alike_in_all_forms() -> None:
    if not SUITE.is_dir():
        pytest.skip("OPA's suite does not lie at ../shared/data/rego")
    asked = 0
    for version, _, case in list(cases(SUITE))[::7]:
        modules = {f"test-{at}.rego": text for at, text in enumerate(case.get("modules") or ())}
        try:
            policy = compile_modules(modules, data=case.get("data") or {}, version=version)  # type: ignore[arg-type]
        except PolicyErrors:
            continue
        asked += _agree(policy, from_json(case["input"]) if "input" in case else UNDEFINED)
    assert asked > 300


_SCALARS = (
    st.none() | st.integers() | st.text(max_size=20) | st.just(TRUE) | st.just(FALSE)
    | st.floats(allow_nan=False, allow_infinity=False) | st.just(Decimal("1e400"))
)  # fmt: skip
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(inner, inner, max_size=4).map(RegoObject)
        | st.lists(inner, max_size=4).map(RegoSet)
    ),
    max_leaves=12,
)  # fmt: skip


@given(_VALUES)
def test_a_value_is_what_it_was(value: Value) -> None:
    again = decode(encode(value))
    assert again == value
    assert again.__class__ is value.__class__


def test_what_is_no_value_is_not_written() -> None:
    with pytest.raises(TypeError):
        encode(object())


TEXT = "package a\n\nimport data.cfg\n\nallow if input.x == cfg.x\n\nclash := 1 if input.c\n\nclash := 2 if input.c\n"


def test_errors_name_the_same_place() -> None:
    loaded = load(compile_modules({"a.rego": TEXT}, data={"cfg": {"x": 1}}).dump())
    with pytest.raises(EvaluationError, match=r"a\.rego:9: eval_conflict_error"):
        loaded.evaluate("data.a.clash", {"c": True})


def test_queries_traces_and_explanations_compile_what_was_kept() -> None:
    loaded = load(compile_modules({"a.rego": TEXT}, data={"cfg": {"x": 1}}, version="v1").dump())
    assert loaded.evaluate("x := data.a.allow", {"x": 1}).bindings == ({"x": TRUE},)
    assert loaded.explain("data.a.allow", {"x": 2}).failures[0].row == 5
    reached: list[int] = []
    loaded.evaluate("data.a.allow", {"x": 1}, trace=lambda point: reached.append(point.row))
    assert 5 in reached
    assert load(loaded.dump()).evaluate("data.a.allow", {"x": 1}).json() is True


def test_a_builtin_of_the_caller_must_be_handed_in_again() -> None:
    own = Builtin(declare("own.twice: number -> number"), lambda number: number * 2)
    image = compile_modules({"a.rego": "package a\n\np := own.twice(input)\n"}, builtins=[own]).dump()
    assert load(image, builtins=[own]).evaluate("data.a.p", 2).json() == 4
    with pytest.raises(Unsupported, match=r"own\.twice"):
        load(image)


@pytest.mark.parametrize("at", [0, 15, 16, 47, 48, 200, -1])
def test_a_changed_byte_is_refused(at: int) -> None:
    image = bytearray(compile_modules({"a.rego": TEXT}).dump())
    image[at] ^= 1
    with pytest.raises(Mismatch):
        load(bytes(image))


def test_the_image_of_another_engine_is_refused() -> None:
    image = compile_modules({"a.rego": TEXT}).dump(engine="one")
    assert load(image, engine="one").rules()
    with pytest.raises(Unsupported, match="two"):
        load(image, engine="two")
