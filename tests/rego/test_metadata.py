"""Annotations: comment blocks of YAML, their scopes, and what rules can ask of them."""

from __future__ import annotations

from typing import Any

import pytest

from graven.rego import PolicyErrors, compile_modules

MODULE = """# METADATA
# title: The package
package a.b

# METADATA
# scope: document
# description: all of it

# METADATA
# title: The rule
# authors:
# - Jane <jane@example.org>
p := rego.metadata.chain()

q := rego.metadata.rule()
"""


def test_the_chain_goes_from_the_rule_outward() -> None:
    chain: Any = compile_modules({"a.rego": MODULE}).evaluate("data.a.b.p").json()
    assert [entry.get("annotations", {}).get("scope") for entry in chain] == ["rule", "document", "package"]
    assert chain[0]["path"] == ["a", "b", "p"]
    assert chain[0]["annotations"]["authors"] == [{"name": "Jane", "email": "jane@example.org"}]
    assert chain[2] == {"path": ["a", "b"], "annotations": {"scope": "package", "title": "The package"}}


def test_a_rule_without_annotations_has_none() -> None:
    assert compile_modules({"a.rego": MODULE}).evaluate("data.a.b.q").json() == {}


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ("# title: [", "yaml"),
        ("# nosuch: 1", "invalid annotation attribute 'nosuch'"),
        ("# scope: nosuch", "invalid annotation scope"),
        ("# scope: rule\n# entrypoint: true", "entrypoint applied to invalid scope"),
        ("# - a", "expected a mapping"),
    ],
)
def test_a_block_that_cannot_be_read_is_an_error(block: str, message: str) -> None:
    with pytest.raises(PolicyErrors, match=message):
        compile_modules({"a.rego": f"package a\n\n# METADATA\n{block}\np := 1"})
