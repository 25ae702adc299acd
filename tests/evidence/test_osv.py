import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graven.errors import Malformed
from graven.evidence import osv
from osv_corpus import RECORD_FILES, needs_corpus, records


def _record(**more: Any) -> bytes:
    entry = {
        "package": {"ecosystem": "npm", "name": "left"},
        "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "1.0.0"}]}],
    }
    return json.dumps({"id": "TEST-1", "modified": "2026-01-01T00:00:00Z", "affected": [entry], **more}).encode()


def _entry(**more: Any) -> bytes:
    return _record(affected=[{"package": {"ecosystem": "npm", "name": "left"}, **more}])


@needs_corpus
@pytest.mark.parametrize("name", [path.name for path in RECORD_FILES])
def test_every_real_record_is_read(name: str) -> None:
    for line in records(name):
        found = osv.parse(line, where=name)
        assert found.id == json.loads(line)["id"]
        assert len(found.affected) == len([e for e in json.loads(line)["affected"] if "package" in e])


@needs_corpus
def test_few_real_ranges_of_known_ecosystems_are_unread() -> None:
    told = sorted(
        found.id
        for path in RECORD_FILES
        for found in map(osv.parse, records(path.name))
        for entry in found.affected
        for reason in entry.unread
        if "no order is known" not in reason
    )
    alpine = [name for name in told if name.startswith("ALPINE-")]
    assert len(alpine) == 44  # such as 1.7.5.-r1 and 2.7.16-33, which no package can have
    assert [name for name in told if name not in alpine] == [
        "PYSEC-2019-125",
        "PYSEC-2021-371",
        "PYSEC-2022-15",
        "RETIRE-DWR-CVE-2014-5326",
        "RETIRE-jquery-CVE-2012-6708",
        "RETIRE-prototypejs-CVE-2008-7220",
        "VICTIMS-CVE-2014-0149",
    ]


def test_a_distribution_keeps_its_release_and_upstream_is_no_alias() -> None:
    entry = {"package": {"ecosystem": "Debian:12", "name": "openssl"}, "versions": ["1"]}
    found = osv.parse(_record(affected=[entry], upstream=["CVE-2026-1"], aliases=["GHSA-x"]))
    assert found.packages == (("Debian:12", "openssl"),)
    assert (found.upstream, found.aliases) == (("CVE-2026-1",), ("GHSA-x",))


def test_names_of_python_packages_are_normal_and_those_of_npm_are_not() -> None:
    assert osv.package_name("PyPI", "Zope.Interface__x") == "zope-interface-x"
    assert osv.package_name("npm", "JSONStream") == "JSONStream"


V3 = {"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}
V4 = {"type": "CVSS_V4", "score": "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"}


@pytest.mark.parametrize(
    ("more", "level", "score"),
    [
        ({"severity": [V3]}, "critical", 9.8),
        ({"severity": [V4]}, "unknown", None),
        ({"severity": [V4], "database_specific": {"severity": "MODERATE"}}, "medium", None),
        ({"severity": [V3], "database_specific": {"severity": "LOW"}}, "critical", 9.8),
        ({"severity": [{"type": "Ubuntu", "score": "negligible"}]}, "low", None),
        ({"severity": "very"}, "unknown", None),
        ({"database_specific": {"severity": 9}}, "unknown", None),
        ({}, "unknown", None),
    ],
)
def test_severity_comes_from_a_vector_or_else_from_a_word(
    more: dict[str, Any], level: str, score: float | None
) -> None:
    severity = osv.parse(_record(**more)).affected[0].severity
    assert (severity.level, severity.score) == (level, score)


def test_the_severity_of_a_package_goes_above_that_of_the_record() -> None:
    entry = {
        "package": {"ecosystem": "npm", "name": "a"},
        "versions": ["1.0.0"],
        "ecosystem_specific": {"severity": "low"},
    }
    assert osv.parse(_record(affected=[entry], severity=[V3])).affected[0].severity.level == "low"


def test_moments_with_an_offset_are_read() -> None:
    assert osv.parse(_record(modified="2024-01-01T02:00:00+02:00")).modified == "2024-01-01T00:00:00.000000Z"


def test_an_entry_with_commits_alone_says_that_it_cannot_be_ordered() -> None:
    git = {"type": "GIT", "repo": "https://example.org/x", "events": [{"introduced": "0"}]}
    assert osv.parse(_entry(ranges=[git])).affected[0].unread
    assert not osv.parse(_entry(ranges=[git], versions=["1.0.0"])).affected[0].unread


def test_a_range_outside_the_grammar_is_kept_as_unread() -> None:
    events = [{"introduced": "0"}, {"fixed": "3.0.RC3"}]
    entry = osv.parse(_entry(ranges=[{"type": "SEMVER", "events": events}])).affected[0]
    assert not entry.intervals and "'3.0.RC3'" in entry.unread[0]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b'{"id": 7}',
        b'{"id": "../../x y", "modified": "2026-01-01T00:00:00Z"}',
        b'{"id": "A-1"}',
        b'{"id": "A-1", "id": "A-2", "modified": "2026-01-01T00:00:00Z"}',
        _record(modified="yesterday"),
        _record(withdrawn=True),
        _record(affected={}),
        _record(affected=["npm"]),
        _record(affected=[{"package": {"ecosystem": "npm"}}]),
        _record(aliases="CVE-1"),
        _entry(versions="1.0.0"),
        _entry(ranges=[{"type": "MOOD", "events": [{"introduced": "0"}]}]),
        _entry(ranges=[{"type": "SEMVER", "events": [{"fixed": "1.0.0"}]}]),
        _entry(ranges=[{"type": "SEMVER", "events": [{"introduced": 0}]}]),
        _entry(ranges=[{"type": "SEMVER"}]),
    ],
)
def test_a_record_that_cannot_be_trusted_to_say_what_is_affected_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed) as fault:
        osv.parse(data, where="feed.jsonl:3")
    assert "feed.jsonl:3" in fault.value.where


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(
    st.sampled_from(
        ["id", "modified", "withdrawn", "aliases", "severity", "affected", "database_specific", "upstream"]
    ),
    _JSON,
)
def test_any_json_in_any_field_is_read_or_refused_and_nothing_else(field: str, value: Any) -> None:
    try:
        osv.parse(_record(**{field: value}))
    except Malformed:
        return


@given(st.sampled_from(["package", "ranges", "versions", "severity", "ecosystem_specific", "database_specific"]), _JSON)
def test_any_json_in_any_field_of_an_entry_is_read_or_refused(field: str, value: Any) -> None:
    try:
        osv.parse(_entry(**{field: value}))
    except Malformed:
        return
