"""Arguments that no policy means: each is answered as OPA answers it."""

from __future__ import annotations

from typing import Any

import pytest

from graven.rego import UNDEFINED, compile_modules, to_json


@pytest.mark.parametrize(
    ("term", "wanted"),
    [
        ("array.slice([1], 0, 1e19)", UNDEFINED),
        ("array.slice([1], 0, 9223372036854775807)", [1]),
        ('substring("abcd", 1, 1e19)', UNDEFINED),
        ('regex.find_n("a", "aa", 1e19)', UNDEFINED),
        ('regex.find_n("a", "aa", -1)', ["a", "a"]),
        ('strings.split_n("a,b", ",", 1e19)', UNDEFINED),
        ('net.cidr_contains_matches({"a/b"}, set())', []),
        ('net.cidr_contains_matches([], {"a/b"})', []),
        ('net.cidr_contains_matches({"10.0.0.0/8"}, {"a/b"})', UNDEFINED),
        ('json.verify_schema("{")', [False, "jsonschema: invalid JSON string"]),
        ('json.verify_schema("1.2.3")', [False, "jsonschema: invalid JSON string"]),
        ('crypto.x509.parse_and_verify_certificates_with_options("a", {"no": 1})', [False, []]),
    ],
)
def test_a_hostile_argument_is_answered_as_opa_answers_it(term: str, wanted: Any) -> None:
    found = compile_modules({"p.rego": f"package p\nx := {term}"}).evaluate("data.p.x", now_ns=0).value
    assert (found if found is UNDEFINED else to_json(found)) == wanted
