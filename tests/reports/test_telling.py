"""What graven adds: places, rules, waivers, and what could not be decided."""

import json
from typing import Any

import pytest

from graven.checks.results import CheckResult, Place, Result
from graven.reports import github, markdown, sarif, stdout
from graven.reports import json as json_report
from reports.samples import LAX, PROBLEMS, TOLD


def run(**more: Any) -> dict[str, Any]:
    document = json.loads(sarif.render(TOLD, version="0.1.0", **more))
    assert document["version"] == "2.1.0"
    found: dict[str, Any] = document["runs"][0]
    return found


def test_lines_name_the_place_of_the_value_where_that_is_asked_for() -> None:
    assert "FAIL - main.tf:12:3 - terraform.aws - bucket | without versions\n" in stdout.render(TOLD, places=True)
    assert "FAIL - main.tf - terraform.aws - bucket | without versions\n" in stdout.render(TOLD)


def test_json_adds_rule_place_and_waiver_only_where_that_is_asked_for() -> None:
    plain, full = (json.loads(json_report.render(TOLD, full=full))[0] for full in (False, True))
    assert plain["failures"] == [{"msg": "bucket | without versions", "metadata": {"query": "data.terraform.aws.deny"}}]
    assert full["failures"][0]["place"] == {"file": "main.tf", "line": 12, "column": 3}
    assert full["failures"][0]["rule"]["id"] == "TF-1"
    assert full["exceptions"][0]["waived"]["owner"] == "ops"


def test_github_points_at_the_value_when_the_rule_gives_no_place() -> None:
    assert "::error file=main.tf,line=12,col=3::bucket" in github.render(TOLD)


def test_sarif_has_a_rule_with_help_for_each_rule() -> None:
    (rule,) = run()["tool"]["driver"]["rules"]
    assert rule["id"] == "TF-1"
    assert rule["help"]["text"] == "Set versioning[0].enabled."
    assert rule["helpUri"] == "https://rules.example/TF-1"
    assert rule["properties"]["security-severity"] == "8.0"


def test_sarif_points_at_line_and_column_and_tells_findings_apart() -> None:
    first, second = run()["results"]
    where = first["locations"][0]["physicalLocation"]
    assert where == {"artifactLocation": {"uri": "main.tf"}, "region": {"startLine": 12, "startColumn": 3}}
    assert first["locations"][0]["logicalLocations"] == [{"fullyQualifiedName": "aws_s3_bucket.logs"}]
    assert first["partialFingerprints"] == {"gravenFinding/v1": "ab12"}
    assert (first["ruleId"], first["ruleIndex"], first["level"]) == ("TF-1", 0, "error")
    assert "suppressions" not in first
    assert second["suppressions"] == [{"kind": "external", "justification": "goes away (ops until 2027-01-01)"}]


def test_sarif_of_a_run_that_could_not_decide_was_no_success() -> None:
    (invocation,) = run(problems=PROBLEMS, exit_code=3)["invocations"]
    assert invocation["executionSuccessful"] is False
    assert invocation["exitCode"] == 3
    (told,) = invocation["toolExecutionNotifications"]
    assert told["descriptor"] == {"id": "undefined"}
    assert told["message"]["text"] == "the message reads input.name: guard it"
    assert run()["invocations"] == [{"executionSuccessful": True, "exitCode": 0}]


@pytest.mark.parametrize(
    ("name", "uri"), [("-", "stdin"), ("a b#.tf", "a%20b%23.tf"), ("/x/é.tf", "file:///x/%C3%A9.tf")]
)
def test_sarif_names_files_by_uri(name: str, uri: str) -> None:
    document = json.loads(sarif.render([CheckResult(name, "main", failures=(Result("m"),))]))
    location = document["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert location == {"artifactLocation": {"uri": uri}}


def test_sarif_of_a_lax_run_names_rules_by_their_query() -> None:
    document = json.loads(sarif.render(LAX))
    names = [rule["id"] for rule in document["runs"][0]["tool"]["driver"]["rules"]]
    assert names == ["data.main.deny", "data.main.warn", "data.main.exception"]


def test_the_summary_says_first_what_it_comes_to() -> None:
    assert markdown.render(TOLD).startswith("## ❌ Refused: 1 finding\n")
    assert markdown.render(TOLD, problems=PROBLEMS).startswith("## ❔ Not decided: 1 problem\n")
    assert markdown.render(()).startswith("## ❔ Nothing was tested\n")
    assert markdown.render([CheckResult("a", "m", successes=1)]).startswith("## ✅ Passed\n")
    warned = CheckResult("a", "m", warnings=(Result("w"),))
    assert markdown.render([warned]).startswith("## ⚠️ Passed with warnings\n")


def test_the_summary_shows_where_what_and_what_to_do() -> None:
    text = markdown.render(TOLD, notes=["read namespace terraform.aws"])
    assert (
        "| `main.tf:12`<br>`aws_s3_bucket.logs` | bucket \\| without versions | [Buckets keep versions](https://"
        in text
    )
    assert "waived by ops until 2027-01-01: goes away" in text
    assert "- **Buckets keep versions**: Set versioning\\[0\\].enabled." in text
    assert "- read namespace terraform.aws" in text


def test_the_summary_lets_no_message_write_markup() -> None:
    hostile = Result("<script>alert(1)</script> | [x](http://e) `c`\n# head", place=Place("a`|b", 1))
    text = markdown.render([CheckResult("f", "m", failures=(hostile,))])
    row = next(line for line in text.splitlines() if "script" in line)
    assert "<script>" not in row
    assert "\\[x\\](http://e)" in row
    assert row.replace("\\|", "").count("|") == 4
