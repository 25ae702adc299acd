"""Our own builtins, called from rules."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graven.decide.builtins import BUILTINS, builtins
from graven.rego import EvaluationError, compile_modules

CYCLONEDX = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.6",
    "components": [
        {"type": "library", "name": "left-pad", "version": "1.3.0", "purl": "pkg:npm/left-pad@1.3.0"},
        {"type": "library", "name": "left-pad", "version": "1.2.0", "purl": "pkg:npm/left-pad@1.2.0"},
        {
            "type": "library",
            "name": "flask",
            "version": "3.0.0",
            "purl": "pkg:pypi/Flask@3.0.0",
            "licenses": [{"license": {"id": "BSD-3-Clause"}}],
        },
    ],
}
SPDX = {
    "spdxVersion": "SPDX-2.3",
    "SPDXID": "SPDXRef-DOCUMENT",
    "packages": [
        {
            "SPDXID": "SPDXRef-1",
            "name": "left-pad",
            "versionInfo": "1.3.0",
            "externalRefs": [
                {
                    "referenceCategory": "PACKAGE-MANAGER",
                    "referenceType": "purl",
                    "referenceLocator": "pkg:npm/left-pad@1.3.0",
                }
            ],
        }
    ],
}
OPENVEX = {
    "@context": "https://openvex.dev/ns/v0.2.0",
    "@id": "https://example.test/vex/1",
    "author": "a",
    "timestamp": "2026-01-02T00:00:00Z",
    "version": 1,
    "statements": [
        {
            "vulnerability": {"name": "CVE-2026-1", "aliases": ["GHSA-x"]},
            "timestamp": "2026-03-01T00:00:00Z",
            "products": [{"@id": "pkg:oci/web"}],
            "status": "fixed",
        },
        {
            "vulnerability": {"name": "CVE-2026-1"},
            "timestamp": "2026-02-01T00:00:00Z",
            "products": [{"@id": "pkg:oci/web", "subcomponents": [{"@id": "pkg:npm/left-pad"}]}],
            "status": "not_affected",
            "justification": "component_not_present",
        },
    ],
}


def ask(expression: str, document: Any = None) -> Any:
    module = f"package t\n\nimport rego.v1\n\nanswer := {expression}\n"
    policy = compile_modules({"t.rego": module}, builtins=builtins())
    return policy.evaluate("data.t.answer", document, strict_builtin_errors=True).json()


def test_a_package_url_is_taken_apart() -> None:
    assert ask('graven.purl.parse("pkg:npm/%40types/Node@1.2?arch=x#a/b")') == {
        "type": "npm",
        "namespace": "@types",
        "name": "Node",
        "version": "1.2",
        "qualifiers": {"arch": "x"},
        "subpath": "a/b",
    }
    assert ask('graven.purl.package("pkg:pypi/Flask_Login@1?x=y")') == "pkg:pypi/flask-login"
    assert ask('[graven.purl.is_valid("pkg:npm/a@1"), graven.purl.is_valid("npm/a"), graven.purl.is_valid(7)]') == [
        True,
        False,
        False,
    ]


@pytest.mark.parametrize(
    ("ecosystem", "one", "other", "order"),
    [
        ("npm", "1.10.0", "1.9.0", 1),
        ("pypi", "1.0rc1", "1.0", -1),
        ("PyPI", "1.0", "1.0.0", 0),
        ("deb", "1.0~rc1-1", "1.0-1", -1),
        ("Debian:12", "1:0", "9", 1),
        ("golang", "v1.2.3", "v1.2.3+incompatible", 0),
    ],
)
def test_versions_have_the_order_of_their_ecosystem(ecosystem: str, one: str, other: str, order: int) -> None:
    assert ask(f'graven.versions.compare("{ecosystem}", "{one}", "{other}")') == order


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("vers:npm/>=1.2.0|<2.0.0", ["1.2.0", "1.9.9"], ["1.1.9", "2.0.0", "3.0.0"]),
        ("vers:npm/1.0.0", ["1.0.0"], ["1.0.1"]),
        ("vers:npm/*", ["0.0.1"], []),
        ("vers:pypi/<1.0|>2.0|!=2.5", ["0.9", "2.1", "3"], ["1.0", "1.5", "2.0", "2.5"]),
        ("vers:deb/>1.0-1|<=1.0-3|>=2.0|<2.1|=5", ["1.0-2", "1.0-3", "2.0", "5"], ["1.0-1", "1.5", "2.1"]),
        ("vers:npm/<=1.0.0|>=3.0.0", ["1.0.0", "0.1.0", "3.0.0", "4.0.0"], ["2.0.0"]),
    ],
)
def test_a_range_holds_what_vers_says(text: str, inside: list[str], outside: list[str]) -> None:
    asked = [f'graven.versions.contains("{text}", "{version}")' for version in (*inside, *outside)]
    assert ask(f"[{', '.join(asked)}]") == [True] * len(inside) + [False] * len(outside)


@given(st.lists(st.integers(0, 30), min_size=2, max_size=2, unique=True), st.integers(0, 30))
def test_an_interval_holds_what_lies_between_its_bounds(bounds: list[int], version: int) -> None:
    low, high = sorted(bounds)
    from graven.decide.builtins.ranges import CALLS

    text = f"vers:npm/>={low}.0.0|<{high}.0.0"
    assert CALLS["graven.versions.contains"](text, f"{version}.0.0") is (low <= version < high)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ('graven.purl.parse("left-pad")', "expected a package URL"),
        ('graven.versions.compare("cobol", "1", "2")', "no order of versions is known for 'cobol'"),
        ('graven.versions.compare("npm", "one", "2.0.0")', "'one' cannot be read as a version of npm"),
        ('graven.versions.contains("npm >= 1", "1.0.0")', "expected vers:SCHEME"),
        ('graven.versions.contains("vers:npm/>=1.0.0|<1.0.0", "1.0.0")', "stands twice"),
        ('graven.sbom.components({"bomFormat": "x"})', "no bill of materials"),
        ('graven.vex.statements({}, "CVE-1")', "no OpenVEX document"),
    ],
)
def test_what_cannot_be_read_is_an_error_and_never_a_quiet_no(expression: str, message: str) -> None:
    with pytest.raises(EvaluationError, match=message):
        ask(expression)


def test_both_formats_of_a_bill_give_the_same_components() -> None:
    one, other = (ask('graven.sbom.find(input, "pkg:npm/left-pad@1.3.0")', bill) for bill in (CYCLONEDX, SPDX))
    assert one == other
    assert [row["purl"] for row in one] == ["pkg:npm/left-pad@1.3.0"]
    assert [row["version"] for row in ask('graven.sbom.find(input, "pkg:npm/left-pad")', CYCLONEDX)] == [
        "1.2.0",
        "1.3.0",
    ]
    assert ask('[c.licence | some c in graven.sbom.components(input); c.name == "flask"]', CYCLONEDX) == [
        "BSD-3-Clause"
    ]


def test_statements_come_in_the_order_of_time_so_that_the_last_word_is_last() -> None:
    rows = ask('graven.vex.statements(input, "CVE-2026-1")', OPENVEX)
    assert [(row["status"], row["subcomponents"]) for row in rows] == [
        ("not_affected", ["pkg:npm/left-pad"]),
        ("fixed", []),
    ]
    assert [row["status"] for row in ask('graven.vex.statements(input, "GHSA-x")', OPENVEX)] == ["fixed"]


def test_each_builtin_has_a_name_of_our_own() -> None:
    assert all(line.startswith("graven.") for line in BUILTINS)
    assert len(builtins()) == len(BUILTINS)


def test_each_builtin_is_told_in_its_page() -> None:
    page = (Path(__file__).parents[3] / "docs" / "reference" / "builtins.md").read_text()
    told = {line.partition("(")[0].removeprefix("| `") for line in page.splitlines() if line.startswith("| `graven.")}
    assert told == {line.partition(":")[0] for line in BUILTINS}
