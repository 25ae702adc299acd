"""``graven conftest``: options, where things are printed, exit codes, and the commands beside test."""

from __future__ import annotations

import io
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from graven.cli import main
from graven.cli.conftest import answer
from graven.cli.conftest.flags import Flag, read_flags, usages
from graven.cli.conftest.pages import rendered

POLICY = """package main

# METADATA
# title: No secrets
# description: They belong elsewhere.
deny contains "no secrets" if input.kind == "Secret"

warn contains "old" if input.old
"""

VALUE = ": expected rule value term (e.g., b := <VALUE> { ... })"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("XDG_DATA_DIRS", str(tmp_path / "shared"))
    monkeypatch.setenv("GRAVEN_CACHE", str(tmp_path / "cache"))
    (tmp_path / "xdg").mkdir()
    Path("policy").mkdir()
    Path("policy/a.rego").write_text(POLICY)
    Path("secret.yaml").write_text("kind: Secret\n")
    Path("fine.yaml").write_text("kind: Map\n")
    Path("old.json").write_text('{"old": true}')
    return tmp_path


def told(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = answer(words)
    out, err = capsys.readouterr()
    return code, out, err


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("(", "missing closing ): `(`"),
        ("a**", "invalid nested repetition operator: `**`"),
        ("(?=a)", "invalid or unsupported Perl syntax: `(?=`"),
        ("\\", "trailing backslash at end of expression: ``"),
    ],
)
def test_what_is_no_pattern_is_refused_as_go_does(capsys: pytest.CaptureFixture[str], pattern: str, said: str) -> None:
    code, _, err = told(capsys, "test", "--ignore", pattern, "fine.yaml")
    assert code == 1
    assert err == f"Error: running test: parse files: given regexp couldn't be parsed :error parsing regexp: {said}\n"


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("deny contains 1 if {\n\ta := ]\n}\nb := ]", "4: rego_parse_error: unexpected ] token\n\ta := ]\n\t     ^"),
        (
            "a if { x y }",
            "3: rego_parse_error: unexpected identifier token: expected \\n or ; or }\n\ta if { x y }\n\t         ^",
        ),
        ("a if { @ }", "3: rego_parse_error: illegal token\n\ta if { @ }\n\t       ^"),
        ("a if {\n  b", "5: rego_parse_error: unexpected eof token\n\t  b\n\t  ^"),
    ],
)
def test_of_a_file_of_rules_the_first_fault_is_told(capsys: pytest.CaptureFixture[str], rule: str, said: str) -> None:
    Path("policy/a.rego").write_text(f"package main\nimport rego.v1\n{rule}\n")
    lead = "Error: running test: load: loading policies: load: 1 error occurred during loading: "
    assert told(capsys, "test", "fine.yaml")[2] == f"{lead}policy/a.rego:{said}\n"
    Path("policy/b.rego").write_text("package main\nb := ]\n")
    other = [
        f"policy/b.rego:2: rego_parse_error: unexpected ] token{more}\n\tb := ]\n\t     ^\n" for more in ("", VALUE)
    ]
    lead = lead.replace("1 error occurred during loading: ", "3 errors occurred during loading:\n")
    assert told(capsys, "test", "fine.yaml")[2] == f"{lead}policy/a.rego:{said}\n{''.join(other)}"


def test_a_fault_in_the_head_of_a_rule_is_told_once_more(capsys: pytest.CaptureFixture[str]) -> None:
    Path("policy/a.rego").write_text("package main\ndeny contains if { true }\n")
    err = told(capsys, "test", "fine.yaml")[2]
    assert "unexpected if keyword: expected rule key term (e.g., deny contains <VALUE> { ... })" in err
    Path("policy/a.rego").write_text('package main\na if {\n  b := "c\n}\n')
    assert "load: 2 errors" in told(capsys, "test", "fine.yaml")[2]
    Path("policy/a.rego").write_text('package main\na := "c\n')
    assert "load: 3 errors" in told(capsys, "test", "fine.yaml")[2]


def test_the_exit_code_says_whether_a_rule_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, "test", "fine.yaml")[0] == 0
    assert told(capsys, "test", "secret.yaml")[0] == 1
    assert told(capsys, "test", "secret.yaml", "--no-fail")[0] == 0
    assert told(capsys, "test", "old.json")[0] == 0
    assert told(capsys, "test", "old.json", "--fail-on-warn")[0] == 1
    assert told(capsys, "test", "secret.yaml", "--fail-on-warn")[0] == 2
    assert told(capsys, "test", "absent.yaml", "--no-fail")[0] == 1


