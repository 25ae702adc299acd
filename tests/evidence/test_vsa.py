"""Verification summaries: each check of one that is shown as the token of a promotion."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from evidence.signed import OTHER, RECEIVED, REPOSITORY, SUBJECT, key, referrer, root, signed, trusted
from graven.evidence import vsa
from graven.evidence.trust import Verified, verify
from graven.values import Digest

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
UNTIL = NOW + timedelta(days=30)


def predicate(**change: Any) -> dict[str, Any]:
    made = vsa.make(
        repository=REPOSITORY,
        stage="test",
        now=NOW,
        valid_until=UNTIL,
        decision=Digest.of(b"decision"),
        policy=Digest.of(b"policy"),
        inputs=(Digest.of(b"input"),),
    )
    return {name: value for name, value in {**made, **change}.items() if value is not None}


def shown(said: Any, kind: str = vsa.PREDICATE_TYPE, **more: Any) -> str:
    carried = referrer(signed(key(), SUBJECT, kind, said), key())
    found = verify(
        carried.only(), root=root(trusted(key())), subject=SUBJECT, repository=REPOSITORY, received_at=RECEIVED
    )
    assert isinstance(found, Verified)
    asked: dict[str, Any] = {"subject": SUBJECT, "repository": REPOSITORY, "stage": "test", "now": NOW} | more
    return vsa.fault(found, **asked)


def test_a_summary_that_was_made_counts_to_its_last_moment() -> None:
    assert not shown(predicate())
    assert not shown(predicate(), now=UNTIL)
    assert shown(predicate(), now=UNTIL + timedelta(microseconds=1)) == "it ended at 2026-07-01T12:00:00.000000Z"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"subject": OTHER}, f"it is about {SUBJECT}"),
        ({"repository": "team/other"}, "it is about graven:team/web"),
        ({"stage": "production"}, "it is for test"),
    ],
)
def test_a_summary_for_something_else_does_not_count(more: dict[str, Any], words: str) -> None:
    assert shown(predicate(), **more) == words


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"verificationResult": "FAILED"}, "its result is FAILED"),
        ({"verificationResult": "passed"}, "its result is passed"),
        ({"verificationResult": None}, "expected verifier"),
        ({"verifier": {"id": "https://example.org/other"}}, "its verifier is https://example.org/other"),
        ({"verifier": {}}, "expected verifier"),
        ({"verifier": None}, "got no verification summary"),
        ({"https://graven.dev/vsa/v1/stage": None}, "expected verifier"),
        ({"https://graven.dev/vsa/v1/validUntil": None}, "expected verifier"),
        ({"https://graven.dev/vsa/v1/validUntil": "for ever"}, "got"),
        ({"https://graven.dev/vsa/v1/stage": ["test"]}, "expected verifier"),
    ],
)
def test_a_summary_that_says_something_else_or_too_little_does_not_count(change: dict[str, Any], words: str) -> None:
    assert shown(predicate(**change)).startswith(words)


def test_a_statement_of_another_type_with_the_same_words_does_not_count() -> None:
    assert shown(predicate(), "https://example.org/summary/v1") == "it is a statement of https://example.org/summary/v1"


@pytest.mark.parametrize("said", [[], "PASSED", 7])
def test_a_predicate_that_is_no_object_does_not_count(said: Any) -> None:
    assert shown(said) == "got no verification summary"
