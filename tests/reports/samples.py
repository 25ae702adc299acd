"""Results of every kind, for the reports to write."""

from graven.checks.outcome import Problem
from graven.checks.results import CheckResult, Place, Result, RuleId, Waived

__all__ = ["LAX", "PROBLEMS", "TOLD"]

LAX = (
    CheckResult(
        "deploy/app.yaml",
        "main",
        successes=2,
        warnings=(Result("a <b> & 'c'\nsecond line", {"query": "data.main.warn"}),),
        failures=(
            Result("no limits", {"query": "data.main.deny", "extra": {"z": [1, 1.5, True, None], "a": "é"}}),
            Result("elsewhere", {"query": "data.main.deny"}, loc=Place("src/gen.py", 7)),
            Result("here", {"query": "data.main.deny"}, loc=Place("deploy/app.yaml", 3)),
        ),
        exceptions=(Result('data.main.exception[_][_] == "root"'),),
        prints=("policy/a.rego:4: hello",),
        queries=(
            ('data.main.exception[_][_] == ""', (Result(""),), ("Enter data.main", "| Fail x")),
            ("data.main.deny", (Result("no limits"),), ("Enter data.main.deny",)),
        ),
    ),
    CheckResult("-", "k8s.pods", successes=1, skipped=(Result("data.k8s.test_x"),)),
    CheckResult("odd:name,100%.json", "main"),
)
"""What conftest could have said too."""

_RULE = RuleId(
    "data.terraform.aws.deny",
    "TF-1",
    "Buckets keep versions",
    "Without versions what was overwritten is gone.",
    "high",
    "Set versioning[0].enabled.",
    "https://rules.example/TF-1",
    Place("policies/s3.rego", 3, 1),
)

TOLD = (
    CheckResult(
        "main.tf",
        "terraform.aws",
        successes=1,
        failures=(
            Result(
                "bucket | without versions",
                {"query": "data.terraform.aws.deny"},
                rule=_RULE,
                place=Place("main.tf", 12, 3),
                path=("resource", "aws_s3_bucket", 0),
                address="aws_s3_bucket.logs",
                view="resource",
                fingerprint="ab12",
            ),
        ),
        exceptions=(
            Result(
                "old bucket",
                rule=_RULE,
                place=Place("main.tf", 20),
                waived=Waived("ops", "goes away", "2027-01-01", Place("graven.waivers.toml", 2)),
            ),
        ),
    ),
)
"""What graven alone can say."""

PROBLEMS = (Problem("undefined", "the message reads input.name", "b.tf", Place("policies/a.rego", 9, 5), "guard it"),)
