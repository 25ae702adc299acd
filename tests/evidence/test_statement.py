from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.signed import OTHER, SUBJECT
from graven.errors import GravenError, Malformed, TooLarge
from graven.evidence import statement
from graven.values import Digest

KIND = "https://example.org/review/v1"


def made(**members: Any) -> bytes:
    document = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"digest": {"sha256": SUBJECT.hex}}],
        "predicateType": KIND,
        "predicate": {"ok": True},
    }
    return json.dumps({**document, **members}).encode()


def test_a_statement_is_written_as_cosign_writes_it() -> None:
    assert statement.make(SUBJECT, KIND, {}) == (
        b'{"_type":"https://in-toto.io/Statement/v1","subject":[{"digest":{"sha256":"' + SUBJECT.hex.encode() + b'"}}],'
        b'"predicateType":"https://example.org/review/v1","predicate":{}}'
    )


@given(st.binary(max_size=20), st.dictionaries(st.text(max_size=8), st.integers() | st.text(max_size=8), max_size=4))
def test_what_is_written_is_read_and_about_its_subject_alone(data: bytes, predicate: dict[str, Any]) -> None:
    subject = Digest.of(data, "sha512")
    found = statement.parse(statement.make(subject, KIND, predicate))
    assert (found.predicate_type, found.predicate) == (KIND, predicate)
    assert found.about(subject)
    assert not found.about(OTHER)
    assert not found.about(Digest.of(data))


def test_the_older_type_is_read() -> None:
    assert statement.parse(made(_type="https://in-toto.io/Statement/v0.1")).about(SUBJECT)


def test_integers_are_read_exactly() -> None:
    assert statement.parse(made(predicate={"n": 2**63 + 1})).predicate == {"n": 2**63 + 1}


def test_a_digest_under_the_name_of_another_algorithm_is_no_match() -> None:
    assert not statement.parse(made(subject=[{"digest": {"sha1": SUBJECT.hex}}])).about(SUBJECT)


@pytest.mark.parametrize(
    "members",
    [
        {"_type": "https://in-toto.io/Statement/v2"},
        {"subject": []},
        {"subject": None},
        {"subject": [{"name": "web"}]},
        {"subject": [{"digest": {}}]},
        {"subject": [{"digest": {"sha256": 7}}]},
        {"subject": ["sha256"]},
        {"predicateType": ""},
        {"predicateType": 7},
    ],
)
def test_a_statement_that_lacks_what_it_must_have_is_malformed(members: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        statement.parse(made(**members))


def test_more_subjects_or_digests_than_the_caps_are_too_large() -> None:
    one = {"digest": {"sha256": SUBJECT.hex}}
    assert statement.parse(made(subject=[one] * 1024)).about(SUBJECT)
    with pytest.raises(TooLarge, match="at most 1024"):
        statement.parse(made(subject=[one] * 1025))
    with pytest.raises(TooLarge, match="at most 32"):
        statement.parse(made(subject=[{"digest": {f"a{n}": "00" for n in range(33)}}]))


@given(st.binary(max_size=100))
def test_bytes_that_are_no_statement_never_break(data: bytes) -> None:
    with pytest.raises(GravenError):
        statement.parse(data)
