"""Rules asked as conftest asks them: what counts, what is dropped, and what an exception silences."""

from typing import Any

import pytest

from graven.checks.lax import LaxFault, Laxly, combined, matching, namespaces
from graven.checks.laxdocuments import parse_laxly
from graven.checks.results import CheckResult, Place
from graven.rego import World, compile_modules


def asking(*rules: str, package: str = "main", **more: Any) -> Laxly:
    policy = compile_modules({"a.rego": f"package {package}\n\n" + "\n\n".join(rules)}, version="v1")
    return Laxly(policy, policy.rules(), World(), 0, **more)


def check(*rules: str, config: Any = None, namespace: str = "main") -> CheckResult:
    return asking(*rules).check("x.json", {"a": 1} if config is None else config, namespace)


def counts(result: CheckResult) -> tuple[int, int, int, int]:
    return result.successes, len(result.warnings), len(result.failures), len(result.exceptions)


def test_messages_and_objects_are_failures_and_warnings() -> None:
    found = check('deny contains "d" if input.a', 'warn contains {"msg": "w", "why": [1]} if true')
    assert counts(found) == (0, 1, 1, 0)
    assert found.failures[0].metadata == {"query": "data.main.deny"}
    assert found.warnings[0].metadata == {"why": [1], "query": "data.main.warn"}


def test_two_bodies_of_one_name_count_twice_and_their_results_are_taken_off() -> None:
    assert counts(check('deny contains "d" if input.a', 'deny contains "e" if input.b')) == (1, 0, 1, 0)
    assert counts(check('deny contains "d" if input.b', 'deny contains "e" if input.b')) == (2, 0, 0, 0)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("deny contains 3 if true", (1, 0, 0, 0)),
        ('deny contains "" if true', (1, 0, 0, 0)),
        ('deny := ["a", "b", 3]', (0, 0, 2, 0)),
        ('deny := "text"', (1, 0, 0, 0)),
        ("default deny := false", (1, 0, 0, 0)),
        ("deny.x := 1", (1, 0, 0, 0)),
        ("deny.x.y := 1", (0, 0, 0, 0)),
        ('deny.x contains "a"', (0, 0, 0, 0)),
        ('denied contains "a" if true', (0, 0, 0, 0)),
        ('violation_a_b contains "a" if true', (0, 0, 1, 0)),
        ('deny contains sprintf("%v", [input.none]) if true', (1, 0, 0, 0)),
    ],
)
def test_what_is_no_message_is_dropped_and_passes(rule: str, expected: tuple[int, ...]) -> None:
    assert counts(check(rule)) == expected


def test_an_object_without_a_message_ends_the_run() -> None:
    with pytest.raises(LaxFault, match='query rule: new result: "msg" field must be present and a string'):
        check('deny contains {"text": "x"} if true')


def test_a_rule_that_raises_ends_the_run_with_its_place() -> None:
    with pytest.raises(LaxFault, match=r"query rule: evaluating policy: a\.rego:\d+: eval_conflict_error"):
        check("deny := 1 if input.a", "deny := 2 if input.a")


def test_of_two_names_that_differ_in_case_one_is_asked_and_the_other_passes() -> None:
    found = check('deny_A contains "x" if true', 'deny_a contains "y" if true')
    assert counts(found) == (1, 0, 1, 0)
    assert found.failures[0].message == "x"


def test_an_exception_silences_a_name_and_is_told_once_for_each_solution() -> None:
    rules = ('deny_root contains "a" if true', 'deny_root contains "b" if true', 'deny contains "c" if true')
    found = check(*rules, 'exception contains ["root"] if input.a')
    assert counts(found) == (1, 0, 1, 1)
    assert found.exceptions[0].message == 'data.main.exception[_][_] == "root"'
    assert len(check(*rules, 'exception contains ["", ""] if true').exceptions) == 2


@pytest.mark.parametrize(
    ("loc", "place"),
    [
        ('{"file": "a.py", "line": 3}', Place("a.py", 3)),
        ('{"line": 3}', Place("", 3)),
        ('{"line": "3"}', None),
        ('"a.py"', None),
    ],
)
def test_a_place_that_a_rule_gives_is_kept(loc: str, place: Place | None) -> None:
    found = check(f'deny contains {{"msg": "m", "_loc": {loc}}} if true').failures[0]
    assert found.loc == place
    assert "_loc" not in found.metadata


