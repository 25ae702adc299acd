from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from graven.decide.waivers import Scope, Waiver
from graven.errors import Malformed
from graven.values import canonical

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
GOOD = Waiver(
    "no way to reach it", "ann", "bob", Scope("vulnerabilities", "team/*", term="CVE-1"), "2026-12-01T00:00:00Z"
)


def test_a_waiver_is_read_back_as_it_was_written() -> None:
    assert Waiver.parse(canonical.loads(GOOD.encode())) == GOOD


def test_a_waiver_that_says_all_it_must_may_be_granted() -> None:
    GOOD.check(NOW)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"reason": " "}, "without reason"),
        ({"owner": ""}, "without reason, owner"),
        ({"approver": "ann"}, "two people"),
        ({"expires": "2026-11-24T12:00:00Z"}, "expired"),
        ({"expires": "tomorrow"}, "unreadable"),
        ({"expires": ""}, "unreadable"),
        ({"scope": Scope("", "team/*")}, "without a rule"),
        ({"scope": Scope("vulnerabilities")}, "without repository or digest"),
    ],
)
def test_a_waiver_that_lacks_something_is_refused(changes: dict[str, Any], message: str) -> None:
    parts = {name: getattr(GOOD, name) for name in ("reason", "owner", "approver", "scope", "expires")}
    with pytest.raises(Malformed, match=message):
        Waiver(**{**parts, **changes}).check(NOW)


@pytest.mark.parametrize(
    "change",
    [
        {"v": 2},
        {"more": 1},
        {"scope": {}},
        {"scope": {"rule": "x", "severity": "low"}},
        {"scope": {"rule": 7}},
        {"reason": 7},
        {"scope": "everything"},
    ],
)
def test_a_document_that_is_no_waiver_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        Waiver.parse(canonical.loads(GOOD.encode()) | change)
    with pytest.raises(Malformed):
        Waiver.parse([])


def test_a_scope_covers_what_agrees_with_all_that_it_names() -> None:
    facts = {
        "rule": "vulnerabilities",
        "repository": "team/web",
        "digest": "sha256:1",
        "stage": "test",
        "term": "CVE-1",
    }
    assert GOOD.scope.covers(facts)
    assert Scope("vulnerabilities", digest="sha256:1").covers(facts)
    assert not Scope("vulnerabilities").covers(facts)
    for name, value in {"rule": "seen", "repository": "else/web", "term": "CVE-2"}.items():
        assert not GOOD.scope.covers(facts | {name: value})
