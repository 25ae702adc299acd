"""What a trace tells of an evaluation; each text in ``tests/vectors/rego/trace`` is what OPA prints of the rules beside it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from graven.errors import Mismatch, Unsupported
from graven.rego import compile_modules
from graven.rego.faults import BudgetExhausted
from graven.rego.trace import events
from graven.rego.trace.asking import Trace, Tracer
from graven.rego.trace.bodies import Interpreter
from graven.rego.values import FALSE, TRUE

VECTORS = Path(__file__).parents[2] / "vectors" / "rego" / "trace"
DOCUMENT = json.loads((VECTORS / "input.json").read_text())


def tracer_of(text: str, file: str = "p.rego") -> Tracer:
    return Tracer(compile_modules({file: text}, prints=True))


def traced(name: str) -> Trace:
    return tracer_of((VECTORS / f"{name}.rego").read_text(), f"{name}.rego").trace("data.main", DOCUMENT)


@pytest.mark.parametrize("name", sorted(each.stem for each in VECTORS.glob("*.rego")))
def test_a_trace_is_told_as_opa_tells_it(name: str) -> None:
    told = traced(name).lines("debug", located=True)
    assert told == (VECTORS / f"{name}.txt").read_text().splitlines()


def test_a_choice_of_events_tells_what_led_to_them() -> None:
    trace = traced("notes-and-prints")
    assert trace.lines("notes", located=True) == [
        "query:1                     Enter data.main = _",
        "notes-and-prints.rego:5     | Enter data.main.p",
        'notes-and-prints.rego:5     | | Note "looking"',
        'notes-and-prints.rego:5     | | Note "["a", "b", "a"]"',
    ]
    assert trace.lines("fails") == ["Enter data.main = _", "| Enter data.main.p", "| | Fail input.n = 4"]
    assert not any("Unify" in line for line in trace.lines("full"))


def test_long_names_of_files_are_shortened_by_what_they_share() -> None:
    folder = "policies/of/a/company/with/many/folders/and/still/more/of/them"
    modules = {f"{folder}/{name}.rego": f"package {name}\n\np := 1\n" for name in ("one", "two")}
    told = Tracer(compile_modules(modules)).trace("data.one.p = data.two.p").lines("full", located=True)
    assert told[3].startswith("policies/.../with/many/folders/and/still/more/of/them/one.rego:3     | Enter data.one.p")


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


def test_rules_that_clash_are_asked_again_for_their_values() -> None:
    trace = tracer_of("package p\n\np := x if some x in [1, 2, 2, 3]\n\nf(_) := 1\n\nf(_) := 2").trace("data.p.p")
    assert "complete rules must not produce multiple outputs" in str(trace.fault)
    assert trace.lines("full").count("| Enter data.p.p") == 2
    called = tracer_of("package p\n\nf(_) := 1\n\nf(_) := 2").trace("data.p.f(7)")
    assert "functions must not produce multiple outputs" in str(called.fault)
    assert called.lines("full").count("| Enter data.p.f") == 4


def test_a_case_of_a_test_is_told_and_what_failed_is_quoted() -> None:
    text = 'package p\n\ntest_a[name] if {\n\tsome name, n in {"one": 1, "two": 2}\n\tn ==\n\t\t1\n}\n'
    trace = Tracer(compile_modules({"p.rego": text}), cases=True).trace("data.p.test_a")
    assert '| | TestCase internal.test_case(["two"])' in trace.lines()
    assert list(trace.cases()) == [("one",), ("two",)]
    failed = [event for event in trace.events if event.op == "Fail"]
    assert trace.written(failed[-1]) == "\tn ==\n\t\t1"


def test_what_a_trace_does_not_know_is_an_error_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    known: dict[str, object] = {}
    monkeypatch.setattr(Interpreter, "whole", lambda *_: known["absent"])
    with pytest.raises(Unsupported, match=r"the trace of data\.p\.a .* KeyError"):
        tracer_of("package p\n\na := true").trace("data.p.a")
