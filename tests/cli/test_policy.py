"""``graven policy``: verbs, exit codes and what is told, without a peer; the peer's answers are held in interop."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from textwrap import indent
from typing import Any

import pytest

from graven.cli import main
from graven.cli.policy import VERBS
from graven.cli.policy.golang import compact, document, table

RULES = """package p

import rego.v1

allow if input.age >= 18

deny contains msg if {
	some name in input.names
	msg := sprintf("no %s & <co>", [name])
}

broken := to_number(input.text)
"""
TESTS = """package p_test

import data.p
import rego.v1

test_old if p.allow with input.age as 20

test_young if p.allow with input.age as 3

todo_test_later if false
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "p.rego").write_text(RULES)
    (tmp_path / "rules" / "p_test.rego").write_text(TESTS)
    (tmp_path / "input.json").write_text(
        '{"age": 20, "names": ["b", "a"], "text": "x", "n": 1e400, "big": 9007199254740993}'
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_tells_its_arguments_and_has_examples(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["policy", verb, "--help"])
    assert ended.value.code == 0
    out = capsys.readouterr().out
    assert f"usage: graven policy {verb}" in out
    assert f"  graven policy {verb} " in out


def test_a_verb_that_there_is_not_is_wrong_usage() -> None:
    with pytest.raises(SystemExit) as ended:
        main(["policy", "explode"])
    assert ended.value.code == 2


def _eval(words: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    code = main(["policy", "eval", *shlex.split(words)])
    told = capsys.readouterr()
    return code, told.out, told.err


@pytest.mark.parametrize(
    ("words", "code", "out"),
    [
        ("-d rules -i input.json -f raw data.p.allow", 0, "true\n"),
        (
            "-d rules -i input.json -f raw data.p.deny",
            0,
            '["no a \\u0026 \\u003cco\\u003e","no b \\u0026 \\u003cco\\u003e"]\n',
        ),
        ("-d rules -f raw data.p.allow", 0, ""),
        ("-d rules -f pretty data.p.allow", 0, "undefined\n"),
        ("-d rules data.p.allow", 0, "{}\n"),
        ("-d rules --fail data.p.allow", 1, "{}\n"),
        ("-d rules -i input.json --fail-defined -f raw data.p.allow", 1, "true\n"),
        ("-i input.json -f raw input.big", 0, "9007199254740993\n"),
        ("-i input.json -f raw input.n", 0, "1e400\n"),
        ("-f values '1; 2'", 0, "[\n  1,\n  2\n]\n"),
        ("-f bindings 'x := 1'", 0, '{\n  "x": 1\n}\n'),
        ("-f pretty 'x := [1, 2][i]'", 0, "┌───┬───┐\n│ i │ x │\n├───┼───┤\n│ 0 │ 1 │\n│ 1 │ 2 │\n└───┴───┘\n"),
        (
            "-f pretty --pretty-limit 3 'x := \"abcdef\"'",
            0,
            '┌────────┐\n│   x    │\n├────────┤\n│ "ab... │\n└────────┘\n',
        ),
    ],
)
def test_a_query_is_answered(folder: Path, words: str, code: int, out: str, capsys: pytest.CaptureFixture[str]) -> None:
    del folder
    assert _eval(words, capsys)[:2] == (code, out)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("-d nothing data", "stat nothing: no such file or directory"),
        ("-i nothing data", "open nothing: no such file or directory"),
        ("-d rules data.p.allow[", "rego_parse_error"),
        ("-d rules -i input.json --strict-builtin-errors data.p.broken", "eval_builtin_error"),
        ("-d rules --capabilities nothing data", "capabilities cannot be read"),
        ("--timeout soon data", "expected one as 10s"),
    ],
)
@pytest.mark.parametrize("form", ["json", "pretty"])
def test_what_cannot_be_answered_is_told_and_is_three(
    folder: Path, words: str, message: str, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    del folder
    code, out, err = _eval(f"-f {form} {words}", capsys)
    assert code == 3
    assert message in (out if form == "json" else err)
    assert form == "pretty" or json.loads(out)["errors"]
    assert "Traceback" not in out + err


def test_an_explanation_tells_which_rule_gave_what_and_what_would_turn_it(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "young.json").write_text('{"age": 3, "names": ["a"]}')
    code, out, err = _eval("-d rules -i young.json --explain why -f raw data.p.allow", capsys)
    assert (code, out) == (0, "")
    assert err.splitlines() == [
        "rules/p.rego:5:10: input.age >= 18: it is false (input.age = 3)",
        "would hold with: age = 18",
    ]
    code, out, err = _eval("-d rules -i young.json --explain why -f raw data.p.deny", capsys)
    assert err.splitlines() == [
        'rules/p.rego:7: gave "no a & <co>"',
        'would be without "no a & <co>" with: no names[0]',
    ]
    assert _eval("-d rules --explain why -f raw data.p.allow", capsys)[2].count("\n") == 1
    assert _eval("-d rules --explain why '1 + 1'", capsys)[2].startswith("no explanation: ")


def test_a_query_that_takes_too_long_is_ended(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    del folder
    query = "count([1 | numbers.range(1, 3000)[_]; numbers.range(1, 3000)[_]])"
    code, out, _ = _eval(f"--timeout 50ms '{query}'", capsys)
    assert code == 3
    assert json.loads(out)["errors"][0]["code"] == "eval_cancel_error"


def test_without_an_opa_there_is_no_second_engine(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(folder))
    for option in ("--engine opa", "--cross-check"):
        code, out, _ = _eval(f"{option} -d rules data.p", capsys)
        assert code == 3
        assert "no `opa` on PATH" in out


def test_no_query_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert _eval("-d rules", capsys)[0] == 2


@pytest.mark.parametrize(
    ("text", "words", "code"),
    [
        ("package p\n\np if input.x\n", "check", 0),
        ("package p\n\np if x\n", "check", 1),
        ("package p\n\nimport data.x\n\np := 1\n", "check", 0),
        ("package p\n\nimport data.x\n\np := 1\n", "check --strict", 1),
        ("package p\n\np[x] { x := 1 }\n", "check", 1),
        ("package p\n\np[x] { x := 1 }\n", "check --v0-compatible", 0),
        ("package p\n\np[x] { x := 1 }\n", "check --rego-version auto", 0),
        ("package p\n\np := 1\n", "fmt --fail", 0),
        ("package p\np := 1\n", "fmt --fail", 1),
        ("package p\np := \n", "fmt --fail", 3),
        ("package p\np := \n", "parse", 3),
        ("package p\np := 1\n", "parse --json-include locations", 0),
    ],
)
def test_a_module_is_looked_at(tmp_path: Path, text: str, words: str, code: int) -> None:
    path = tmp_path / "m.rego"
    path.write_text(text)
    assert main(["policy", *words.split(), str(path)]) == code


def test_so_many_errors_are_told_and_the_rest_counted(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "many.rego").write_text("package many\n\n" + "".join(f"p{n} if x{n}\n\n" for n in range(15)))
    assert main(["policy", "check", "many.rego"]) == 1
    told = capsys.readouterr().err
    assert (told.count("is unsafe"), "and 5 more" in told) == (10, True)
    assert main(["policy", "check", "-m", "0", "many.rego"]) == 1
    assert capsys.readouterr().err.count("is unsafe") == 15


def test_formatting_changes_a_file_only_if_asked(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = folder / "m.rego"
    path.write_text("package m\np:=1\n")
    assert main(["policy", "fmt", "-d", "m.rego"]) == 0
    assert "+p := 1\n" in capsys.readouterr().out
    assert path.read_text() == "package m\np:=1\n"
    assert main(["policy", "fmt", "-w", "m.rego"]) == 0
    assert path.read_text() == "package m\n\np := 1\n"


def test_tests_are_run_and_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "test", "rules"]) == 1
    out = re.sub(r"\([0-9.]+[^)]*\)", "(T)", capsys.readouterr().out)
    assert out == (
        "rules/p_test.rego:8:\ndata.p_test.test_young: FAIL (T)\n"
        "rules/p_test.rego:10:\ndata.p_test.todo_test_later: SKIPPED\n"
        f"{'-' * 80}\nPASS: 1/3\nFAIL: 1/3\nSKIPPED: 1/3\n"
    )
    assert main(["policy", "test", "-r", "old", "rules"]) == 0
    assert main(["policy", "test", "-r", "later", "rules"]) == 1
    assert main(["policy", "test", "-z", "-r", "later", "rules"]) == 0
    assert main(["policy", "test", "--fail-on-empty", "-r", "nothing", "rules"]) == 1
    capsys.readouterr()
    assert main(["policy", "test", "-f", "junit", "rules"]) == 1
    assert 'failures="1" errors="0" skipped="1"' in capsys.readouterr().out
    (folder / "rules" / "odd_test.rego").write_text("package odd_test\n\ntest_number := 7\n")
    assert main(["policy", "test", "-r", "odd", "rules"]) == 1


def test_a_bundle_is_made_the_same_each_time(folder: Path) -> None:
    assert main(["policy", "build", "-b", "rules", "-o", "one.tar.gz", "-r", "5"]) == 0
    assert main(["policy", "build", "-b", "rules", "-o", "two.tar.gz", "-r", "5"]) == 0
    assert (folder / "one.tar.gz").read_bytes() == (folder / "two.tar.gz").read_bytes()
    assert main(["policy", "eval", "-b", "one.tar.gz", "data.p.deny"]) == 0


def test_a_bundle_is_not_made_of_rules_that_do_not_compile(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "rules" / "bad.rego").write_text("package bad\n\np if x\n")
    assert main(["policy", "build", "-b", "rules", "-o", "one.tar.gz"]) == 1
    assert "var x is unsafe" in capsys.readouterr().err
    assert not (folder / "one.tar.gz").exists()


def test_a_bundle_that_must_be_signed_is_not_built_upon_unsigned(folder: Path) -> None:
    del folder
    assert main(["policy", "build", "-b", "rules", "-o", "one.tar.gz"]) == 0
    words = [
        "policy",
        "build",
        "-b",
        "one.tar.gz",
        "-o",
        "two.tar.gz",
        "--verification-key",
        "s",
        "--signing-alg",
        "HS256",
    ]
    assert main(words) == 3
    assert not Path("two.tar.gz").exists()


def test_values_are_written_as_go_writes_them() -> None:
    value = {"b": 10**30, "a": ["<&>\u2028", None, True, 1.5, {}], "é": "\x7f"}
    assert compact(value) == (
        '{"a":["\\u003c\\u0026\\u003e\\u2028",null,true,1.5,{}],"b":1000000000000000000000000000000,"é":"\x7f"}'
    )
    assert document([]) == "[]\n"
    assert table(["ab", "c"], [["1", "日本"]]).splitlines()[3] == "│ 1  │ 日本 │"


@pytest.mark.parametrize(
    "value", [1.5, 1e16, 1e-7, 2**70, "a\n<\u2029\x01", {"b": [{}, []], "a": {"\x7f": None}}, [True, 0]]
)
@pytest.mark.parametrize("ordered", [True, False])
def test_a_large_answer_is_written_as_a_small_one(value: Any, *, ordered: bool) -> None:
    many = document([value] * 5000, ordered=ordered)
    assert many == "[\n" + ",\n".join([indent(document(value, ordered=ordered).rstrip("\n"), "  ")] * 5000) + "\n]\n"
    assert compact([value] * 5000) == f"[{','.join([compact(value)] * 5000)}]"


CASES = """package c_test

import rego.v1

test_cases[name] if {
	some name, x in {"one": 1, "two": 2}
	x == 1
}
"""


def test_the_cases_of_a_test_are_told_and_counted(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "c_test.rego").write_text(CASES)
    assert main(["policy", "test", "c_test.rego"]) == 1
    out = capsys.readouterr().out
    assert "  two: FAIL\n" in out
    assert "one: PASS" not in out
    assert out.endswith("PASS: 1/2\nFAIL: 1/2\n")
    assert main(["policy", "test", "-f", "json", "c_test.rego"]) == 1
    (told,) = json.loads(capsys.readouterr().out)
    assert told["sub_results"] == {"one": {"name": "one"}, "two": {"name": "two", "fail": True}}
    assert main(["policy", "test", "-f", "junit", "--var-values", "c_test.rego"]) == 1
    assert 'message="not true for two"' in capsys.readouterr().out


RULE = "package p\n\nimport rego.v1\n\nold if input.age > 17\n\nnever if input.never\n"
ITS_TEST = 'package p_test\n\nimport rego.v1\n\nimport data.p\n\ntest_old if p.old with input as {"age": 18}\n'


def test_coverage_is_told_and_too_little_of_it_is_a_failure(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "m").mkdir()
    (folder / "m" / "p.rego").write_text(RULE)
    (folder / "m" / "p_test.rego").write_text(ITS_TEST)
    assert main(["policy", "test", "--coverage", "m"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["files"]["m/p.rego"]["not_covered"] == [
        {"start": {"row": 7, "col": 1}, "end": {"row": 7, "col": 6}},
        {"start": {"row": 7, "col": 10}, "end": {"row": 7, "col": 21}},
    ]
    assert main(["policy", "test", "--threshold", "99", "m"]) == 1
    assert "threshold not met" in capsys.readouterr().err


def test_mutants_that_no_test_notices_are_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "m").mkdir()
    (folder / "m" / "p.rego").write_text("package p\n\nimport rego.v1\n\nold if input.age > 17\n")
    (folder / "m" / "p_test.rego").write_text(ITS_TEST)
    assert main(["policy", "test", "--mutate", "m"]) == 1
    out = capsys.readouterr().out
    assert "m/p.rego:5:20: number: 17 -> 16\n  p.old:number:17=>16\n" in out
    names = [line.strip() for line in out.splitlines() if line.startswith("  ")]
    (folder / "same.txt").write_text("".join(f"{name}  # said by hand\n" for name in names))
    assert main(["policy", "test", "--mutate", "--equivalent", "same.txt", "m"]) == 0
    (folder / "same.txt").write_text("p.old:number:17=>16\n")
    assert main(["policy", "test", "--mutate", "--equivalent", "same.txt", "m"]) == 3
    assert "and the reason" in capsys.readouterr().err
    (folder / "same.txt").write_text("".join(f"{name}  # said by hand\n" for name in (*names, "p.young:x")))
    assert main(["policy", "test", "--mutate", "--equivalent", "same.txt", "-f", "json", "m"]) == 1
    assert json.loads(capsys.readouterr().out)["unlisted"] == ["p.young:x"]


def test_eval_ends_where_a_rule_takes_more_steps_than_it_may(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "loop.rego").write_text(
        "package l\n\ndeny contains 1 if {\n\tsome a in input.names\n\ta == input.age\n}\n"
    )
    asked = ["policy", "eval", "-d", "loop.rego", "-i", "input.json", "data.l.deny"]
    assert main(asked) == 0
    capsys.readouterr()
    assert main([*asked, "--max-rule-steps", "1"]) == 3
    (error,) = json.loads(capsys.readouterr().out)["errors"]
    assert (error["code"], error["location"]) == (
        "eval_budget_error",
        {"file": "loop.rego", "row": 3, "col": 1},
    )
    assert main([*asked, "--max-rule-steps", "1", "-f", "pretty"]) == 3
    assert "raise custom.steps" in capsys.readouterr().err
    assert main([*asked, "--max-steps", "1"]) == 3


PROFILED = ["policy", "eval", "-d", "rules/p.rego", "-i", "input.json"]


def test_eval_tells_a_profile_in_opas_form_and_by_rule(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*PROFILED, "--profile", "data.p"]) == 0
    output = json.loads(capsys.readouterr().out)
    assert list(output) == ["result", "metrics", "profile", "profile_rules"]
    assert output["result"][0]["expressions"][0]["value"]["allow"] is True
    rows = {(row["location"]["file"], row["location"]["row"]): row for row in output["profile"]}
    assert set(rows) == {("", 1), *(("rules/p.rego", row) for row in (5, 8, 9, 12))}
    assert list(rows["", 1]) == ["total_time_ns", "num_eval", "num_redo", "num_gen_expr", "location"]
    assert (rows["rules/p.rego", 8]["num_eval"], rows["rules/p.rego", 8]["num_redo"]) == (1, 2)
    assert rows["rules/p.rego", 8]["total_time_ns"] > 0
    rules = {rule["path"]: rule for rule in output["profile_rules"]}
    assert set(rules) == {"data.p.allow", "data.p.broken", "data.p.deny"}
    assert (rules["data.p.deny"]["num_eval"], rules["data.p.deny"]["steps"]) == (1, 2)
    assert rules["data.p.deny"]["location"] == {"file": "rules/p.rego", "row": 7}


def test_eval_sorts_a_profile_and_tells_so_many(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*PROFILED, "--profile-sort", "num_redo,line", "--profile-limit", "2", "data.p"]) == 0
    profile = json.loads(capsys.readouterr().out)["profile"]
    assert [row["location"]["row"] for row in profile] == [9, 8]
    assert main([*PROFILED, "--profile-sort", "speed", "data.p"]) == 2
    assert "got 'speed' to sort by" in capsys.readouterr().err


