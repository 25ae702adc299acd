from __future__ import annotations

from typing import Any

import pytest

from graven.documents import Document, Position, hcl2
from graven.documents.position import Places
from graven.documents.terraform import is_plan, mask, resources
from graven.errors import TooLarge

SECRET = "hunter2-in-clear-text"


def bucket(address: str, values: dict[str, Any], **more: Any) -> dict[str, Any]:
    said = {"address": address, "mode": "managed", "type": "aws_s3_bucket", "name": "b", "values": values}
    return said | {"provider_name": "hashicorp/aws", "sensitive_values": {}} | more


def plan() -> dict[str, Any]:
    """A plan of one bucket in the root, of one in a module that is counted, and of a database with a password."""
    database = {"address": "db.d", "mode": "managed", "type": "db", "name": "d"}
    password = {"password": SECRET, "users": [{"name": "a", "key": SECRET}], "size": 1}
    shape = {"password": True, "users": [{"key": True}]}
    return {
        "format_version": "1.2",
        "variables": {"secret": {"value": SECRET}, "region": {"value": "eu"}},
        "planned_values": {
            "outputs": {"key": {"sensitive": True, "value": SECRET}, "size": {"sensitive": False, "value": 1}},
            "root_module": {
                "resources": [
                    bucket("aws_s3_bucket.b", {"versioning": [{"enabled": True}]}),
                    {**database, "values": password, "sensitive_values": shape},
                ],
                "child_modules": [
                    {
                        "address": "module.m[0]",
                        "resources": [bucket("module.m[0].aws_s3_bucket.b[1]", {"versioning": []}, index=1)],
                    }
                ],
            },
        },
        "resource_changes": [
            {
                **database,
                "change": {
                    "actions": ["update"],
                    "before": {"password": "old-" + SECRET},
                    "after": password,
                    "after_unknown": {"id": True, "users": [{"arn": True}]},
                    "before_sensitive": {"password": True},
                    "after_sensitive": shape,
                },
            }
        ],
        "output_changes": {
            "key": {"before": SECRET, "after": SECRET, "before_sensitive": True, "after_sensitive": True}
        },
        "prior_state": {"values": {"outputs": {"key": {"sensitive": True, "value": SECRET}}}},
        "configuration": {
            "root_module": {
                "variables": {"secret": {"sensitive": True, "default": SECRET}, "region": {"default": "eu"}},
                "resources": [
                    {
                        "address": "db.d",
                        "expressions": {
                            "password": {"constant_value": SECRET},
                            "users": [{"name": {"constant_value": "a"}, "key": {"constant_value": SECRET}}],
                        },
                    }
                ],
                "module_calls": {
                    "m": {
                        "expressions": {"token": {"constant_value": SECRET}, "size": {"constant_value": 1}},
                        "module": {"variables": {"token": {"sensitive": True}, "size": {}}},
                    }
                },
            }
        },
    }


def test_a_plan_is_told_from_other_json() -> None:
    assert is_plan(plan())
    assert is_plan({"format_version": "1.0", "values": {"root_module": {}}})
    assert not is_plan({"format_version": "1.0"})
    assert not is_plan({"planned_values": {}})
    assert not is_plan([plan()])


def test_resources_of_all_modules_are_given_with_what_is_unknown() -> None:
    found = resources({"plan.json": Document(plan(), {}, "plan.json")})
    assert [(one.address, one.module, one.index) for one in found] == [
        ("aws_s3_bucket.b", "", None),
        ("db.d", "", None),
        ("module.m[0].aws_s3_bucket.b[1]", "module.m[0]", 1),
    ]
    assert found[0].values["versioning"][0]["enabled"] is True
    assert found[1].unknown == {("id",), ("users", 0, "arn")}
    assert found[0].view()["provider_name"] == "hashicorp/aws"


def test_a_value_of_a_plan_has_its_place_in_the_plan() -> None:
    base = ("planned_values", "root_module", "resources", 0, "values")
    places = {base: Position(7, 3), (*base, "versioning", 0, "enabled"): Position(9, 5)}
    found = resources({"plan.json": Document(plan(), places, "plan.json")})[0]
    assert (found.file, found.position(), found.position(("versioning", 0, "enabled"))) == (
        "plan.json",
        Position(7, 3),
        Position(9, 5),
    )


