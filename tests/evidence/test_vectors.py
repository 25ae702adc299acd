"""Evidence as files: each is named after what is wrong with it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evidence.signed import RECEIVED, Carried
from graven.evidence.candidates import Fault
from graven.evidence.trust import TrustRoot, Verified, verify
from graven.values import Digest

FILES = sorted((Path(__file__).parents[1] / "vectors" / "evidence").glob("*.json"))


def test_there_are_valid_pieces_and_broken_ones() -> None:
    names = [path.stem for path in FILES]
    assert [name for name in names if name.startswith("valid")] == ["valid-att", "valid-bundle", "valid-sig"]
    assert len(names) > 10


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_piece_counts_or_is_rejected_for_its_defect(path: Path) -> None:
    told = json.loads(path.read_text())
    blobs = [text.encode() for text in told["blobs"]]
    carried = Carried(told["manifest"].encode(), {Digest.of(data): data for data in blobs})
    (candidate,) = carried.candidates()
    assert not isinstance(candidate, Fault), candidate.reason
    found = verify(
        candidate,
        root=TrustRoot.read(told["trust"]),
        subject=Digest.parse(told["subject"]),
        repository=told["repository"],
        received_at=RECEIVED,
    )
    if not told["reason"]:
        assert isinstance(found, Verified), found.reason
    else:
        assert not isinstance(found, Verified)
        assert found.reason.startswith(told["reason"])
