from __future__ import annotations

from typing import Any

import pytest

from graven.decide.inputs import Artifact, Request, Snapshot, Stay, Target
from graven.decide.materials import Materials, Source, decode_records, encode_records
from graven.decide.record import Record, decode_waivers, encode_waivers
from graven.decide.waivers import Scope, Waiver
from graven.errors import Malformed
from graven.values import Digest, canonical

ONE, TWO = Digest.of(b"1"), Digest.of(b"2")
RECORD = Record(
    repository="team/web",
    digest=ONE,
    stage="test",
    time="2026-11-24T12:00:00.000000Z",
    outcome="deny",
    question=TWO,
    verdict=ONE,
    policy=TWO,
    waivers=ONE,
    materials=TWO,
    documents=(("policy", ONE), ("stages", TWO), ("trust", ONE)),
    snapshot=ONE,
)
MATERIALS = Materials(
    artifact=Artifact("team/web", ONE, "m", "index", 7, "2026", ("1.0",), (TWO,)),
    target=Target("test", "dev", (Stay("dev", "2026", current=True, revoked=False),), TWO),
    request=Request("somebody", "because"),
    now="2026-11-24T12:00:00.000000Z",
    trust=TWO,
    revoked=(("key", "ab"),),
    evidence=(Source(ONE, ONE, "2026", (TWO,)),),
    inventory=ONE,
    snapshot=Snapshot(TWO, "2026"),
    advisories=ONE,
    kev=TWO,
)


def test_a_record_is_read_back_as_it_was_written() -> None:
    assert Record.decode(RECORD.encode()) == RECORD


def test_materials_are_read_back_as_they_were_written() -> None:
    assert Materials.decode(MATERIALS.encode()) == MATERIALS
    assert set(MATERIALS.objects()) == {ONE, TWO}


@pytest.mark.parametrize(
    "change", [{"v": 2}, {"question": "x"}, {"outcome": "maybe"}, {"documents": []}, {"time": None}]
)
def test_what_is_no_record_is_refused(change: dict[str, Any]) -> None:
    document = canonical.loads(RECORD.encode()) | change
    if change == {"time": None}:
        del document["time"]
    with pytest.raises(Malformed):
        Record.decode(canonical.dumps(document))


@pytest.mark.parametrize("change", [{"v": 2}, {"trust": "x"}, {"artifact": {}}, {"evidence": [{}]}, {"target": None}])
def test_what_is_no_materials_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        Materials.decode(canonical.dumps(canonical.loads(MATERIALS.encode()) | change))


def test_waivers_are_kept_in_one_order() -> None:
    waivers = tuple(Waiver("r", "a", "b", Scope("x", f"team/{n}"), "2027-01-01T00:00:00Z") for n in range(3))
    assert encode_waivers(waivers) == encode_waivers(waivers[::-1])
    assert set(decode_waivers(encode_waivers(waivers))) == set(waivers)
    with pytest.raises(Malformed):
        decode_waivers(b"{}")


def test_advisory_records_are_kept_as_they_were_received() -> None:
    records = [b'{"id": "B" }', '{"id":"Ä"}'.encode()]
    assert sorted(decode_records(encode_records(records))) == sorted(records)
    assert encode_records(records) == encode_records(records[::-1])
    for sabotage in (b"{}", b"[1]"):
        with pytest.raises(Malformed):
            decode_records(sabotage)