def test_results_are_printed_in_colour_unless_it_is_switched_off(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, "test", "secret.yaml")[1].startswith("\x1b[31mFAIL\x1b[0m - secret.yaml - main - no secrets\n")
    assert told(capsys, "test", "--no-color", "secret.yaml")[1] == (
        "FAIL - secret.yaml - main - no secrets\n\n2 tests, 1 passed, 0 warnings, 1 failure, 0 exceptions\n"
    )


def test_errors_go_to_stderr_in_conftests_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, "test", "absent.yaml") == (
        1,
        "",
        "Error: running test: parse files: get file info: stat absent.yaml: no such file or directory\n",
    )
    assert told(capsys, "tset")[2] == (
        'Error: unknown command "tset" for "conftest"\n\nDid you mean this?\n\ttest\n\n'
        "Run 'conftest --help' for usage.\n"
    )


def test_quiet_says_nothing_when_all_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, "test", "--quiet", "fine.yaml") == (0, "", "")
    assert told(capsys, "test", "--quiet", "secret.yaml")[1]


def test_the_trace_goes_to_stderr_beside_any_form(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, err = told(capsys, "test", "secret.yaml", "--trace", "-o", "json", "--no-color")
    assert out.startswith("[\n")
    assert "file: secret.yaml | query: data.main.deny\nTRAC   Enter data.main.deny = _\n" in err
    assert 'TRAC   | | Eval input.kind = "Secret"\n' in err


def test_the_trace_takes_the_place_of_the_lines_for_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = told(capsys, "test", "secret.yaml", "--trace", "--no-color")
    assert code == 1
    assert out == err
    assert "FAIL" not in out


def test_settings_of_the_file_and_the_environment_count(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("conftest.toml").write_text('output = "tap"\nfail-on-warn = true\n')
    assert told(capsys, "test", "secret.yaml")[:2] == (
        2,
        "1..2\nnot ok 1 - secret.yaml - main - no secrets\n# successes\nok 2 - secret.yaml - main - SUCCESS\n",
    )
    monkeypatch.setenv("CONFTEST_OUTPUT", "table")
    assert told(capsys, "test", "secret.yaml")[1].startswith("┌")
    assert told(capsys, "test", "secret.yaml", "-o", "json")[1].startswith("[")


def test_stdin_is_yaml_under_a_dash_or_the_name_that_is_given(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for more, shown in (((), "FAIL - - main - no"), (("--stdin-filename", "x.yaml"), "FAIL - x.yaml - main - no")):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"kind: Secret\n")))
        assert shown in told(capsys, "test", "-", "--no-color", *more)[1]


def test_tests_of_policies_are_run_and_counted(capsys: pytest.CaptureFixture[str]) -> None:
    Path("policy/a_test.rego").write_text(
        'package main\n\ntest_a if count(deny) == 1 with input as {"kind": "Secret"}\n\ntodo_test_b if false\n'
    )
    assert told(capsys, "verify", "--no-color") == (
        0,
        "\n2 tests, 1 passed, 0 warnings, 0 failures, 0 exceptions, 1 skipped\n",
        "",
    )
    Path("policy/b_test.rego").write_text('package main\n\ntest_c if {\n\ttrace("a note")\n\t1 == 2\n}\n')
    code, out, _ = told(capsys, "verify", "--no-color")
    assert (code, out.splitlines()[0]) == (1, "FAIL - policy/b_test.rego -  - data.main.test_c")
    code, out, _ = told(capsys, "verify", "--report", "notes")
    assert code == 1
    told_note = "\n  query:1                    Enter data.main.test_c = _  \n  policy/b_test.rego:3       | Enter data.main.test_c  \n"
    assert told_note + '  policy/b_test.rego:4       | | Note "a note"  \n\n\n-----' in out
    assert out.endswith("PASS: 1/3\nFAIL: 1/3\nSKIPPED: 1/3\n")
    code, out, _ = told(capsys, "verify", "--report", "fails")
    assert (
        "  policy/b_test.rego:5       | | Fail 1 = 2  \n  query:1                    | Fail data.main.test_c = _  \n"
        in out
    )
    assert "\n\n  policy/b_test.rego:5:\n    \t1 == 2\n\n\n-----" in out


def test_documents_are_shown_as_rules_see_them(capsys: pytest.CaptureFixture[str]) -> None:
    Path("n.json").write_text('{"b": 12345678901234567890, "a": 1.50, "c": "<"}')
    assert told(capsys, "parse", "n.json")[1] == ('{\n  "a": 1.5,\n  "b": 12345678901234567000,\n  "c": "\\u003c"\n}\n')
    assert told(capsys, "parse", "fine.yaml", "old.json")[1] == (
        '{\n  "fine.yaml": {\n    "kind": "Map"\n  },\n  "old.json": {\n    "old": true\n  }\n}\n'
    )


