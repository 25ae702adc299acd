from __future__ import annotations

from typing import Any

import pytest

from graven.documents import Document, Position, hcl2
from graven.documents.terraform import calls, resources
from graven.errors import TooLarge


def read(**files: str) -> dict[str, Document]:
    """Name files by words: ``modules__x__main_tf`` is modules/x/main.tf."""
    names = {word: word.replace("__", "/").replace("_tf", ".tf") for word in files}
    return {names[word]: hcl2.parse(text.encode(), file=names[word])[0] for word, text in files.items()}


def values(text: str, **others: str) -> dict[str, Any]:
    (found,) = [one for one in resources(read(main_tf=text, **others)) if one.type == "t"]
    return found.values


def value(expression: str, more: str = "") -> Any:
    return values(f'resource "t" "n" {{\n  a = {expression}\n}}\n{more}')["a"]


BUCKETS = """
variable "versioned" { default = true }
resource "aws_s3_bucket" "bare" {
  bucket = "a"
}
resource "aws_s3_bucket" "literal" {
  versioning {
    enabled = true
  }
}
resource "aws_s3_bucket" "given" {
  versioning {
    enabled = var.versioned
  }
}
"""


def test_a_block_is_a_list_and_a_default_is_its_value() -> None:
    found = {one.address: one for one in resources(read(main_tf=BUCKETS))}
    assert found["aws_s3_bucket.bare"].values == {"bucket": "a"}
    assert found["aws_s3_bucket.literal"].values["versioning"][0]["enabled"] is True
    assert found["aws_s3_bucket.given"].values["versioning"][0]["enabled"] is True
    given = found["aws_s3_bucket.given"]
    assert (given.file, given.position()) == ("main.tf", Position(11, 1))
    assert given.position(("versioning", 0, "enabled")) == Position(13, 15)
    assert given.position(("nothing",)) == Position(11, 1)
    assert given.view() == {
        "address": "aws_s3_bucket.given",
        "mode": "managed",
        "type": "aws_s3_bucket",
        "name": "given",
        "values": {"versioning": [{"enabled": True}]},
        "provider_name": "aws",
    }


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1 + 2 * 3", 7),
        ("7 / 2", 3.5),
        ("-7 % 3", -1),
        ("!false && 1 < 2", True),
        ('"a" == "a" ? "yes" : "no"', "yes"),
        ('true ? 1 : "x"', "1"),
        ('"n${1 + 1}-%{ if true }t%{ else }f%{ endif }"', "n2-t"),
        ('"%{ for k, v in {b = 2, a = 1} }${k}${v};%{ endfor }"', "a1;b2;"),
        ("[for x in [1, 2, 3] : x * 10 if x != 2]", [10, 30]),
        ("{for k, v in {a = 1} : upper(k) => v}", {"A": 1}),
        ('{for x in ["a", "b", "a"] : x => 1...}', {"a": [1, 1], "b": [1]}),
        ("[{n = 1}, {n = 2}][*].n", [1, 2]),
        ("[{n = 1}, {n = 2}].*.n", [1, 2]),
        ("[1, 2][1]", 2),
        ('{a = {b = 3}}["a"].b', 3),
        ("merge({a = 1}, {a = 2, b = 3})", {"a": 2, "b": 3}),
        ("concat([1], [2])", [1, 2]),
        ('lookup({a = 1}, "b", 9)', 9),
        ('try({}.missing, "default")', "default"),
        ("can({}.missing)", False),
        ('length("abc")', 3),
        ("tostring(1.50)", "1.5"),
        ('tobool("true")', True),
        ('tonumber("1e3")', 1000),
        ('toset(["b", "a", "b"])', ["a", "b"]),
        ('join("-", split(",", "a,b"))', "a-b"),
        ('format("%s-%d%%", "a", 3)', "a-3%"),
        ('lower(upper("aB"))', "ab"),
        ('replace("a.b", ".", "-")', "a-b"),
        ('coalesce("", null, "x")', "x"),
        ("contains([1, 2], 2)", True),
        ("keys({b = 1, a = 2})", ["a", "b"]),
        ("values({b = 1, a = 2})", [2, 1]),
        ("element([1, 2], 3)", 2),
        ("flatten([[1, [2]], 3])", [1, 2, 3]),
        ('jsonencode({a = "<"})', '{"a":"\\u003c"}'),
        ('jsondecode("{\\"a\\": [1]}")', {"a": [1]}),
        ('cidrsubnet("10.0.0.0/16", 8, 2)', "10.0.2.0/24"),
        ("max([1, 3]...)", 3),
        ("local.b", "from locals"),
        ('lookup({a = 1}, "a")', 1),
        ('{a = [1, 2]}["a"][1 - 1]', 1),
        ("false ? 1 : 2", 2),
        ("true ? 1 : {}.missing", 1),
        ("true == true && [1, {a = 1}] == [1, {a = 1.0}] && 1 != true", True),
        ('"${true}-${1.50}-${-2}"', "true-1.5--2"),
        ('null == null ? "${"x"}" : "y"', "x"),
        ("range(1, 6, 2)", [1, 3, 5]),
        ("slice([1, 2, 3], 1, 2)", [2]),
        ("one([])", None),
        ('zipmap(["a"], [1])', {"a": 1}),
        ('format("%v", [1])', "[1]"),
        ('compact(["a", "", null])', ["a"]),
        ("sum([1, 2.5])", 3.5),
        ("floor(1.5) + ceil(1.5) + abs(-1)", 4),
        ("alltrue([true, false]) || anytrue([false, true])", True),
        ('title("a bc")', "A Bc"),
        ('trimprefix(trimsuffix(trimspace(" abc "), "c"), "a")', "b"),
        ('startswith("ab", "a") && endswith("ab", "b")', True),
        ("reverse(sort([2, 1]))", ["2", "1"]),
        ('setunion(["b"], ["a"])', ["a", "b"]),
        ("distinct([1, 1, true])", [1, True]),
        ('tolist([1, "a"])', ["1", "a"]),
        ("tomap({a = 1})", {"a": 1}),
        ('chomp("a\\n")', "a"),
        ("min(2, 1)", 1),
        ("sensitive(nonsensitive(1))", 1),
        ("null[*]", []),
        ('"a"[*]', ["a"]),
        ("[[{n = 1}]][0][*].n", [1]),
        ('format("%02d-%3s%%", 7, "a")', "07-  a%"),
        ('formatlist("%s-%s", ["a", "b"], "c")', ["a-c", "b-c"]),
        ('cidrhost("10.0.0.0/24", -2)', "10.0.0.254"),
        ('substr("abcdef", 1, 2)', "bc"),
        ('substr("abcdef", -2, -1)', "ef"),
        ("chunklist([1, 2, 3], 2)", [[1, 2], [3]]),
        ('coalescelist([], ["a"])', ["a"]),
        ('setproduct(["a", "b"], [1])', [["a", 1], ["b", 1]]),
        ('setsubtract(["a", "b"], ["a"])', ["b"]),
        ('setintersection(["a", "b"], ["b", "c"], ["b"])', ["b"]),
        ('index(["a", "b"], "b")', 1),
        ('base64decode(base64encode("ä"))', "ä"),
        ('strcontains("abc", "b") && strrev("ab") == "ba"', True),
        ('trim("?!a!?", "!?")', "a"),
    ],
)
def test_what_is_static_is_evaluated(expression: str, expected: Any) -> None:
    assert value(expression, 'locals {\n  a = "from locals"\n  b = local.a\n}\n') == expected


