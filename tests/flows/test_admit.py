"""The sixteen recorded reviews against the table of expected answers, and the rules behind them."""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from graven.errors import Malformed, Unsupported
from graven.flows.admit import Admit, Door
from graven.flows.reviews import parse_review
from graven.ports import Receipt
from graven.projection import Expectation, Key, Row
from graven.values import Caller, Digest, Reference
from graven.values.events import AdmissionAnswered, Event

ROOT = Path(__file__).parents[2]
RECORDED = ROOT.parent / "shared" / "data" / "admission" / "recorded-1.36.json"
EXPECTED = json.loads((ROOT / "tests" / "vectors" / "admission" / "recorded-1.36.expected.json").read_text())
NOW = datetime(2026, 6, 1, tzinfo=UTC)
DOOR = Door("prod-1", "production", timedelta(hours=1))
KUBELET = Caller("cluster:prod-1")


@dataclass
class Books:
    """Tables and a journal that hold what a test puts into them."""

    rows: dict[tuple[str, Key], Row] = field(default_factory=dict)
    journalled: list[AdmissionAnswered] = field(default_factory=list)

    async def get(self, table: str, key: Key) -> Row | None:
        return self.rows.get((table, key))

    async def scan(
        self, table: str, prefix: Key = (), *, after: Key | None = None, limit: int = 1000, reverse: bool = False
    ) -> Sequence[tuple[Key, Row]]:
        raise NotImplementedError

    async def append(self, *events: Event, expects: Sequence[Expectation] = ()) -> Receipt:
        self.journalled += [event.body for event in events if isinstance(event.body, AdmissionAnswered)]
        return Receipt(0, ())

    def promote(self, text: str, *, since: datetime = NOW - timedelta(days=2)) -> Digest:
        reference = Reference.parse(text)
        digest = Digest.of(text.encode())
        self.rows["tags", (reference.repository, str(reference.tag))] = {"digest": str(digest)}
        self.rows["admissible", ("production", reference.repository, str(digest))] = {
            "index_digest": str(digest),
            "vsa": str(Digest.of(b"summary")),
            "valid_until": "2027-01-01T00:00:00.000000Z",
            "since": since.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "until": None,
        }
        return digest


async def sound(*_: object) -> str:
    return ""


def admit(books: Books, **changes: Any) -> Admit:
    ports: dict[str, Any] = {
        "journal": books,
        "tables": books,
        "clock": lambda: NOW,
        "summary_fault": sound,
        "hosts": frozenset({"reg.local"}),
    }
    return Admit(**(ports | changes))


