"""``graven test``: exit codes that can be told apart, outputs side by side, and nothing undecided that passes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]

POLICY = """package main

deny contains msg if {
	input.replicas < 2
	msg := sprintf("%v has too few replicas", [input.name])
}

warn contains "no owner" if not input.owner
"""


@pytest.fixture
def run(tmp_path: Path) -> Run:
    (tmp_path / "policy").mkdir()
    (tmp_path / "policy" / "main.rego").write_text(POLICY)
    (tmp_path / "good.yaml").write_text("name: web\nowner: ann\nreplicas: 3\n")
    (tmp_path / "bad.yaml").write_text("name: web\nowner: ann\nreplicas: 1\n")
    (tmp_path / "warned.yaml").write_text("name: web\nreplicas: 3\n")

    def graven(*words: str, stdin: str = "", env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "graven", "test", *words],
            cwd=tmp_path,
            env={"PATH": "/usr/bin:/bin", "XDG_CACHE_HOME": str(tmp_path / "cache"), **(env or {})},
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return graven


def test_a_file_that_passes_answers_0(run: Run) -> None:
    done = run("good.yaml")
    assert (done.returncode, done.stderr) == (0, "")
    assert "2 tests, 2 passed, 0 warnings, 0 failures, 0 exceptions" in done.stdout
    assert "namespaces: main" in done.stdout


def test_a_refusal_answers_1_with_its_place(run: Run) -> None:
    done = run("bad.yaml", "good.yaml")
    assert done.returncode == 1
    assert "FAIL - bad.yaml:3:11 - main - web has too few replicas" in done.stdout


def test_a_warning_refuses_only_when_that_is_asked_for(run: Run) -> None:
    assert run("warned.yaml").returncode == 0
    assert run("warned.yaml", "--fail-on-warn").returncode == 1
    assert run("bad.yaml", "--no-fail").returncode == 0


def test_wrong_usage_answers_2(run: Run) -> None:
    for words in ((), ("bad.yaml", "-o", "xml"), ("bad.yaml", "--view", "x"), ("bad.yaml", "-o", "json", "-o", "tap")):
        done = run(*words)
        assert done.returncode == 2, words
        assert done.stderr.startswith("graven test: got")


@pytest.mark.parametrize(
    ("policy", "said", "allow"),
    [
        ('package other\ndeny contains "x" if false\n', "no rule to test by lies in the namespace main", "namespace"),
        ("package main\nallow := true\n", "no rule was evaluated", "empty"),
        ('package main\ndeny contains "x" if to_number(input.name) > 1\n', "to_number", "builtin"),
        ("package main\ndeny contains 7 if input.name\n", "got a number", "value"),
    ],
)
def test_what_cannot_be_decided_answers_3_unless_it_is_allowed(
    run: Run, tmp_path: Path, policy: str, said: str, allow: str
) -> None:
    (tmp_path / "policy" / "main.rego").write_text(policy)
    done = run("good.yaml", "--namespace", "main")
    assert done.returncode == 3, done.stdout
    assert said in done.stderr
    allowed = ["--allow", allow, *(["--allow", "empty"] if allow == "namespace" else [])]
    if allow == "empty":
        allowed += ["--allow", "namespace"]
    assert run("good.yaml", "--namespace", "main", *allowed).returncode == 0


def test_an_undefined_field_in_a_message_is_no_pass(run: Run, tmp_path: Path) -> None:
    rule = 'deny contains msg if {\n\tinput.replicas > 1\n\tmsg := sprintf("%v", [input.nmae])\n}\n'
    (tmp_path / "policy" / "main.rego").write_text(f"package main\n\n{rule}")
    done = run("good.yaml")
    assert done.returncode == 3
    assert "data.main.deny held, and its message is undefined: input.nmae (at policy/main.rego:5" in done.stderr
    assert "did you mean input.name?" in done.stderr
    assert run("good.yaml", "--allow", "undefined").returncode == 0


def test_a_path_that_no_file_has_is_named(run: Run) -> None:
    assert "policy/main.rego:8: data.main.warn reads input.owner, which no file has" in run("warned.yaml").stdout


def test_a_file_that_cannot_be_read_answers_3_with_its_place_and_the_others_are_tested(
    run: Run, tmp_path: Path
) -> None:
    (tmp_path / "broken.yaml").write_text("a: [1\nb: 2\n")
    done = run("broken.yaml", "bad.yaml")
    assert done.returncode == 3
    assert "broken.yaml: line" in done.stderr
    assert "FAIL - bad.yaml" in done.stdout
    assert run("broken.yaml", "bad.yaml", "--allow", "unreadable").returncode == 1


def test_fewer_tests_than_are_required_answer_3(run: Run) -> None:
    assert run("good.yaml", "--require-tests", "2").returncode == 0
    assert run("good.yaml", "--require-tests", "3").returncode == 3


def test_several_outputs_are_written_at_once(run: Run, tmp_path: Path) -> None:
    done = run("bad.yaml", "-o", "json", "-o", "sarif=found.sarif", "-o", "junit=found.xml", "-o", "markdown=found.md")
    assert done.returncode == 1
    assert json.loads(done.stdout)[0]["failures"][0]["msg"] == "web has too few replicas"
    [found] = json.loads((tmp_path / "found.sarif").read_text())["runs"][0]["results"]
    assert found["ruleId"] == "main.deny"
    assert found["locations"][0]["physicalLocation"]["region"]["startLine"] == 3
    assert "<testsuite" in (tmp_path / "found.xml").read_text()
    assert "Refused: 1 finding" in (tmp_path / "found.md").read_text()


def test_stdin_is_yaml_and_can_be_named(run: Run) -> None:
    done = run("-", "--stdin-filename", "x.yaml", stdin="name: a\nreplicas: 0\nowner: b\n")
    assert "FAIL - x.yaml:2:11 - main - a has too few replicas" in done.stdout


def test_the_settings_of_conftest_are_read_and_the_command_line_beats_them(run: Run, tmp_path: Path) -> None:
    (tmp_path / "conftest.toml").write_text('fail-on-warn = true\nnamespace = ["nowhere"]\n')
    assert run("warned.yaml", "-n", "main").returncode == 1
    assert run("warned.yaml", env={"CONFTEST_NAMESPACE": "main"}).returncode == 1


def test_combined_files_are_one_input_and_findings_have_the_place_in_their_own_file(run: Run, tmp_path: Path) -> None:
    rule = 'deny contains "few" if input[_].contents.replicas < 2\n'
    (tmp_path / "policy" / "main.rego").write_text(f"package main\n{rule}")
    done = run("good.yaml", "bad.yaml", "--combine")
    assert done.returncode == 1
    assert "- main - few" in done.stdout
    assert "bad.yaml:3:11" in done.stdout


def test_policies_of_both_versions_are_taken_together(run: Run, tmp_path: Path) -> None:
    (tmp_path / "policy" / "old.rego").write_text('package main\ndeny[msg] { input.owner; msg := "owned" }\n')
    done = run("good.yaml")
    assert "FAIL - good.yaml:2:8 - main - owned" in done.stdout


def test_a_waiver_lets_a_finding_pass_until_its_day_and_an_expired_one_is_told(run: Run, tmp_path: Path) -> None:
    waiver = '[[waiver]]\nrule = "main.deny"\nowner = "ann"\nreason = "small"\nexpires = {day}\n'
    (tmp_path / "graven.waivers.toml").write_text(waiver.format(day="2999-01-01"))
    assert run("bad.yaml").returncode == 0
    for day, said in (("2020-01-01", "expired on 2020-01-01"), ('"soon"', "which is no date")):
        (tmp_path / "graven.waivers.toml").write_text(waiver.format(day=day))
        done = run("bad.yaml")
        assert done.returncode == 1
        assert said in done.stdout


def test_a_comment_waives_the_finding_beside_it_and_no_other(run: Run, tmp_path: Path) -> None:
    mark = "# graven:waive=main.deny owner=ann until=2999-01-01 reason=small"
    (tmp_path / "both.yaml").write_text(
        f"name: a\nowner: x\n{mark}\nreplicas: 1\n---\nname: b\nowner: x\nreplicas: 1\n"
    )
    done = run("both.yaml")
    assert done.returncode == 1
    assert "EXCP - both.yaml:4:11" in done.stdout
    assert "FAIL - both.yaml:8:11" in done.stdout


def test_a_baseline_lets_old_findings_pass_though_their_lines_move(run: Run, tmp_path: Path) -> None:
    assert run("bad.yaml", "--write-baseline", "base.json").returncode == 0
    (tmp_path / "bad.yaml").write_text("# moved\n\nname: web\nowner: ann\nreplicas: 1\n")
    assert run("bad.yaml", "--baseline", "base.json").returncode == 0
    (tmp_path / "bad.yaml").write_text("name: other\nowner: ann\nreplicas: 1\n")
    done = run("bad.yaml", "--baseline", "base.json")
    assert done.returncode == 1
    assert "1 findings of the baseline are gone" in done.stdout


def test_explain_draws_the_way_from_the_value_through_the_rule_to_the_verdict(run: Run) -> None:
    done = run("bad.yaml", "--explain")
    drawn = done.stdout.partition("exceptions\n\n")[2].splitlines()
    assert drawn[0] == "web has too few replicas"
    assert drawn[1] == "├─ bad.yaml:3:11  replicas = 1"
    assert "input.replicas < 2" in drawn[4]
    assert drawn[4].endswith("← input.replicas = 1")
    assert 'input.name = "web"' in drawn[5]
    assert 'msg = "web has too few replicas"' in drawn[5]
    assert "├─ would pass with: replicas = 2 (line 3)" in drawn
    assert "└─ refused" in drawn


def test_explain_tells_the_change_of_what_is_missing_too_much_or_nowhere_to_be_found(run: Run, tmp_path: Path) -> None:
    rules = (
        'deny contains "a" if not input.meta.labels.team',
        'deny contains "b" if input.add[_] == "NET"',
        'deny contains sprintf("%v", [input.name])',
    )
    (tmp_path / "policy" / "main.rego").write_text("package main\n\n" + "\n".join(rules) + "\n")
    (tmp_path / "bad.yaml").write_text("name: web\nmeta:\n  x: 1\nadd:\n- NET\n")
    told = [line for line in run("bad.yaml", "--explain").stdout.splitlines() if "would pass" in line]
    assert told == [
        "├─ would pass with: meta.labels.team = true (added, line 3)",
        "├─ would pass with: no add[0] (line 5)",
        "├─ would pass with: no change of the input was found in 2 evaluations",
    ]


def test_what_is_waived_is_told_no_change(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text(
        "name: web\nowner: ann\n# graven:waive=main.deny owner=ann until=2099-01-01 reason=spring\nreplicas: 1\n"
    )
    drawn = run("bad.yaml", "--explain").stdout
    assert "└─ waived by ann: spring" in drawn
    assert "would pass with" not in drawn


def test_a_plain_run_imports_nothing_of_explanations(run: Run) -> None:
    done = run("bad.yaml", env={"PYTHONPROFILEIMPORTTIME": "1"})
    assert "graven.rego.policy" in done.stderr
    for name in ("graven.rego.change", "graven.rego.proposals", "graven.checks.explaining"):
        assert name not in done.stderr


def test_what_is_drawn_stays_out_of_the_json(run: Run) -> None:
    done = run("bad.yaml", "--explain", "-o", "json")
    assert json.loads(done.stdout)
    assert "└─ refused" in done.stderr


def test_our_builtins_are_there_for_the_rules_that_call_them(run: Run, tmp_path: Path) -> None:
    (tmp_path / "policy" / "main.rego").write_text(
        'package main\n\ndeny contains "old" if {\n\tgraven.versions.contains("vers:npm/<2.0.0", input.version)\n}\n'
    )
    (tmp_path / "old.yaml").write_text("version: 1.9.0\n")
    (tmp_path / "new.yaml").write_text("version: 2.0.0\n")
    (tmp_path / "odd.yaml").write_text("version: two\n")
    assert [run(f"{name}.yaml").returncode for name in ("old", "new", "odd")] == [1, 0, 3]


def test_what_rules_print_is_shown(run: Run, tmp_path: Path) -> None:
    (tmp_path / "policy" / "main.rego").write_text(
        'package main\n\ndeny contains "no" if {\n\tprint("looked at", input.name)\n\tfalse\n}\n'
    )
    assert "PRNT   policy/main.rego:4: looked at web\n" in run("good.yaml").stdout


def test_a_trace_tells_how_each_query_was_evaluated(run: Run) -> None:
    done = run("bad.yaml", "--trace")
    assert "file: bad.yaml | query: data.main.deny" in done.stderr
    assert "Eval lt(" in done.stderr


def test_textproto_is_read_by_the_definitions_that_are_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "protos").mkdir()
    (tmp_path / "protos" / "a.proto").write_text(
        'syntax = "proto3";\npackage t;\nmessage Web {\n  int32 replicas = 1;\n}\n'
    )
    (tmp_path / "a.textproto").write_text("# proto-message: t.Web\nreplicas: 1\n")
    assert run("a.textproto").returncode == 3
    done = run("a.textproto", "--proto-file-dirs", "protos", "--allow", "undefined")
    assert "WARN - a.textproto - main - no owner\n" in re.sub(r":[0-9]+:[0-9]+", "", done.stdout)
    assert "proto" not in done.stderr
    done = run("a.textproto", "--proto-file-dirs", "nowhere")
    assert "no folder of .proto files" in done.stderr


def test_capabilities_say_what_rules_may_call(run: Run, tmp_path: Path) -> None:
    (tmp_path / "caps.json").write_text('{"builtins": [], "future_keywords": [], "features": ["rego_v1"]}')
    done = run("good.yaml", "--capabilities", "caps.json")
    assert done.returncode not in (0, 1)
    assert "undefined function" in done.stderr


def test_a_view_is_forced_by_flag_and_by_metadata(run: Run, tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text('resource "t_x" "one" {\n  a = 1\n}\n')
    rule = 'deny contains msg if {\n\tsome key, _ in input\n\tmsg := sprintf("sees %s", [key])\n}\n'
    (tmp_path / "policy" / "main.rego").write_text(f"package main\n\n{rule}")
    assert "sees resource\n" in run("main.tf").stdout
    seen = run("main.tf", "--view", "resource").stdout
    assert "sees address" in seen
    assert "sees resource\n" not in seen
    metadata = "# METADATA\n# custom:\n#   view: resource\n"
    (tmp_path / "policy" / "main.rego").write_text(f"package main\n\n{metadata}{rule}")
    assert "sees address" in run("main.tf").stdout


def test_a_file_waives_nothing_of_itself_where_that_is_not_wanted(run: Run, tmp_path: Path) -> None:
    comment = "# graven:waive=main.deny owner=ann until=2099-01-01 reason=soon"
    (tmp_path / "bad.yaml").write_text(f"name: web\nowner: ann\nreplicas: 1 {comment}\n")
    assert run("bad.yaml").returncode == 0
    done = run("bad.yaml", "--no-inline-waivers")
    assert (done.returncode, "too few replicas" in done.stdout) == (1, True)


def test_without_policies_it_says_where_to_find_some(run: Run, tmp_path: Path) -> None:
    (tmp_path / "policy").rename(tmp_path / "rules")
    done = run("good.yaml")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == (
        "graven: there are no policies (at policy): name a file or folder with --policy, or rules that ship with graven: "
        "--policy graven://kubernetes\n"
    )


LIAR = """#!{python}
import http.server, json, sys