def test_each_member_of_a_list_is_a_document_and_they_are_united() -> None:
    found = check("deny contains input.m if input.m", config=[{"m": "a"}, {"n": 1}, {"m": "b"}])
    assert counts(found) == (1, 0, 2, 0)
    whole = asking("deny contains sprintf(`%d`, [count(input)])").check_whole("Combined", [1, 2], "main")
    assert whole.failures[0].message == "2"


def test_a_namespace_that_is_not_there_passes_without_a_test() -> None:
    assert counts(check('deny contains "d" if true', namespace="other")) == (0, 0, 0, 0)


def test_the_file_is_known_to_rules_that_ask_for_it() -> None:
    ask = asking("deny contains data.conftest.file.name", file_info=lambda path: {"name": path, "dir": "/d"})
    assert ask.check("x.json", {}, "main").failures[0].message == "x.json"
    assert ask.check("y.json", {}, "main").failures[0].message == "y.json"


def test_a_builtin_that_failed_ends_the_run_only_where_that_is_asked_for() -> None:
    rule = 'deny contains "d" if to_number("z")'
    assert counts(check(rule)) == (1, 0, 0, 0)
    with pytest.raises(LaxFault, match=r"query rule: built-in error: \[\{Code:eval_builtin_error Message:to_number"):
        asking(rule, show_builtin_errors=True).check("x", {}, "main")


def test_namespaces_are_each_once_regardless_of_case_and_matched_by_patterns() -> None:
    assert namespaces(["a", "A", 'b["c-d"]']) == ("a", 'b["c-d"]')
    assert matching(["main", "main.x", "k8s"], ["main*", "k?s"]) == ("main", "main.x", "k8s")
    assert matching(["main"], ["[!a-l]ain"]) == ()
    assert matching(["main"], ["[l-n]ain"]) == ("main",)
    assert matching(["main"], ["absent"]) == ("absent",)
    with pytest.raises(LaxFault, match="syntax error in pattern"):
        matching(["main"], ["[a"])


def test_files_are_combined_in_the_order_of_paths() -> None:
    assert [each["path"] for each in combined({"b": [1, 2], "a": 3})] == ["a", "b", "b"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"a: 1\n---\nb: 2\n", [{"a": 1}, {"b": 2}]),
        (b"a: |\n  x\n---\nb: 2\n", [{"a": "x"}, {"b": 2}]),
        (b"a: 1\n--- # next\nb: 2\n", {"a": 1}),
        (b"a: 1\r\n---\r\nb: 2\r\n", [{"a": 1}, {"b": 2}]),
        (b"%YAML 1.1\n---\na: 1\n---\nb: 2\n", [{"a": 1}, {"b": 2}]),
        (b"a: 12345678901234567890\n", {"a": 1.2345678901234567e19}),
        (b"a: 2.0\n", {"a": 2}),
    ],
)
def test_yaml_is_divided_by_its_text_and_numbers_are_float64(text: bytes, value: Any) -> None:
    assert parse_laxly(text, file="x.yaml") == value


@pytest.mark.parametrize(
    ("file", "parser", "text"),
    [
        ("README.md", "", "new parser: new: unknown parser: md"),
        ("README", "", "new parser: new: unknown parser: "),
        ("x", "yml", "new parser: unknown parser: yml"),
    ],
)
def test_a_file_without_a_parser_says_so(file: str, parser: str, text: str) -> None:
    with pytest.raises(LaxFault) as caught:
        parse_laxly(b"", file=file, parser=parser)
    assert caught.value.message == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"# proto-message: x.Y\n", 'look up message type "x.Y": proto: not found'),
        (b"a: 1\n", "extract proto message type: file does not contain necessary proto-message comment"),
        (
            b"# proto-message:\nn: 1\n",
            "extract proto message type: file does not contain necessary proto-message comment",
        ),
    ],
)
def test_a_textproto_without_its_message_is_refused_in_the_words_of_conftest(text: bytes, said: str) -> None:
    with pytest.raises(LaxFault) as refused:
        parse_laxly(text, file="a.textproto", protos={"z.proto": b'syntax = "proto3"; package x; message Z {}'})
    assert refused.value.message == f"parser unmarshal: {said}"