def test_policies_are_formatted_or_said_not_to_be(capsys: pytest.CaptureFixture[str]) -> None:
    Path("policy/b.rego").write_text("package main\nx:=1\n")
    assert told(capsys, "fmt", "--check", "policy") == (1, "", "Error: files not formatted\n")
    assert told(capsys, "fmt", "policy") == (0, "", "")
    assert Path("policy/b.rego").read_text() == "package main\n\nx := 1\n"
    assert told(capsys, "fmt", "--check", "policy/b.rego") == (0, "", "")


def test_a_page_is_written_from_metadata(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, "doc", "policy") == (0, "", "")
    assert "# main.deny - No secrets\n\nThey belong elsewhere.\n" in Path("policy.md").read_text()
    Path("t.tpl").write_text("{{ range . }}{{ .RegoPackageName }}: {{ .Annotations.Title }};{{ end }}")
    Path("out").mkdir()
    assert told(capsys, "doc", "-t", "t.tpl", "-o", "out", "policy")[0] == 0
    assert Path("out/policy.md").read_text() == "main.deny: No secrets;"


def test_a_template_that_is_not_read_says_so() -> None:
    assert rendered("{{ if .A }}x{{ else }}y{{ end }}", {"A": 0}) == "y"
    with pytest.raises(Exception, match="is not read here"):
        rendered("{{ printf .A }}", {})


def test_a_plugin_becomes_a_command_with_its_own_exit_code(capfd: pytest.CaptureFixture[str], folder: Path) -> None:
    source = folder / "plug"
    source.mkdir()
    (source / "plugin.yaml").write_text("name: hello\nusage: greet\ncommand: $CONFTEST_PLUGIN_DIR/run.sh first\n")
    (source / "run.sh").write_text('#!/bin/sh\necho "$@"\nexit 42\n')
    (source / "run.sh").chmod(0o755)
    assert told(capfd, "plugin", "install", "plug")[0] == 0
    code, out, err = told(capfd, "hello", "--second", "x")
    assert (code, out, err) == (42, "first --second x\n", "Error: execute plugin: plugin exited with status 42\n")
    assert "  hello       greet\n" in told(capfd, "--help")[1]
    broken = folder / "xdg" / ".conftest" / "plugins" / "broken"
    broken.mkdir()
    told(capfd, "--help")
    assert not broken.exists()
    assert (source / "run.sh").exists()


def test_policies_are_fetched_from_folders_and_never_written_over(capsys: pytest.CaptureFixture[str]) -> None:
    Path("there").mkdir()
    Path("there/b.rego").write_text('package main\n\ndeny contains "b" if true\n')
    code, out, _ = told(capsys, "test", "fine.yaml", "-p", "got", "--update", f"file://{Path('there').absolute()}")
    assert (code, "FAIL" in out) == (1, True)
    assert told(capsys, "pull", f"file::{Path('there/b.rego').absolute()}", "-p", "new")[0] == 0
    code, _, err = told(capsys, "pull", f"file::{Path('there/b.rego').absolute()}", "-p", "new")
    assert code == 1
    assert err == ("Error: download policies: policy file already exists at new/b.rego, refusing to overwrite\n")