class Liar(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer({{}})

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer({{"result": []}})

    def answer(self, said):
        text = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *said):
        pass

host, _, port = sys.argv[sys.argv.index("--addr") + 1].partition(":")
http.server.HTTPServer((host, int(port)), Liar).serve_forever()
"""


def test_an_engine_that_lies_is_found_out_by_the_cross_check_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "opa").write_text(LIAR.format(python=sys.executable))
    (tmp_path / "bin" / "opa").chmod(0o755)
    env = {"PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin"}
    assert run("bad.yaml", "--engine", "opa", env=env).returncode == 0
    for words in ((), ("--no-fail",), ("--engine", "opa")):
        done = run("bad.yaml", "--cross-check", *words, env=env)
        assert done.returncode == 3
        assert "ERROR - bad.yaml - graven and opa disagree on data.main.deny: graven says [" in done.stderr
        assert 'web has too few replicas"], opa says []\n' in done.stderr


def test_a_second_engine_has_to_be_there(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for words in (("--engine", "opa"), ("--cross-check",)):
        done = run("good.yaml", *words, env={"PATH": str(tmp_path / "empty")})
        assert (done.returncode, done.stdout) == (2, "")
        assert "got no `opa` on PATH: install OPA" in done.stderr


BUDGETED = """package main

# METADATA
# custom: {steps: 100}
deny contains "slow" if {
	some a in input.l
	some b in input.l
	a + b == -1
}

deny contains "found"
"""


def test_a_rule_that_takes_too_many_steps_is_named_and_the_others_report(run: Run, tmp_path: Path) -> None:
    (tmp_path / "policy" / "main.rego").write_text(BUDGETED)
    (tmp_path / "many.json").write_text(json.dumps({"l": list(range(40))}))
    done = run("many.json", "-o", "json")
    assert done.returncode == 3
    assert [one["msg"] for one in json.loads(done.stdout)[0]["failures"]] == ["found"]
    assert "main.rego:5" in done.stderr
    assert "data.main.deny took more steps than its budget of 100: raise custom.steps" in done.stderr
    (tmp_path / "policy" / "main.rego").write_text(BUDGETED.replace("METADATA", ""))
    assert run("many.json").returncode == 1
    limited = run("many.json", "--max-rule-steps", "50")
    assert limited.returncode == 3
    assert "budget of 50" in limited.stdout + limited.stderr
    assert run("many.json", "--max-steps", "50").returncode == 3
    assert run("many.json", "--max-steps", "none").returncode == 2