def test_eval_draws_a_profile_and_the_share_of_what_was_reached(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*PROFILED, "--profile", "--coverage", "-f", "pretty", 'data.p.deny[_] == "none"']) == 0
    told = capsys.readouterr().out
    assert told.startswith("undefined\n")
    assert re.search(r"│ +Time +│ Num Eval │ Num Redo │ Num Gen Expr │ +Location +│", told)
    assert re.search(r"│ [\d.]+(ns|µs|ms) +│ 1 +│ 2 +│ 1 +│ rules/p.rego:8 +│", told)
    assert "data.p.deny rules/p.rego:7" in told
    assert re.search(r"│ Overall Coverage │ \d+\.\d\d │", told)


def test_eval_tells_which_rows_were_reached(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*PROFILED, "--coverage", "data.p.deny"]) == 0
    report = json.loads(capsys.readouterr().out)["coverage"]
    file = report["files"]["rules/p.rego"]
    assert file["covered"][:2] == [
        {"start": {"row": 7, "col": 1}, "end": {"row": 7, "col": 18}},
        {"start": {"row": 8, "col": 2}, "end": {"row": 8, "col": 26}},
    ]
    assert {"start": {"row": 5, "col": 1}, "end": {"row": 5, "col": 6}} in file["not_covered"]
    assert report["covered_lines"] == 3


def test_eval_tells_the_profile_of_what_ended_too_early(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*PROFILED, "--profile", "--max-rule-steps", "1", "data.p.deny"]) == 3
    output = json.loads(capsys.readouterr().out)
    assert output["errors"][0]["code"] == "eval_budget_error"
    assert [rule["path"] for rule in output["profile_rules"]] == ["data.p.deny"]


def test_a_second_engine_is_not_watched(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*PROFILED, "--profile", "--engine", "opa", "data.p.deny"]) == 3
    assert "the second engine is not watched" in capsys.readouterr().out