@pytest.mark.parametrize(
    "expression",
    [
        "aws_vpc.main.id",
        "data.aws_ami.x.id",
        "var.absent",
        "local.loop",
        "local.absent",
        "timestamp()",
        "file(var.known)",
        "try(aws_vpc.main.id, 1)",
        "can(aws_vpc.main.id)",
        "[1][5]",
        "1 / 0",
        '"x" + 1',
        "aws_vpc.main.id && true",
        "aws_vpc.main.id == 1",
        "aws_vpc.main.ok ? 1 : 2",
        "[for x in aws_vpc.main.list : x]",
        "[for x in [1] : x if aws_vpc.main.ok]",
        'format("%-5s", "a")',
        'replace("a", "/a/", "b")',
        'join(",", [aws_vpc.main.id])',
        "module.x.out",
        "each.key",
        "each",
        "aws_vpc.main.list[0]",
        "aws_vpc.main.list[*].id",
        "[1][aws_vpc.main.n]",
        "{(aws_vpc.main.id) = 1}",
        "max(aws_vpc.main.list...)",
        "merge({}, aws_vpc.main.tags)",
        "{for x in [1, 1] : x => x}",
        "1 % 0",
        "element([], 0)",
        "length(1)",
        "merge([])",
        "concat({})",
        'lookup({}, "a")',
        'coalesce("", null)',
        'format("%s")',
        'format("a", "b")',
        'format("%d", 1.5)',
        'jsondecode("{")',
        "range(5000)",
        "range(1, 2, 0)",
        "slice([1], 0, 5)",
        "one([1, 2])",
        'zipmap(["a"], [])',
        'cidrsubnet("x", 8, 2)',
        'cidrsubnet("10.0.0.0/16", 8, 256)',
        "max()",
        "try({}.missing)",
        'tonumber("x")',
        'tobool("yes")',
        "tostring([])",
        "[for x in 1 : x]",
        "lower(1, 2)",
    ],
)
def test_what_is_not_certain_stays_as_it_is_written_and_is_marked(expression: str) -> None:
    more = 'variable "known" { default = 1 }\nlocals { loop = local.loop }\n'
    (found,) = resources(read(main_tf=f'resource "t" "n" {{\n  a = {expression}\n}}\n{more}'))
    assert found.values == {"a": f"${{{expression}}}"}
    assert found.unknown == {("a",)}
    assert found.view(known=True)["values"] == {}


