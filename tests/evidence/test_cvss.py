import json
from collections import Counter, defaultdict

import pytest

from graven.evidence.cvss import base_score, level_of
from osv_corpus import lines, needs_corpus


@pytest.mark.parametrize(
    ("kind", "vector", "score"),
    [
        ("CVSS_V3", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8),
        ("CVSS_V3", "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 6.1),
        ("CVSS_V3", "CVSS:3.0/AV:L/AC:H/PR:H/UI:R/S:U/C:N/I:N/A:N", 0.0),
        ("CVSS_V3", "AV:N/AC:L/PR:L/UI:N/S:U/C:N/I:N/A:H", 6.5),
        ("CVSS_V3", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:P/RL:U/RC:C", 9.8),
        ("CVSS_V2", "AV:N/AC:L/Au:N/C:C/I:C/A:C", 10.0),
        ("CVSS_V2", "(AV:L/AC:H/Au:M/C:N/I:N/A:N)", 0.0),
        ("CVSS_V2", "AV:N/AC:M/Au:N/C:N/I:P/A:N", 4.3),
    ],
)
def test_a_vector_has_the_score_of_its_specification(kind: str, vector: str, score: float) -> None:
    assert base_score(kind, vector) == score


@pytest.mark.parametrize(
    ("kind", "vector"),
    [
        ("CVSS_V3", ""),
        ("CVSS_V3", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H"),
        ("CVSS_V3", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:X"),
        ("CVSS_V3", "CVSS:3.1/AV:N/AV:L/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"),
        ("CVSS_V4", "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"),
        ("CVSS_V2", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"),
    ],
)
def test_a_vector_that_cannot_be_read_has_no_score(kind: str, vector: str) -> None:
    assert base_score(kind, vector) is None


@needs_corpus
def test_what_most_publishers_of_a_real_vector_say_is_met() -> None:
    """Some publish a temporal score, or a wrong one; hence the most frequent of at least five."""
    published: defaultdict[str, Counter[float]] = defaultdict(Counter)
    for line in lines("cve-enrich-vulnrichment.jsonl.zst"):
        for _, vector, score in json.loads(line).get("cvss") or ():
            if not vector.startswith("CVSS:4") and "/E:" not in vector:
                published[vector][score] += 1
    common = {vector: scores.most_common(1)[0][0] for vector, scores in published.items() if scores.total() >= 5}
    ours = {v: base_score("CVSS_V3" if v.startswith("CVSS:3") else "CVSS_V2", v) for v in common}
    assert len(common) > 400
    assert ours == common


def test_levels_have_the_bounds_of_the_specification() -> None:
    assert [level_of(score) for score in (0.0, 0.1, 3.9, 4.0, 6.9, 7.0, 8.9, 9.0, 10.0)] == [
        "none", "low", "low", "medium", "medium", "high", "high", "critical", "critical",
    ]  # fmt: skip
