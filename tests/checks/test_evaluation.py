"""Rules are asked as conftest asks them, and what it lets pass in silence is a problem."""

from __future__ import annotations

import pytest

from checks.asking import ask, item

_DENY = 'package main\ndeny contains msg if { input.replicas < 2; msg := "few" }\n'


def test_a_message_is_a_failure_and_a_warning_is_none() -> None:
    found, problems = ask(_DENY + 'warn_label contains "no label" if not input.label\n', {"replicas": 1})
    assert [one.message for one in found.failures] == ["few"]
    assert [one.message for one in found.warnings] == ["no label"]
    assert (found.successes, problems) == (0, ())


def test_definitions_that_say_nothing_are_successes() -> None:
    found, _ = ask(_DENY + 'deny contains "b" if input.b\nviolation contains "c" if input.c\n', {"replicas": 3})
    assert found.successes == 3


def test_each_document_of_a_file_is_asked_about_by_itself() -> None:
    found, _ = ask(_DENY, item("replicas: 1\n---\nreplicas: 2\n---\nreplicas: 0\n"))
    assert len(found.failures) == 2
    assert found.successes == 1
    assert [one.place and one.place.line for one in found.failures] == [1, 5]


def test_the_members_of_a_list_are_asked_about_one_by_one() -> None:
    found, _ = ask(_DENY, item("- replicas: 1\n- replicas: 9\n"))
    assert [one.path for one in found.failures] == [(0, "replicas")]


def test_objects_carry_metadata_and_a_location() -> None:
    rule = 'deny contains {"msg": "m", "severity": 3, "_loc": {"file": "x.tf", "line": 7}} if true\n'
    one = ask("package main\n" + rule, {})[0].failures[0]
    assert one.metadata == {"severity": 3, "query": "data.main.deny"}
    assert one.loc is not None
    assert (one.loc.file, one.loc.line) == ("x.tf", 7)


@pytest.mark.parametrize(
    "rule",
    [
        "deny contains 7 if true",
        'deny contains {"message": "m"} if true',
        'deny contains {"msg": 7} if true',
        'deny contains "" if true',
        "deny := true",
        'deny := "no"',
        'deny.a contains "no" if true',
    ],
)
def test_a_value_that_is_no_message_is_a_problem(rule: str) -> None:
    found, problems = ask(f"package main\n{rule}\n", {})
    assert [problem.kind for problem in problems] == ["value"]
    assert not found.failures


def test_a_rule_that_raises_is_a_problem_and_the_others_still_speak() -> None:
    module = _DENY + "deny_x := 1 if input.replicas\ndeny_x := 2 if input.replicas\n"
    found, problems = ask(module, {"replicas": 1})
    assert [one.message for one in found.failures] == ["few"]
    assert [problem.kind for problem in problems] == ["rule"]
    assert "deny_x" in problems[0].message


def test_a_builtin_that_fails_is_a_problem_with_its_place() -> None:
    _, problems = ask('package main\ndeny contains "old" if to_number(input.version) < 2\n', {"version": "two"})
    assert [(problem.kind, problem.place and problem.place.line) for problem in problems] == [("builtin", 2)]


def test_an_exception_takes_all_results_of_its_rule() -> None:
    module = _DENY.replace("deny", "deny_few") + 'exception contains ["few", "other"] if input.special\n'
    found, _ = ask(module, {"replicas": 1, "special": True})
    assert [one.message for one in found.exceptions] == ['data.main.exception[_][_] == "few"']
    assert not found.failures
    assert ask(module, {"replicas": 1})[0].failures


def test_names_that_differ_only_in_case_are_all_asked() -> None:
    found, _ = ask('package main\ndeny_a contains "a" if true\ndeny_A contains "A" if true\n', {})
    assert sorted(one.message for one in found.failures) == ["A", "a"]


def test_a_finding_has_its_rule_and_the_place_of_the_value_that_caused_it() -> None:
    module = "package main\n\n# METADATA\n# title: Enough replicas\n# custom:\n#   id: G001\n#   severity: high\n"
    one = ask(module + _DENY.partition("\n")[2], item("kind: Deployment\nreplicas: 1\n"))[0].failures[0]
    assert one.place is not None
    assert (one.place.file, one.place.line, one.place.column) == ("a.yaml", 2, 11)
    assert one.rule is not None
    assert (one.rule.id, one.rule.title, one.rule.severity, one.rule.place.line) == (
        "G001",
        "Enough replicas",
        "high",
        8,
    )


_RAISING = """\
package main

deny contains "one"

deny contains msg if {
\tclash == 1
\tmsg := "never"
}

deny contains msg if {
\tinput.replicas < 2
\tmsg := "few"
}

clash := 1
clash := 2 if input.replicas
"""


def test_a_definition_that_raises_is_a_problem_with_its_line_and_the_others_are_findings() -> None:
    found, problems = ask(_RAISING, item("a: 1\nreplicas: 1\n"))
    assert [(one.message, one.rule and one.rule.id) for one in found.failures] == [
        ("few", "main.deny/3"),
        ("one", "main.deny/1"),
    ]
    assert found.failures[0].place is not None
    assert found.failures[0].place.line == 2
    (problem,) = problems
    assert problem.kind == "rule"
    assert problem.place is not None
    assert (problem.place.file, problem.place.line) == ("p.rego", 16)
    assert problem.message.startswith("data.main.deny: eval_conflict_error")
    assert problem.message.endswith("(in data.main.deny, p.rego:5)")
    assert found.successes == 0  # what raised is no test that was passed


def test_a_definition_that_uses_up_the_budget_leaves_the_others_theirs() -> None:
    from graven.checks.evaluation import Asking, judge
    from graven.checks.rules import Rules
    from graven.rego import Limits, compile_modules

    loop = "deny contains 1 if { some a in input.l; some b in input.l; some c in input.l; a + b + c == -1 }"
    policy = compile_modules({"p.rego": f'package main\n\n{loop}\n\ndeny contains "after"\n'})
    asking = Asking(policy, Rules(policy.rules()), limits=Limits(steps=20_000))
    found, problems = judge(asking, item("l: " + str(list(range(100)))), "main")
    assert [one.message for one in found.failures] == ["after"]
    assert [(one.kind, one.place and one.place.line) for one in problems] == [("rule", 3)]