def test_only_the_unknown_part_of_a_value_is_marked() -> None:
    (found,) = resources(read(main_tf='resource "t" "n" {\n  a = merge({x = 1}, {y = "i-${z.q.id}"})\n}\n'))
    assert found.values == {"a": {"x": 1, "y": "i-${z.q.id}"}}
    assert found.unknown == {("a", "y")}


def test_one_side_alone_decides_an_and() -> None:
    assert value("false && z.q.ok") is False
    assert value("z.q.ok || true") is True


def test_a_variable_has_the_type_that_it_is_declared_with() -> None:
    more = 'variable "v" {\n  type = object({ n = string, o = optional(bool, true), l = list(number) })\n'
    more += '  default = { n = 1, l = ["2"], extra = 1 }\n}\n'
    assert value("var.v", more) == {"n": "1", "o": True, "l": [2]}


@pytest.mark.parametrize(
    ("kind", "default", "expected"),
    [
        ("map(string)", "{a = 1}", {"a": "1"}),
        ("set(string)", '["a", "a"]', ["a"]),
        ("any", "[1]", [1]),
        ("tuple([string])", "[1]", [1]),
        ("bool", '"true"', True),
    ],
)
def test_a_default_is_converted(kind: str, default: str, expected: Any) -> None:
    assert value("var.v", f'variable "v" {{\n  type = {kind}\n  default = {default}\n}}\n') == expected


@pytest.mark.parametrize(("kind", "default"), [("number", '"x"'), ("object({a = string})", "{}"), ("string", "[]")])
def test_a_default_of_another_type_is_unknown(kind: str, default: str) -> None:
    assert value("var.v", f'variable "v" {{\n  type = {kind}\n  default = {default}\n}}\n') == "${var.v}"


def test_files_of_variables_win_over_defaults_and_later_ones_over_earlier() -> None:
    files = read(
        main_tf='variable "v" { default = 1 }\nvariable "w" { default = 1 }\n'
        'variable "u" { default = 1 }\nresource "t" "n" { a = [var.u, var.v, var.w] }\n',
    )
    for name, text in {
        "terraform.tfvars": "v = 2\nw = 2\n",
        "b.auto.tfvars": "w = 3\n",
        "other.tfvars": "u = 9",
    }.items():
        files[name] = hcl2.parse(text.encode(), file=name)[0]
    files["c.auto.tfvars.json"] = Document({"w": 4}, {})
    (found,) = resources(files)
    assert found.values == {"a": [1, 2, 4]}


def test_count_makes_one_resource_for_each_index() -> None:
    found = resources(read(main_tf='resource "t" "n" {\n  count = 2\n  a = "x${count.index}"\n}\n'))
    assert [(one.address, one.index, one.values) for one in found] == [
        ("t.n[0]", 0, {"a": "x0"}),
        ("t.n[1]", 1, {"a": "x1"}),
    ]
    assert resources(read(main_tf='resource "t" "n" { count = 0 }\n')) == ()


