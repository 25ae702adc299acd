"""What only a run of Terraform can tell never passes; what is decided without it is decided."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from graven.app.testing import Settings, run
from graven.checks.outcome import Outcome, exit_code

HEAD = "package terraform.t\n\nimport rego.v1\n\n"
PUBLIC = 'deny contains "public" if {\n\tinput.type == "aws_s3_bucket"\n\tinput.values.acl == "public-read"\n}\n'
MAIN = """resource "random_id" "r" {
  byte_length = 4
}

resource "aws_s3_bucket" "unknown" {
  acl    = random_id.r.hex
  bucket = "b"
  tags   = { a = "x", b = random_id.r.hex }
}

resource "aws_s3_bucket" "private" {
  acl = "private"
}

resource "aws_iam_role" "other" {
  acl = random_id.r.hex
}
"""


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.chdir(tmp_path)

    def test(rules: str, **more: Any) -> Outcome:
        (tmp_path / "main.tf").write_text(MAIN)
        (tmp_path / "p.rego").write_text(HEAD + rules)
        return run(Settings(paths=more.pop("paths", ("main.tf",)), policy=("p.rego",), **more))

    return test


def told(outcome: Outcome) -> list[str]:
    return [problem.message for problem in outcome.problems if problem.kind == "unknown"]


READS = "data.terraform.t.deny reads input.values.acl, which only a run can tell [aws_s3_bucket.unknown]"


def test_a_rule_that_fails_on_what_is_unknown_is_undecided_for_that_resource_alone(ask: Any) -> None:
    outcome = ask(PUBLIC)
    assert told(outcome) == [READS]
    assert exit_code(outcome) == 3


def test_it_can_be_let_pass_by_name(ask: Any) -> None:
    assert exit_code(ask(PUBLIC, allow=frozenset(["unknown"]))) == 0


@pytest.mark.parametrize(
    "rules",
    [
        (
            'deny contains "p" if {\n\tbucket\n\tpublic\n}\n\nbucket if input.type == "aws_s3_bucket"\n\n'
            'public if input.values.acl == "public-read"\n'
        ),
        'deny contains "p" if {\n\tinput.type == "aws_s3_bucket"\n\tacl := input.values.acl\n\tacl == "public-read"\n}\n',
        (
            'deny contains "p" if {\n\tinput.type == "aws_s3_bucket"\n\tfound := [a | a := input.values.acl]\n'
            '\tcount(found) > 0\n\tfound[0] == "public-read"\n}\n'
        ),
        'deny contains "p" if {\n\tinput.type == "aws_s3_bucket"\n\topen(input.values.acl)\n}\n\nopen(a) if a == "public-read"\n',
    ],
)
def test_it_is_undecided_by_way_of_rules_variables_comprehensions_and_functions(ask: Any, rules: str) -> None:
    assert told(ask(rules)) == [READS]


@pytest.mark.parametrize(
    "rules",
    [
        (
            'deny contains "p" if {\n\tinput.type == "aws_s3_bucket"\n\tinput.values.bucket == "z"\n'
            '\tinput.values.acl == "public-read"\n}\n'
        ),
        'deny contains "p" if {\n\tinput.type == "aws_s3_bucket"\n\tinput.values.tags.a == "y"\n}\n',
    ],
)
def test_what_fails_before_anything_unknown_is_read_is_decided(ask: Any, rules: str) -> None:
    outcome = ask(rules)
    assert (told(outcome), exit_code(outcome)) == ([], 0)


def test_what_refuses_because_it_is_unknown_refuses(ask: Any) -> None:
    outcome = ask(
        'deny contains "p" if {\n\tinput.type == "aws_s3_bucket"\n\tnot private\n}\n\n'
        'private if input.values.acl == "private"\n'
    )
    assert told(outcome) == []
    assert [one.address for each in outcome.results for one in each.failures] == ["aws_s3_bucket.unknown"]


def test_a_plan_says_what_is_unknown(ask: Any, tmp_path: Path) -> None:
    resource = {"address": "aws_s3_bucket.b", "mode": "managed", "type": "aws_s3_bucket", "name": "b", "values": {}}
    change = {"address": "aws_s3_bucket.b", "change": {"after": {}, "after_unknown": {"acl": True, "id": True}}}
    plan = {
        "format_version": "1.2",
        "planned_values": {"root_module": {"resources": [resource]}},
        "resource_changes": [change],
    }
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    outcome = ask(PUBLIC, paths=("plan.json",))
    assert told(outcome) == [READS.replace(".unknown", ".b")]


def bucket(name: str, *, unknown: Any = (), **after: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    names = {"address": f"aws_s3_bucket.{name}", "mode": "managed", "type": "aws_s3_bucket", "name": name}
    change = {"actions": ["create"], "after": after, "after_unknown": dict.fromkeys(unknown, True)}
    change["after_sensitive"] = {"token": True}
    return {**names, "values": after, "sensitive_values": {"token": True}}, {**names, "change": change}


@pytest.fixture
def plan(tmp_path: Path) -> None:
    both = [bucket("known", acl="private", token="hunter2"), bucket("open", unknown=["acl", "id"])]
    told = {
        "format_version": "1.2",
        "planned_values": {"root_module": {"resources": [one for one, _ in both]}},
        "resource_changes": [other for _, other in both],
        "output_changes": {"url": {"actions": ["create"], "after_unknown": True}},
    }
    (tmp_path / "plan.json").write_text(json.dumps(told))


WHOLES = {
    "changes": (
        'deny contains "p" if {\n\tsome rc in input.resource_changes\n\trc.change.after.acl == "public-read"\n}\n',
        "reads input.resource_changes[1].change.after.acl, which only a run can tell [aws_s3_bucket.open]",
    ),
    "planned values": (
        'deny contains "p" if {\n\tsome r in input.planned_values.root_module.resources\n\tr.values.acl == "x"\n}\n',
        "reads input.planned_values.root_module.resources[1].values.acl, which only a run can tell [aws_s3_bucket.open]",
    ),
    "outputs": (
        'deny contains "p" if input.planned_values.outputs.url.value == "http://x"\n',
        "reads input.planned_values.outputs.url.value, which only a run can tell",
    ),
    "secrets": (
        'deny contains "p" if {\n\tsome rc in input.resource_changes\n\trc.change.after.token == "x"\n}\n',
        "reads input.resource_changes[0].change.after.token, which is masked [aws_s3_bucket.known]",
    ),
}


@pytest.mark.usefixtures("plan")
@pytest.mark.parametrize("part", WHOLES)
def test_a_rule_over_a_whole_plan_is_undecided_on_what_it_read_of(ask: Any, part: str) -> None:
    rules, read = WHOLES[part]
    outcome = ask(rules, paths=("plan.json",))
    assert told(outcome) == [f"data.terraform.t.deny {read}"]
    assert exit_code(outcome) == 3


@pytest.mark.usefixtures("plan")
def test_a_rule_over_a_whole_plan_is_decided_where_it_read_what_is_known(ask: Any) -> None:
    rules = WHOLES["changes"][0].replace("rc.change", 'rc.name == "known"\n\trc.change')
    outcome = ask(rules, paths=("plan.json",))
    assert (told(outcome), exit_code(outcome)) == ([], 0)


def test_what_is_unknown_of_a_resource_that_speaks_of_another_is_undecided(ask: Any, tmp_path: Path) -> None:
    other = 'resource "aws_s3_bucket_acl" "o" {\n  bucket = aws_s3_bucket.private.id\n  acl = random_id.r.hex\n}\n'
    (tmp_path / "other.tf").write_text(other)
    rules = (
        'deny contains "p" if {\n\tinput.type == "aws_s3_bucket"\n\tsome other in input.referrers\n'
        '\tother.values.acl == "public-read"\n}\n'
    )
    read = "input.referrers[0].values.acl, which only a run can tell [aws_s3_bucket.private]"
    assert told(ask(rules)) == [f"data.terraform.t.deny reads {read}"]


@pytest.mark.usefixtures("plan")
def test_files_together_keep_what_is_unknown_in_each(ask: Any) -> None:
    rules = WHOLES["changes"][0].replace("input.", "input[_].contents.")
    outcome = ask(rules, paths=("plan.json", "main.tf"), combine=True)
    read = "input[1].contents.resource_changes[1].change.after.acl"
    assert told(outcome) == [f"data.terraform.t.deny reads {read}, which only a run can tell [aws_s3_bucket.open]"]


@pytest.mark.usefixtures("plan")
def test_no_rule_sees_a_secret_though_none_reads_resources(ask: Any) -> None:
    outcome = ask("deny contains rc.change.after.token if some rc in input.resource_changes\n", paths=("plan.json",))
    assert [one.message for each in outcome.results for one in each.failures] == ["(sensitive value)"]


@pytest.mark.usefixtures("plan")
def test_a_secret_is_undecided_in_the_view_of_its_resource_too(ask: Any) -> None:
    outcome = ask('deny contains "p" if {\n\tinput.type == "aws_s3_bucket"\n\tinput.values.token == "x"\n}\n',
                  paths=("plan.json",))  # fmt: skip
    assert told(outcome) == [
        "data.terraform.t.deny reads input.values.token, which is masked [aws_s3_bucket.known]",
    ]
