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