def test_for_each_makes_one_resource_for_each_key() -> None:
    text = 'resource "t" "n" {\n  for_each = {b = 2, "a\\"" = 1}\n  k = each.key\n  v = each.value\n}\n'
    found = resources(read(main_tf=text))
    assert [(one.address, one.values) for one in found] == [
        ('t.n["a\\""]', {"k": 'a"', "v": 1}),
        ('t.n["b"]', {"k": "b", "v": 2}),
    ]
    found = resources(read(main_tf='resource "t" "n" {\n  for_each = toset(["x"])\n  v = each.value\n}\n'))
    assert [(one.address, one.values) for one in found] == [('t.n["x"]', {"v": "x"})]


@pytest.mark.parametrize("number", ["count = z.q.n", "for_each = z.q.m"])
def test_an_unknown_number_of_instances_is_one_without_index(number: str) -> None:
    text = f'resource "t" "n" {{\n  {number}\n  a = try(each.value, count.index)\n}}\n'
    (found,) = resources(read(main_tf=text))
    assert (found.address, found.index) == ("t.n", None)
    assert found.unknown == {("a",)}


def test_dynamic_blocks_are_spread_out_where_they_are_static() -> None:
    text = (
        'resource "t" "n" {\n  rule { id = 0 }\n  dynamic "rule" {\n    for_each = [1, 2]\n    iterator = it\n'
        "    content {\n      id = it.value\n    }\n  }\n  dynamic "
        '"other" {\n    for_each = z.q.list\n    content {}\n  }\n}\n'
    )
    (found,) = resources(read(main_tf=text))
    assert found.values == {"rule": [{"id": 0}, {"id": 1}, {"id": 2}], "other": "${z.q.list}"}
    assert found.unknown == {("other",)}
    assert found.position(("rule", 2, "id")) == Position(7, 12)


def test_what_is_said_to_terraform_is_no_value() -> None:
    text = 'resource "t" "n" {\n  provider = aws.x\n  depends_on = [t.m]\n  lifecycle {\n    prevent_destroy = true\n  }\n}\n'
    (found,) = resources(read(main_tf=text))
    assert (found.values, found.lifecycle, found.unknown) == ({}, {"prevent_destroy": True}, frozenset())
    assert found.view()["lifecycle"] == {"prevent_destroy": True}


MODULE = (
    'variable "v" { default = false }\nresource "aws_s3_bucket" "b" {\n  versioning {\n    enabled = var.v\n  }\n}\n'
)


def test_a_local_module_is_seen_through_its_calls() -> None:
    root = 'module "on" {\n  source = "./modules/x"\n  v = true\n}\nmodule "off" {\n  source = "./modules/x"\n}\n'
    root += 'module "many" {\n  source = "./modules/x"\n  for_each = toset(["k"])\n  v = each.key == "k"\n}\n'
    found = {one.address: one for one in resources(read(main_tf=root, modules__x__main_tf=MODULE))}
    enabled = {address: one.values["versioning"][0]["enabled"] for address, one in found.items()}
    assert enabled == {
        "module.on.aws_s3_bucket.b": True,
        "module.off.aws_s3_bucket.b": False,
        'module.many["k"].aws_s3_bucket.b': True,
    }
    on = found["module.on.aws_s3_bucket.b"]
    assert (on.module, on.document, on.position()) == ("module.on", "modules/x/main.tf", Position(2, 1))
    assert on.view()["module_address"] == "module.on"


def test_calls_name_what_is_followed_and_what_is_not() -> None:
    root = (
        'module "a" { source = "./modules/x" }\nmodule "b" { source = "../y" }\nmodule "c" { source = "org/z/aws" }\n'
    )
    found = calls(read(in__main_tf=root, in__modules__x__main_tf=MODULE))
    assert [(one.address, one.folder, one.followed) for one in found] == [
        ("module.a", "in/modules/x", True),
        ("module.b", "y", False),
        ("module.c", "", False),
    ]
    assert found[1].position == Position(2, 1)


def test_modules_that_call_each_other_end_and_are_seen() -> None:
    call = 'module "m" {{ source = "../{}" }}\nresource "t" "n" {{}}\n'
    found = resources(read(a__main_tf=call.format("b"), b__main_tf=call.format("a")))
    assert {one.address for one in found} >= {"t.n", "module.m.t.n"}


def test_the_provider_is_the_one_that_is_required() -> None:
    text = 'terraform {\n  required_providers {\n    t = { source = "org/t" }\n  }\n}\nresource "t_x" "n" {}\n'
    (found,) = resources(read(main_tf=text))
    assert found.provider_name == "org/t"


