"""What a trace tells of an evaluation; the texts in ``tests/vectors/rego/trace`` are what OPA prints."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from graven.errors import Mismatch
from graven.rego import compile_modules
from graven.rego.faults import BudgetExhausted
from graven.rego.trace import events
from graven.rego.trace.asking import Tracer
from graven.rego.values import FALSE, TRUE

VECTORS = Path(__file__).parents[2] / "vectors" / "rego" / "trace"


def tracer_of(text: str, file: str = "p.rego") -> Tracer:
    return Tracer(compile_modules({file: text}))


@pytest.mark.parametrize("kind", ["full", "notes", "fails"])
def test_a_trace_is_told_as_opa_tells_it(kind: str) -> None:
    tracer = tracer_of((VECTORS / "containers.rego").read_text(), "containers.rego")
    document = json.loads((VECTORS / "containers.json").read_text())
    told = tracer.trace("data.main", document).lines(kind, located=True)
    assert told == (VECTORS / f"containers-{kind}.txt").read_text().splitlines()


def test_a_trace_of_another_value_than_the_engine_found_is_not_shown() -> None:
    trace = tracer_of("package p\n\na := true").trace("data.p.a")
    trace.agree("data.p.a", TRUE)
    with pytest.raises(Mismatch, match="the decision stands"):
        trace.agree("data.p.a", FALSE)


def test_a_trace_without_end_stops_at_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "MOST", 50)
    with pytest.raises(BudgetExhausted, match="50 events"):
        tracer_of("package p\n\nn := count([x | some x in numbers.range(1, 1000)])").trace("data.p.n")


def test_what_is_nested_deeply_is_traced() -> None:
    chain = "".join(f"r{at} if r{at + 1}\n" for at in range(150)) + "r150 := true\n"
    told = tracer_of(f"package p\n\n{chain}").trace("data.p.r0").lines("full")
    assert sum(line.endswith("early") for line in told) == 151
