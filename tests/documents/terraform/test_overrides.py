"""Override files take the place of what they override, as Terraform's documentation says."""

from __future__ import annotations

import json
from typing import Any

from graven.documents import Document, Position, hcl2, parse
from graven.documents.terraform import Resource, resources

MAIN = """variable "size" { default = 1 }
locals {
  a = "main"
  b = "main"
}
resource "t" "n" {
  count = var.size
  a     = local.a
  b     = local.b
  versioning {
    enabled = true
    other   = 1
  }
  rule { x = 1 }
  lifecycle {
    prevent_destroy       = true
    create_before_destroy = true
  }
}
module "m" {
  source = "./m"
  on     = true
}
"""
MODULE = 'variable "on" {}\nresource "t" "inner" {\n  on = var.on\n}\n'


def found(**files: Any) -> dict[str, Resource]:
    documents: dict[str, Document] = {}
    for word, said in files.items():
        name = word.replace("__", "/").replace("_tf", ".tf").replace("_json", ".json")
        text = said if isinstance(said, str) else json.dumps(said)
        documents[name] = (hcl2.parse if name.endswith(".tf") else parse)(text.encode(), file=name)[0]
    return {one.address: one for one in resources(documents)}


def test_arguments_and_blocks_of_a_kind_are_replaced_and_nothing_else() -> None:
    override = 'resource "t" "n" {\n  b = "${z.q.n}"\n  versioning {\n    enabled = false\n  }\n}\n'
    one = found(main_tf=MAIN, m__main_tf=MODULE, prod_override_tf=override)["t.n[0]"]
    assert one.values == {"a": "main", "b": "${z.q.n}", "versioning": [{"enabled": False}], "rule": [{"x": 1}]}
    assert one.unknown == {("b",)}
    assert (one.file, one.position(("a",)), one.position(("versioning", 0))) == (
        "main.tf",
        Position(8, 11),
        Position(6, 1),
    )


def test_a_dynamic_block_replaces_the_blocks_that_it_makes() -> None:
    override = 'resource "t" "n" {\n  dynamic "versioning" {\n    for_each = []\n    content {}\n  }\n}\n'
    assert "versioning" not in found(main_tf=MAIN, m__main_tf=MODULE, override_tf=override)["t.n[0]"].values


def test_lifecycle_and_locals_are_merged_argument_by_argument() -> None:
    override = 'resource "t" "n" {\n  lifecycle {\n    prevent_destroy = false\n  }\n}\nlocals {\n  b = "over"\n}\n'
    one = found(main_tf=MAIN, m__main_tf=MODULE, override_tf=override)["t.n[0]"]
    assert one.lifecycle == {"prevent_destroy": False, "create_before_destroy": True}
    assert (one.values["a"], one.values["b"]) == ("main", "over")


def test_variables_and_calls_are_overridden_and_later_files_win() -> None:
    first = 'variable "size" { default = 2 }\nmodule "m" { on = false }\n'
    second = 'variable "size" { default = 3 }\n'
    all_of_them = found(main_tf=MAIN, m__main_tf=MODULE, a_override_tf=first, b_override_tf=second)
    assert sorted(all_of_them) == ["module.m.t.inner", "t.n[0]", "t.n[1]", "t.n[2]"]
    assert all_of_them["module.m.t.inner"].values == {"on": False}


def test_an_override_in_json_takes_the_place_of_arguments() -> None:
    override = {"resource": {"t": {"n": {"a": "json", "b": "${var.x}"}}}}
    one = found(main_tf=MAIN, m__main_tf=MODULE, override_tf_json=override)["t.n[0]"]
    assert (one.values["a"], one.values["rule"]) == ("json", [{"x": 1}])
    assert one.unknown == {("b",)}


def test_what_overrides_nothing_is_seen_by_itself() -> None:
    assert list(found(override_tf='resource "t" "alone" {}\n')) == ["t.alone"]
    assert sorted(found(main_tf='resource "t" "n" {}\n', override_tf='resource "t" "alone" {}\n')) == ["t.alone", "t.n"]


def test_a_file_of_a_like_name_overrides_nothing() -> None:
    assert sorted(found(main_tf='resource "t" "n" {}\n', overrides_tf='resource "t" "m" {}\n')) == ["t.m", "t.n"]