def test_the_json_syntax_gives_resources_and_marks_templates() -> None:
    body = {"bucket": "${var.x}", "versioning": [{"enabled": True}]}
    document = Document(
        {"resource": {"aws_s3_bucket": {"b": body}}}, {("resource", "aws_s3_bucket", "b"): Position(3, 5)}
    )
    (found,) = resources({"main.tf.json": document})
    assert (found.address, found.values, set(found.unknown)) == ("aws_s3_bucket.b", body, {("bucket",)})
    assert found.position(("bucket",)) == Position(3, 5)


@pytest.mark.parametrize(
    "text",
    [
        'resource "t" "n" { count = 1000000 }',
        "locals {\n"
        + "".join(f"  a{n} = [local.a{n - 1}, local.a{n - 1}]\n" for n in range(1, 40))
        + '  a0 = 1\n}\nresource "t" "n" { a = local.a39 }',
    ],
)
def test_a_small_text_cannot_say_something_huge(text: str) -> None:
    with pytest.raises(TooLarge):
        resources(read(main_tf=text))


def test_texts_that_double_end_as_unknown() -> None:
    text = "locals {\n" + "".join(f'  a{n} = "${{local.a{n - 1}}}${{local.a{n - 1}}}"\n' for n in range(1, 60))
    (found,) = resources(read(main_tf=text + '  a0 = "x"\n}\nresource "t" "n" { a = local.a59 }'))
    assert found.unknown == {("a",)}


OUTPUTS = """
variable "name" { default = "x" }
output "name" { value = upper(var.name) }
output "id" { value = t.inner.id }
resource "u" "inner" {}
"""


@pytest.mark.parametrize(
    ("call", "expression", "expected"),
    [
        ("", "module.m.name", "X"),
        ('name = "y"', "module.m.name", "Y"),
        ("count = 2", "module.m[1].name", "X"),
        ("count = 0", "length(module.m)", 0),
        ("count = 2", "module.m[*].name", ["X", "X"]),
        ('for_each = toset(["a", "b"])\n  name = each.key', "[for k, v in module.m : v.name]", ["A", "B"]),
        ('for_each = {k = "v"}\n  name = each.value', 'module.m["k"].name', "V"),
    ],
)
def test_outputs_of_local_modules_are_followed(call: str, expression: str, expected: Any) -> None:
    text = f'module "m" {{\n  source = "./m"\n  {call}\n}}\nresource "t" "n" {{\n  a = {expression}\n}}\n'
    assert values(text, m__main_tf=OUTPUTS)["a"] == expected


@pytest.mark.parametrize(
    "expression", ["module.m.id", "module.absent.name", "module.m.absent", "module.away.name", "module.some[0].name"]
)
def test_outputs_that_only_a_run_can_tell_stay_as_they_are_written(expression: str) -> None:
    more = 'module "m" {\n  source = "./m"\n}\nmodule "away" {\n  source = "hashicorp/x/aws"\n  count = 1\n}\n'
    more += 'module "some" {\n  source = "./m"\n  count = z.q.n\n}\n'
    text = more + f'resource "t" "n" {{\n  a = {expression}\n}}\n'
    (one,) = [one for one in resources(read(main_tf=text, m__main_tf=OUTPUTS)) if one.type == "t"]
    assert one.values["a"] == f"${{{expression}}}"
    assert one.unknown == {("a",)}


def test_modules_that_wait_for_each_other_end() -> None:
    text = 'module "a" {\n  source = "./m"\n  name = module.b.name\n}\n'
    text += 'module "b" {\n  source = "./m"\n  name = module.a.name\n}\n'
    found = resources(read(main_tf=text, m__main_tf=OUTPUTS))
    assert sorted(one.address for one in found) == ["module.a.u.inner", "module.b.u.inner"]


def test_a_null_that_is_not_refused_is_null() -> None:
    inner = 'variable "name" {\n  default  = "x"\n  nullable = %s\n}\nresource "u" "i" {\n  a = var.name\n}\n'
    call = 'module "m" {\n  source = "./m"\n  name = null\n}\n'
    said = [resources(read(main_tf=call, m__main_tf=inner % word))[0].values["a"] for word in ("true", "false")]
    assert said == [None, "x"]
