"""What a user of ``opa`` types at ``graven policy``: it works, it changes nothing, or it is refused with what to do."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from graven.__main__ import main

RULES = "package p\n\nx := 1\n\nb := 1 / 0\n"
TESTS = "package p_test\n\nimport data.p\n\ntest_x if p.x == 1\n\ntest_long if count(numbers.range(1, 200)) == 200\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "p.rego").write_text(RULES)
    (tmp_path / "p_test.rego").write_text(TESTS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


UNNEEDED = [
    ["eval", "-d", "p.rego", "--disable-early-exit", "--disable-indexing", "--optimize-store-for-read-speed"],
    ["eval", "-d", "p.rego", "--shallow-inlining", "--nondeterminstic-builtins", "--disable-inlining", "data.p"],
    ["eval", "-d", "p.rego", "-O", "1", "-e", "p/x", "-t", "rego", "-u", "input.a", "--count", "1"],
]


@pytest.mark.parametrize("words", UNNEEDED, ids=" ".join)
def test_what_no_answer_depends_on_is_read(words: list[str], folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", *words, "-f", "raw", "data.p.x"]) == 0
    assert capsys.readouterr().out == "1\n"


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (["eval", "-p", "data.p.x"], "no query is evaluated in part"),
        (["eval", "--instrument", "1"], "--metrics tells times"),
        (["eval", "--var-values", "1"], "--explain why"),
        (["eval", "--count", "2", "1"], "graven policy test --bench"),
        (["eval", "-t", "wasm", "1"], "opa build -t"),
        (["eval", "-f", "source", "1"], "invalid choice: 'source'"),
        (["build", "-O", "1", "p.rego"], "opa build -O"),
        (["build", "-t", "plan", "p.rego"], "opa build -t"),
        (["build", "--prune-unused", "p.rego"], "leave files out with --ignore"),
        (["build", "--signing-plugin", "x", "p.rego"], "--signing-key"),
        (["check", "--v0-v1", "p.rego"], "--v0-compatible"),
        (["test", "--watch", "."], "run it again"),
        (["test", "--coverage-runs", "wrong", "."], "index_excluded or early_exit"),
    ],
    ids=lambda part: " ".join(part) if isinstance(part, list) else "",
)
def test_what_is_not_done_is_refused_with_what_to_do(
    words: list[str], reason: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["policy", *words])
    assert ended.value.code == 2
    assert reason in capsys.readouterr().err


@pytest.mark.parametrize("said", ["--check-result", "--check-result=false", "--check-result=true"])
def test_a_flag_of_go_takes_no_word_that_follows_it(
    said: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["policy", "fmt", said, "p.rego"]) == 0
    assert capsys.readouterr().out == RULES


def test_metrics_tell_what_each_step_took(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "eval", "-d", "p.rego", "--metrics", "data.p.x"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert list(told) == ["result", "metrics"]
    names = [f"timer_rego_{step}_ns" for step in ("load_files", "module_compile", "query_eval")]
    assert list(told["metrics"]) == names
    assert all(taken > 0 for taken in told["metrics"].values())
    assert main(["policy", "eval", "--metrics", "-f", "pretty", "1"]) == 0
    assert "│ timer_rego_query_eval_ns" in capsys.readouterr().out


def test_metrics_are_told_of_a_query_that_ends_with_an_error(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "eval", "-d", "p.rego", "--metrics", "--strict-builtin-errors", "data.p.b"]) == 3
    assert json.loads(capsys.readouterr().out)["metrics"]["timer_rego_query_eval_ns"] > 0


def test_a_builtin_that_failed_in_the_query_is_told_by_the_query(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "eval", "--show-builtin-errors", "-f", "pretty", "1/0"]) == 0
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "1 error occurred: 1/0: eval_builtin_error: div: divide by zero\n")
    assert main(["policy", "eval", "--strict-builtin-errors", "-f", "pretty", "1/0"]) == 3
    assert capsys.readouterr().err == told.err


def test_a_test_is_given_up_after_its_time(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "p_test.rego").write_text(
        "package p_test\n\ntest_slow if count([1 | numbers.range(1, 9999)[_] == numbers.range(1, 9999)[_]]) > 0\n"
    )
    assert main(["policy", "test", "--timeout", "1ms", "."]) == 3
    assert "the time of the command is over" in capsys.readouterr().out
    assert main(["policy", "test", "--timeout", "soon", "."]) == 3


def test_benchmarks_are_told_in_lines_of_go(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "test", "--bench", "-f", "gobench", "--run", "test_x", "."]) == 0
    line, rule, summary = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"BenchmarkDataPTestTestX\t +\d+\t +\d+ ns/op", line)
    assert (rule, summary) == ("-" * 80, "PASS: 1/1")
    assert main(["policy", "test", "-f", "gobench", "."]) == 2
    assert main(["policy", "test", "--bench", "-f", "json", "."]) == 2


def test_what_ended_a_test_is_told_with_its_code_and_place(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "p_test.rego").write_text(
        "package p_test\n\ny := 1\n\ny := 2\n\ntest_y if y == 1\n\ntodo_test_z if true\n"
    )
    assert main(["policy", "test", "-f", "json", "."]) == 3
    error, skipped = json.loads(capsys.readouterr().out)
    assert list(error["error"]) == ["code", "message", "location"]
    assert error["error"]["code"] == "eval_conflict_error"
    assert error["error"]["location"]["file"] == "p_test.rego"
    assert skipped["skip"]
    assert main(["policy", "test", "."]) == 3
    assert capsys.readouterr().out.splitlines()[-2:] == ["SKIPPED: 1/2", "ERROR: 1/2"]


def test_tests_that_cannot_be_read_are_told_with_their_line(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "p_test.rego").write_text("package p_test\n\ntest_y if {\n\tx ==\n}\n")
    assert main(["policy", "test", "."]) == 3
    assert "p_test.rego:5: rego_parse_error" in (told := capsys.readouterr().err)
    assert "\n\t}\n" in told
    assert main(["policy", "test", "--fail-on-empty", "--run", "none", "p.rego"]) == 1
    assert capsys.readouterr().err == "no tests were run\n"


def test_results_are_sorted_by_how_long_they_took(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["policy", "test", "--sort", "duration", "-f", "json", "-p", "2", "--benchmem", "."]) == 0
    taken = [each["duration"] for each in json.loads(capsys.readouterr().out)]
    assert taken == sorted(taken, reverse=True)
    assert len(taken) == 2


def test_kinds_of_what_was_not_covered_are_left_out_where_no_runs_are_named(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "q.rego").write_text("package q\n\na if { input.x == 1; true }\n")
    words = ["policy", "eval", "-d", "q.rego", "--coverage", "data.q"]
    assert main(words) == 0
    assert "index_excluded" in capsys.readouterr().out
    assert main([*words[:-1], "--coverage-runs", "", "data.q"]) == 0
    assert "index_excluded" not in capsys.readouterr().out


def test_a_version_that_is_no_file_of_capabilities_is_told_how_to_be_one(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["policy", "check", "--capabilities", "v1.0.0", "p.rego"]) != 0
    said = capsys.readouterr()
    assert "the capabilities cannot be read" in said.out + said.err


def test_rules_are_held_against_a_schema(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "q.rego").write_text("package q\n\na if input.nme\n")
    (folder / "schema.json").write_text('{"properties": {"name": {"type": "string"}}}')
    for words, code in ((["check"], 1), (["test"], 3), (["eval", "data.q", "-d"], 3)):
        assert main(["policy", *words, "q.rego"]) in (0, 1)
        capsys.readouterr()
        assert main(["policy", *words, "q.rego", "--schema", "schema.json"]) == code
        said = capsys.readouterr()
        assert "undefined ref: input.nme" in said.out + said.err


def test_a_folder_of_schemas_is_for_annotations(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "schemas" / "a").mkdir(parents=True)
    (folder / "schemas" / "a" / "b.yaml").write_text("properties: {name: {type: string}}\n")
    rule = "package q\n\n# METADATA\n# schemas:\n# - input: schema.a.b\na if input.nme\n\nb if input.nme\n"
    (folder / "q.rego").write_text(rule)
    assert main(["policy", "check", "-s", "schemas", "q.rego"]) == 1
    said = capsys.readouterr().err
    assert "q.rego:6: rego_type_error" in said
    assert "q.rego:8" not in said
    assert main(["policy", "check", "-s", "nowhere", "q.rego"]) == 3
    (folder / "list.json").write_text("[1]")
    assert main(["policy", "check", "-s", "list.json", "q.rego"]) == 3
