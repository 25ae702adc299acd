"""Which resources speak of another: by expression, by a plan's configuration, by a name that both say."""

from __future__ import annotations

from typing import Any

from graven.checks.referrers import referrers
from graven.checks.terraform import resource_views
from graven.documents import Document, parse
from graven.documents.terraform import resources


def _speaking(**files: str) -> dict[str, list[str]]:
    documents = {f"{name}.tf": parse(text.encode(), file=f"{name}.tf")[0] for name, text in files.items()}
    found = referrers(resources(documents), documents)
    return {address: [one.address for one in others] for address, others in found.items()}


BUCKET = 'resource "aws_s3_bucket" "b" {\n  bucket = "logs"\n}\n'


def test_an_expression_that_names_a_resource_refers_to_it() -> None:
    other = 'resource "aws_s3_bucket_versioning" "v" {\n  bucket = aws_s3_bucket.b.id\n}\n'
    assert _speaking(main=BUCKET, other=other) == {"aws_s3_bucket.b": ["aws_s3_bucket_versioning.v"]}


def test_a_name_that_both_say_refers_too_and_another_name_does_not() -> None:
    same = 'resource "aws_s3_bucket_versioning" "v" {\n  bucket = "logs"\n}\n'
    assert "aws_s3_bucket_versioning.v" in _speaking(main=BUCKET + same)["aws_s3_bucket.b"]
    assert _speaking(main=BUCKET + same.replace("logs", "other")) == {}


def test_instances_are_told_apart_by_their_index() -> None:
    text = (
        'resource "aws_s3_bucket" "b" {\n  count = 2\n}\n'
        'resource "aws_s3_bucket_versioning" "v" {\n  bucket = aws_s3_bucket.b[1].id\n}\n'
    )
    assert _speaking(main=text) == {"aws_s3_bucket.b[1]": ["aws_s3_bucket_versioning.v"]}


def test_a_resource_of_another_module_with_the_same_address_is_another() -> None:
    documents = {
        "main.tf": 'module "m" {\n  source = "./m"\n}\n' + BUCKET.replace('"logs"', '"root"'),
        "m/main.tf": 'resource "aws_s3_bucket" "b" {}\n'
        'resource "aws_s3_bucket_versioning" "v" {\n  bucket = aws_s3_bucket.b.id\n}\n',
    }
    parsed = {name: parse(text.encode(), file=name)[0] for name, text in documents.items()}
    found = referrers(resources(parsed), parsed)
    assert "aws_s3_bucket.b" not in found
    assert [one.address for one in found["module.m.aws_s3_bucket.b"]] == ["module.m.aws_s3_bucket_versioning.v"]


def test_the_configuration_of_a_plan_says_what_its_values_cannot() -> None:
    def resource(kind: str, name: str, **values: Any) -> dict[str, Any]:
        address = f"{kind}.{name}"
        return {"address": address, "mode": "managed", "type": kind, "name": name, "values": values}

    plan = {
        "format_version": "1.2",
        "planned_values": {
            "root_module": {
                "resources": [resource("aws_s3_bucket", "b"), resource("aws_s3_bucket_versioning", "v")],
            }
        },
        "configuration": {
            "root_module": {
                "resources": [
                    {
                        "address": "aws_s3_bucket_versioning.v",
                        "expressions": {"bucket": {"references": ["aws_s3_bucket.b.id", "aws_s3_bucket.b"]}},
                    }
                ]
            }
        },
    }
    documents = {"plan.json": Document(plan, {}, "plan.json")}
    found = referrers(resources(documents), documents)
    assert [one.address for one in found["aws_s3_bucket.b"]] == ["aws_s3_bucket_versioning.v"]


def test_a_rule_sees_them_beside_the_resource() -> None:
    other = 'resource "aws_s3_bucket_versioning" "v" {\n  bucket = aws_s3_bucket.b.id\n}\n'
    documents = {"main.tf": parse((BUCKET + other).encode(), file="main.tf")[0]}
    shown = {each.address: each.value["referrers"] for each in resource_views(["main.tf"], documents)["main.tf"]}
    assert [one["type"] for one in shown["aws_s3_bucket.b"]] == ["aws_s3_bucket_versioning"]
    assert shown["aws_s3_bucket_versioning.v"] == []


def _speaking_in(**files: str) -> dict[str, list[str]]:
    return _speaking(**{name.replace("__", "/"): text for name, text in files.items()})


VERSIONING = 'resource "aws_s3_bucket_versioning" "v" {\n  %s\n}\n'


def test_for_each_over_a_resource_leads_from_instance_to_instance() -> None:
    buckets = 'resource "aws_s3_bucket" "b" {\n  for_each = toset(["x", "y"])\n}\n'
    text = buckets + VERSIONING % "for_each = aws_s3_bucket.b\n  bucket = each.value.id"
    assert _speaking(main=text) == {
        f'aws_s3_bucket.b["{key}"]': [f'aws_s3_bucket_versioning.v["{key}"]'] for key in "xy"
    }


def test_locals_inputs_and_outputs_of_modules_lead_to_the_resource() -> None:
    named = BUCKET + "locals {\n  id = aws_s3_bucket.b.id\n}\n"
    assert _speaking(main=named + VERSIONING % "bucket = local.id") == {
        "aws_s3_bucket.b": ["aws_s3_bucket_versioning.v"]
    }
    given = BUCKET + 'module "m" {\n  source = "./m"\n  id = aws_s3_bucket.b.id\n}\n'
    inner = 'variable "id" {}\n' + VERSIONING % "bucket = var.id"
    assert _speaking_in(main=given, m__main=inner) == {"aws_s3_bucket.b": ["module.m.aws_s3_bucket_versioning.v"]}
    taken = 'module "m" {\n  source = "./m"\n}\n' + VERSIONING % "bucket = module.m.id"
    inner = BUCKET + 'output "id" {\n  value = aws_s3_bucket.b.id\n}\n'
    assert _speaking_in(main=taken, m__main=inner) == {"module.m.aws_s3_bucket.b": ["aws_s3_bucket_versioning.v"]}


def test_what_is_only_said_to_terraform_speaks_of_nothing() -> None:
    text = BUCKET + VERSIONING % "depends_on = [aws_s3_bucket.b]\n  lifecycle {\n    ignore_changes = [bucket]\n  }"
    assert _speaking(main=text) == {}


def test_a_resource_that_is_not_there_is_spoken_of_by_nobody() -> None:
    buckets = 'resource "aws_s3_bucket" "b" {\n  count = 1\n}\n'
    assert _speaking(main=buckets + VERSIONING % "bucket = aws_s3_bucket.b[1].id") == {}