def review(kind: str = "Pod", image: str = "reg.local/b:2", **request: Any) -> bytes:
    document = {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": image}]}}
    base = {
        "uid": "u1",
        "kind": {"kind": kind},
        "operation": "CREATE",
        "namespace": "n",
        "name": "p",
        "object": document,
    }
    return json.dumps(
        {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": base | request}
    ).encode()


def pinned_review(books: Books, **request: Any) -> bytes:
    return review(image=f"reg.local/b:2@{books.promote('reg.local/b:2')}", **request)


@pytest.mark.skipif(not RECORDED.exists(), reason="the recorded reviews lie in ../shared, which is absent")
@pytest.mark.parametrize("index", range(16))
async def test_recorded_reviews_get_the_expected_answers(index: int) -> None:
    recorded, expected = json.loads(RECORDED.read_text())[index], EXPECTED["answers"][index]
    books = Books()
    for image in EXPECTED["promoted"]:
        books.promote(image)
    asked = parse_review(json.dumps(recorded["review"]).encode())
    mutating = recorded["path"].startswith("/mutate")
    flow = admit(books)
    answered = (await flow.mutate(asked)) if mutating else (await flow.validate(asked, DOOR, KUBELET))
    response = answered["response"]
    assert response["uid"] == recorded["review"]["request"]["uid"]
    assert response["allowed"] is expected["allowed"]
    assert expected.get("reason", "") in response.get("status", {}).get("message", "")
    assert expected.get("warning", "") in "".join(response.get("warnings", []))
    patch = json.loads(base64.b64decode(response.get("patch", "W10=")))
    assert sorted(step["path"] for step in patch) == sorted(expected.get("patch", []))
    assert ("patch" in response) == ("patchType" in response)
    assert bool(books.journalled) is (not mutating and not asked.dry_run)


async def test_what_mutate_pins_is_what_validate_lets_in() -> None:
    books = Books()
    books.promote("reg.local/b:2")
    first = json.loads(review())
    patch = await admit(books).mutate(parse_review(json.dumps(first).encode()))
    (step,) = json.loads(base64.b64decode(patch["response"]["patch"]))
    first["request"]["object"]["spec"]["containers"][0]["image"] = step["value"]
    second = parse_review(json.dumps(first).encode())
    assert (await admit(books).validate(second, DOOR, KUBELET))["response"]["allowed"] is True
    again = await admit(books).mutate(second)
    assert "patch" not in again["response"], "reinvocation must be idempotent"


async def test_a_digest_that_another_took_the_place_of_is_let_in_within_the_grace_only() -> None:
    books = Books()
    asked = parse_review(pinned_review(books))
    (key,) = [key for table, key in books.rows if table == "admissible"]
    for minutes, allowed in ((30, True), (90, False)):
        until = (NOW - timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        books.rows["admissible", key] = {**books.rows["admissible", key], "until": until}
        assert (await admit(books).validate(asked, DOOR, KUBELET))["response"]["allowed"] is allowed


async def test_a_revoked_promotion_is_refused_with_the_reason_that_was_given() -> None:
    books = Books()
    asked = parse_review(pinned_review(books))
    digest = Digest.of(b"reg.local/b:2")
    books.rows["revocations", ("promotion", f"production/b@{digest}")] = {"reason": "leaks memory"}
    response = (await admit(books).validate(asked, DOOR, KUBELET))["response"]
    assert response["allowed"] is False
    assert "leaks memory" in response["status"]["message"]


async def test_a_summary_that_does_not_verify_refuses() -> None:
    async def broken(*_: object) -> str:
        return "signature does not verify"

    books = Books()
    asked = parse_review(pinned_review(books))
    response = (await admit(books, summary_fault=broken).validate(asked, DOOR, KUBELET))["response"]
    assert "signature does not verify" in response["status"]["message"]


async def test_a_promotion_that_has_ended_refuses() -> None:
    books = Books()
    asked = parse_review(pinned_review(books))
    response = (await admit(books, clock=lambda: datetime(2028, 1, 1, tzinfo=UTC)).validate(asked, DOOR, KUBELET))[
        "response"
    ]
    assert "promote it again" in response["status"]["message"]


async def test_the_same_digest_in_another_stage_is_refused() -> None:
    books = Books()
    asked = parse_review(pinned_review(books))
    door = Door("test-1", "test", timedelta(0))
    assert (await admit(books).validate(asked, door, KUBELET))["response"]["allowed"] is False


@pytest.mark.parametrize(
    "image",
    [
        "nginx:1",
        "docker.io/library/nginx@sha256:" + "a" * 64,
        "evil.local/b:2@" + str(Digest.of(b"reg.local/b:2")),
        "reg.local/b",
        "reg.local/../b:2",
        "REG.LOCAL/b:2@" + str(Digest.of(b"reg.local/b:2")),
        "",
    ],
)
async def test_images_from_elsewhere_and_unreadable_ones_are_refused(image: str) -> None:
    books = Books()
    books.promote("reg.local/b:2")
    response = (await admit(books).validate(parse_review(review(image=image)), DOOR, KUBELET))["response"]
    assert response["allowed"] is False
    assert response["status"]["message"]


async def test_an_update_that_brings_one_new_image_is_judged_for_that_one() -> None:
    books = Books()
    good = f"reg.local/b:2@{books.promote('reg.local/b:2')}"
    document = json.loads(review(image="elsewhere.example/old:1"))["request"]["object"]
    after = copy.deepcopy(document)
    for image, allowed in ((good, True), ("elsewhere.example/new:1", False)):
        after["spec"]["ephemeralContainers"] = [{"name": "debug", "image": image}]
        asked = parse_review(review(operation="UPDATE", object=after, oldObject=document))
        assert (await admit(books).validate(asked, DOOR, KUBELET))["response"]["allowed"] is allowed


@pytest.mark.parametrize(
    "document",
    [
        None,
        {},
        {"spec": None},
        {"spec": []},
        {"spec": {"containers": {}}},
        {"spec": {"containers": [1]}},
        {"spec": {"containers": [{"image": 5}]}},
    ],
)
async def test_objects_that_are_not_shaped_as_their_kind_says_are_refused(document: Any) -> None:
    asked = parse_review(review(object=document))
    assert (await admit(Books()).validate(asked, DOOR, KUBELET))["response"]["allowed"] is False
    assert (await admit(Books()).mutate(asked))["response"]["allowed"] is False


async def test_a_kind_that_is_not_known_is_refused_and_not_guessed_at() -> None:
    asked = parse_review(review(kind="Sidecar"))
    response = (await admit(Books()).validate(asked, DOOR, KUBELET))["response"]
    assert "Sidecar" in response["status"]["message"]


@pytest.mark.parametrize("kind", ["Scale", "PodExecOptions", "Eviction"])
async def test_kinds_without_images_are_let_in(kind: str) -> None:
    asked = parse_review(review(kind=kind))
    assert (await admit(Books()).validate(asked, DOOR, KUBELET))["response"]["allowed"] is True


def test_a_body_that_is_no_review_is_an_error() -> None:
    for body in (b"", b"[]", b"{}", b'{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1"}', review(uid="")):
        with pytest.raises(Malformed):
            parse_review(body)
    with pytest.raises(Unsupported):
        parse_review(review().replace(b"k8s.io/v1", b"k8s.io/v1beta1"))
