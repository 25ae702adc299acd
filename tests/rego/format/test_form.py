"""The one form of modules: golden texts, and the laws: formatted again it is the same, and it means the same."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from graven.rego import PolicyErrors
from graven.rego.format import formatted
from graven.rego.format.modules import same
from graven.rego.parse.modules import parse_module

VECTORS = Path(__file__).parent.parent.parent / "vectors" / "format"
SUITE = Path(__file__).parents[4] / "shared" / "data" / "rego"
OWN = sorted((Path(__file__).parents[3] / "src" / "graven" / "library").rglob("*.rego"))
CASES = sorted(path.stem for path in VECTORS.glob("*.rego"))


@pytest.mark.parametrize("name", CASES)
def test_a_module_takes_its_golden_form(name: str) -> None:
    version = "v0" if name.startswith("v0") else "v1"
    text = (VECTORS / f"{name}.rego").read_text()
    assert formatted(name, text, version=version) == (VECTORS / f"{name}.formatted").read_text()


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.stem)
def test_the_shipped_rules_have_the_form(path: Path) -> None:
    text = path.read_text()
    again = formatted(path.name, text, version="auto")
    assert formatted(path.name, again, version="auto") == again
    assert same(parse_module("a", text), parse_module("b", again))


def test_both_versions_are_served_by_an_import() -> None:
    text = "package p\n\ndeny[msg] { msg := input.x }\n"
    wanted = "package p\n\nimport rego.v1\n\ndeny contains msg if msg := input.x\n"
    assert formatted("p.rego", text, version="v0", target="v0v1") == wanted


def test_imports_that_v1_does_not_need_are_left_out_if_asked() -> None:
    text = "package p\n\nimport rego.v1\nimport data.x\n\np := x\n"
    assert formatted("p.rego", text, drop_imports=True) == "package p\n\nimport data.x\n\np := x\n"


@pytest.mark.parametrize("name", CASES)
def test_a_form_is_its_own_form(name: str) -> None:
    version = "v0" if name.startswith("v0") else "v1"
    text = (VECTORS / f"{name}.formatted").read_text()
    assert formatted(name, text, version=version) == text


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("x := 1\n\t(y | z) & x", "(y | z) & x"),
        ("y - (z - x)", "y - (z - x)"),
        ("(y in z) == x", "(y in z) == x"),
        ("y == (z == x)", "y == (z == x)"),
        ("(y - z) - x", "y - z - x"),
        ("x := (y in z)", "x := y in z"),
        ("(y * z) + x", "y * z + x"),
    ],
)
def test_parentheses_stay_where_something_else_would_be_meant_without_them(written: str, kept: str) -> None:
    form = formatted("p.rego", f"package p\n\na if {{\n\ttrue\n\t{written}\n}}\n", version="v1")
    assert kept in [line.strip() for line in form.splitlines()]


def test_what_cannot_be_read_is_not_written() -> None:
    with pytest.raises(PolicyErrors):
        formatted("p.rego", "package p\n\np if {", version="v1")


def test_each_comment_is_kept_once() -> None:
    text = "# a\npackage p # b\n# c\np if { # d\n  # e\n  x := [ # f\n 1, # g\n # h\n 2 ] # i\n # j\n} # k\n# l\n"
    written = formatted("p.rego", text)
    assert sorted(written.split("#")[n][1] for n in range(1, 13)) == list("abcdefghijkl")
    assert written.count("#") == 12


@pytest.mark.parametrize("version", ["v0", "v1"])
def test_the_modules_of_the_suite_keep_their_meaning_and_their_form(version: str) -> None:
    if not SUITE.is_dir():
        pytest.skip("the shared data does not lie beside the project")
    texts = {
        module
        for path in sorted((SUITE / version).rglob("*.yaml"))[::4]
        for case in (yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader) or {}).get("cases", ())
        for module in case.get("modules") or ()
    }
    refused = 0
    for text in texts:
        try:
            written = formatted("m.rego", text, version=version)
        except PolicyErrors:
            refused += 1
            continue
        assert formatted("m.rego", written, version=version) == written
        assert same(parse_module("a", text, version), parse_module("b", written, version))
    assert len(texts) > 300
    assert refused / len(texts) < 0.02


def test_trees_that_mean_something_else_are_told_apart() -> None:
    one = parse_module("a", "package p\n\np := x + 1 if { x := 1; _ = x }", "v1")
    assert same(one, parse_module("b", "package p\np := x+1 if {\n  x := 1\n  _ = x\n}", "v1"))
    for other in (
        "package q\n\np := x + 1 if { x := 1; _ = x }",
        "package p\n\np := x + 2 if { x := 1; _ = x }",
        "package p\n\np := x + 1 if { x := 1; not _ = x }",
        "package p\n\np := x - 1 if { x := 1; _ = x }",
        "package p\n\np := x + 1 if { _ = x; x := 1 }",
        "package p\n\nimport data.x\n\np := x + 1 if { x := 1; _ = x }",
    ):
        assert not same(one, parse_module("c", other, "auto"))