def test_what_cannot_be_fetched_is_told_as_conftest_tells_it(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    for reference, said in (
        (f"file://{folder}/none.rego", f"stat {folder}/none.rego: no such file or directory"),
        ("none.rego", "stat /policy/none.rego: no such file or directory"),
        ("ftp://127.0.0.1/b.rego", "download not supported for scheme 'ftp'"),
        ("http://127.0.0.1/", "error downloading 'http://127.0.0.1/': no source URL was returned"),
        (
            f"file://{folder}/policy",
            f"error downloading 'file://{folder}/policy': destination exists and is not a symlink",
        ),
    ):
        code, out, err = told(capsys, "pull", reference)
        assert (code, out, err) == (1, "", f"Error: download policies: client get: {said}\n")
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/a.rego"
        code, _, err = told(capsys, "test", "fine.yaml", "--update", url)
    assert code == 1
    assert err.startswith(f'Error: running test: update policies: client get: Get "{url}": ')


@pytest.mark.parametrize(
    ("words", "values", "rest"),
    [
        (["-ojson", "a"], {"output": "json"}, ["a"]),
        (["-o=json"], {"output": "json"}, []),
        (["--output=json", "--", "-x"], {"output": "json"}, ["-x"]),
        (["-qo", "json", "-"], {"quiet": True, "output": "json"}, ["-"]),
        (["--quiet=false"], {"quiet": False}, []),
        (["-p", "a,b", "-p", '"c,d"'], {"policy": ("a", "b", "c,d")}, []),
    ],
)
def test_options_are_read_in_every_way(words: list[str], values: dict[str, object], rest: list[str]) -> None:
    flags = (
        Flag("output", "string", "", "o", "stdout"),
        Flag("quiet", "bool", "", "q"),
        Flag("policy", "strings", "", "p", ("policy",)),
    )
    parsed = read_flags(words, flags)
    assert (parsed.values, parsed.words) == (values, rest)
    assert [line.split("   ")[0] for line in usages(flags)] == [
        "  -o, --output string",
        "  -p, --policy strings",
        "  -q, --quiet",
    ]


def test_a_link_of_that_name_is_the_command(folder: Path) -> None:
    (folder / "conftest").symlink_to(Path(sys.executable).with_name("graven"))
    done = subprocess.run(
        [folder / "conftest", "test", "secret.yaml", "--no-color"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ,
        timeout=60,
    )
    assert (done.returncode, done.stdout.splitlines()[0]) == (1, "FAIL - secret.yaml - main - no secrets")


def test_graven_answers_it_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["conftest", "--version"]) == 0
    assert capsys.readouterr().out == "Conftest: 0.71.1\nOPA: 1.21.1\n"
    assert main(["conftest", "test"]) == 1
    assert capsys.readouterr().err.startswith("Usage:\n  conftest test <path> [path [...]] [flags]\n")


def test_a_case_that_failed_fails_its_test(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = 'package c\n\ntest_cases[name] if {\n\tsome name, x in {"one": 1, "two": 2}\n\tx == 1\n}\n'
    (folder / "cases").mkdir()
    (folder / "cases" / "c_test.rego").write_text(text)
    code, out, _ = told(capsys, "verify", "--no-color", "-p", "cases")
    assert code == 1
    assert "FAIL - cases/c_test.rego -  - data.c.test_cases" in out


def test_what_rules_print_comes_first(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "said").mkdir()
    (folder / "said" / "p.rego").write_text('package main\n\ndeny contains "no" if {\n\tprint("here", input.kind)\n}\n')
    (folder / "x.yaml").write_text("kind: Pod\n")
    _, out, _ = told(capsys, "test", "--no-color", "-p", "said", "x.yaml")
    assert out.startswith("PRNT   said/p.rego:4: here Pod\n")


def test_of_rules_that_cannot_be_compiled_it_tells_as_much_as_opa_looks_for(capsys: pytest.CaptureFixture[str]) -> None:
    Path("x.yaml").write_text("kind: Pod\n")
    Path("stopping").mkdir()
    unused, unknown, unsafe = "some q; true", "unknown(1)", "z"
    rules = "\n".join(f"deny contains 1 if {{ {body} }}" for body in (unused, unknown, unsafe))
    Path("stopping/p.rego").write_text(f"package main\n\n{rules}\n")
    _, _, err = told(capsys, "test", "-p", "stopping", "x.yaml")
    assert err.splitlines()[1:] == [
        "stopping/p.rego:3: rego_compile_error: declared var q unused",
        "stopping/p.rego:4: rego_type_error: undefined function unknown",
    ]


def test_a_folder_of_definitions_is_looked_for_where_textproto_is_read_alone(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("x.yaml").write_text("kind: Pod\n")
    Path("b.textproto").write_text('c: "d"\n')
    Path("allowing").mkdir()
    Path("allowing/p.rego").write_text("package main\n\ndeny contains 1 if false\n")
    words = ("test", "-p", "allowing", "--proto-file-dirs", "absent")
    assert told(capsys, *words, "x.yaml")[0] == 0
    code, _, err = told(capsys, *words, "b.textproto")
    assert code == 1
    assert err.endswith(
        'find proto files: walk dir "absent": lstat absent: no such file or directory, path: b.textproto\n'
    )


def test_parse_finds_definitions_by_the_setting_for_which_it_has_no_flag(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("defined").mkdir()
    Path("defined/a.proto").write_text('syntax = "proto3"; package a; message B { string c = 1; }')
    Path("b.textproto").write_text('# proto-message: a.B\nc: "d"\n')
    assert told(capsys, "parse", "b.textproto")[0] == 1
    monkeypatch.setenv("CONFTEST_PROTO_FILE_DIRS", "defined")
    code, out, _ = told(capsys, "parse", "b.textproto")
    assert (code, out) == (0, '{\n  "c": "d"\n}\n')