def test_a_resource_of_a_plan_has_its_place_in_the_hcl_beside_it() -> None:
    root = b'resource "aws_s3_bucket" "b" {\n  versioning {\n    enabled = var.v\n  }\n}\n'
    root += b'module "m" {\n  source = "./m"\n  count = var.n\n}\n'
    inner = b'\nresource "aws_s3_bucket" "b" {\n  count = var.n\n}\n'
    files = {"main.tf": root, "m/main.tf": inner}
    documents = {file: hcl2.parse(text, file=file)[0] for file, text in files.items()}
    documents["plan.json"] = Document(plan(), {}, "plan.json")
    found = {one.address: one for one in resources(documents) if one.document == "plan.json"}
    first = found["aws_s3_bucket.b"]
    assert (first.file, first.position(("versioning", 0, "enabled"))) == ("main.tf", Position(3, 15))
    assert first.values["versioning"][0]["enabled"] is True
    second = found["module.m[0].aws_s3_bucket.b[1]"]
    assert (second.file, second.position()) == ("m/main.tf", Position(2, 1))


def test_no_secret_of_a_plan_is_left_and_nothing_else_is_taken() -> None:
    given = plan()
    masked = mask(Document(given, {(): Position(1, 1)}, "plan.json"))
    assert SECRET not in str(masked.value)
    assert given == plan(), "the document that was given stays as it is"
    values = masked.value["planned_values"]["root_module"]["resources"][1]["values"]
    hidden = "(sensitive value)"
    assert values == {"password": hidden, "users": [{"name": "a", "key": hidden}], "size": 1}
    assert masked.value["variables"]["region"] == {"value": "eu"}
    assert masked.value["planned_values"]["outputs"]["size"]["value"] == 1
    call = masked.value["configuration"]["root_module"]["module_calls"]["m"]["expressions"]
    assert call == {"token": {"constant_value": hidden}, "size": {"constant_value": 1}}
    assert (masked.file, masked.position(("variables",))) == ("plan.json", Position(1, 1))


@pytest.mark.parametrize("value", [None, 1, "x", [], {}, {"values": 1, "sensitive_values": {"a": True}}])
def test_masking_leaves_what_is_no_plan(value: Any) -> None:
    assert mask(Document(value, {})).value == value


def test_a_plan_that_is_nested_too_deep_is_an_error() -> None:
    value: Any = {}
    for _ in range(5000):
        value = {"a": value}
    with pytest.raises(TooLarge):
        mask(Document(value, {}))


@pytest.mark.parametrize("root", [None, [], {"resources": 1}, {"resources": [1, {}]}, {"child_modules": [1]}])
def test_a_plan_without_resources_has_none(root: Any) -> None:
    value = {"format_version": "1.2", "planned_values": {"root_module": root}}
    assert resources({"plan.json": Document(value, {})}) == ()


def changes(*actions: str, **more: Any) -> dict[str, Any]:
    said = bucket("module.m.aws_s3_bucket.b", {}) | {"change": {"actions": list(actions), **more}}
    del said["values"]
    return said


def test_a_plan_without_its_planned_values_has_the_resources_that_its_changes_make() -> None:
    made = changes("create", after={"bucket": "x", "acl": None}, after_unknown={"id": True})
    gone = changes("delete", before={"bucket": "y"}, after=None)
    (one,) = resources({"p.json": Document({"resource_changes": [gone, made, 1]}, {})})
    assert (one.address, one.module, one.values) == (
        "module.m.aws_s3_bucket.b",
        "module.m",
        {"bucket": "x", "acl": None},
    )
    assert one.unknown == {("id",)}


def test_what_was_cut_out_of_a_plan_is_one() -> None:
    assert is_plan({"resource_changes": [changes("create")]})
    assert is_plan({"planned_values": {"root_module": {}}})
    assert not is_plan({"resource_changes": [{"address": "a"}]})
    assert not is_plan({"planned_values": {"a": 1}})
    assert not is_plan({"values": {"root_module": {}}})


def test_the_place_of_a_change_is_that_of_its_value() -> None:
    said = {"resource_changes": [changes("create", after={"bucket": "x"})]}
    places: Places = {("resource_changes", 0, "change", "after", "bucket"): Position(7, 3)}
    (one,) = resources({"p.json": Document(said, places)})
    assert one.position(("bucket",)) == Position(7, 3)
