from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graven.evidence import osv
from graven.evidence.matching import SEVERITIES, Matches, match
from graven.evidence.osv import Advisory
from graven.values import Component, Distro, Purl
from osv_corpus import RECORD_FILES, kev, needs_corpus, records

BOOKWORM = Distro("debian", "12")
EVERYTHING = ("npm", "PyPI", "Go", "crates.io", "Debian:12", "Debian:10", "Maven")


def component(purl: str, *, source: str = "", source_version: str = "", path: str = "p") -> Component:
    return Component(Purl.parse(purl), path, "sha256:" + "0" * 64, source=source, source_version=source_version)


def advisory(name: str, ecosystem: str = "npm", package: str = "left", **more: Any) -> Advisory:
    events = more.pop("events", [{"introduced": "0"}, {"fixed": "2.0.0"}])
    entry = {"package": {"ecosystem": ecosystem, "name": package}, "ranges": [{"type": "ECOSYSTEM", "events": events}]}
    entry |= more.pop("entry", {})
    document = {"id": name, "modified": "2026-01-01T00:00:00Z", "affected": [entry], **more}
    return osv.parse(json.dumps(document).encode())


def found(
    purl: str, *advisories: Advisory, distro: Distro | None = BOOKWORM, covered: Sequence[str] = EVERYTHING
) -> Matches:
    return match([component(purl)], distro, advisories, covered=covered)


@needs_corpus
@pytest.mark.parametrize(
    ("purl", "distro", "expected"),
    [
        (
            "pkg:npm/lodash@4.17.20",
            None,
            {
                "GHSA-35jh-r3h4-6jhm",
                "RETIRE-lodash-CVE-2020-28500",
                "RETIRE-lodash-CVE-2021-23337",
                "RETIRE-lodash-CVE-2025-13465",  # of 2026: "fixed" is 4.18.0; the corpus' own list is older
            },
        ),
        ("pkg:npm/nth-check@1.0.2", None, {"GHSA-rp65-9cf3-cjxr"}),
        ("pkg:npm/postcss@7.0.39", None, {"GHSA-7fh5-64p2-3v2j"}),
        ("pkg:pypi/requests@2.19.0", None, {"PYSEC-2018-28", "PYSEC-2023-74"}),
        ("pkg:npm/lodash@4.18.0", None, set()),
    ],
)
def test_the_known_answers_of_the_corpus_are_found(purl: str, distro: Distro | None, expected: set[str]) -> None:
    matches = found(purl, *_corpus(), distro=distro)
    assert {name for finding in matches.findings for name in finding.advisories} == expected
    assert not matches.unknown


@needs_corpus
def test_an_old_openssl_of_debian_10_has_its_security_advisories_by_its_source_package() -> None:
    old = component("pkg:deb/debian/libssl1.1@1.1.1d-0%2Bdeb10u3?arch=amd64", source="openssl")
    matches = match([old], Distro("debian", "10"), _corpus(), covered=EVERYTHING)
    assert {"DSA-4807-1", "DSA-4855-1", "DSA-4875-1"} <= {finding.id for finding in matches.findings}
    assert all(finding.version == "1.1.1d-0+deb10u3" and finding.fixed for finding in matches.findings)
    mended = component("pkg:deb/debian/libssl1.1@1.1.1n-0%2Bdeb10u4", source="openssl")
    ids = {f.id for f in match([mended], Distro("debian", "10"), _corpus(), covered=EVERYTHING).findings}
    assert not {"DSA-4807-1", "DSA-4855-1", "DSA-4875-1"} & ids


@needs_corpus
@pytest.mark.parametrize(
    ("version", "affected"), [("2.14.1", True), ("2.3", True), ("2.3.1", False), ("2.15.0", False)]
)
def test_log4shell_is_found_where_it_is(version: str, affected: bool) -> None:
    log4j = component(f"pkg:maven/org.apache.logging.log4j/log4j-core@{version}")
    found = match([log4j], None, _corpus(), covered=EVERYTHING)
    assert found.unknown == ()
    assert any("CVE-2021-44228" in (one.id, *one.aliases) for one in found.findings) == affected


@needs_corpus
def test_what_is_known_to_be_exploited_is_marked() -> None:
    exploited = {entry["cveID"] for entry in kev()["vulnerabilities"]}
    assert "CVE-2021-44228" in exploited
    record = advisory("GHSA-1", aliases=["CVE-2021-44228"])
    assert match([component("pkg:npm/left@1.0.0")], None, [record], covered=EVERYTHING, kev=exploited).findings[0].kev


def _corpus() -> tuple[Advisory, ...]:
    names = ("npm-retire", "ghsa-sample", "ghsa-handpicked", "npm-nodejs-wg", "pypi-pysec", "debian-dsa-dla")
    wanted = (b'"lodash"', b'"nth-check"', b'"postcss"', b'"requests"', b'"openssl"', b"log4j-core")
    chosen = (path.name for path in RECORD_FILES if path.name.partition(".")[0] in names)
    return tuple(osv.parse(line) for name in chosen for line in records(name) if any(word in line for word in wanted))


def test_a_debian_package_goes_by_the_name_and_version_of_its_source() -> None:
    binary = component("pkg:deb/debian/libfoo2@9:9", source="foo", source_version="1.0-1")
    record = advisory("DSA-1-1", "Debian:12", "foo", events=[{"introduced": "0"}, {"fixed": "1.0-2"}])
    finding = match([binary], BOOKWORM, [record], covered=EVERYTHING).findings[0]
    assert (finding.version, finding.fixed) == ("1.0-1", ("1.0-2",))
    assert not match([binary], Distro("debian", "11"), [record], covered=["Debian:11"]).findings


def test_python_names_are_compared_in_their_normal_form() -> None:
    assert found("pkg:pypi/Foo_Bar@1.0", advisory("PYSEC-1", "PyPI", "foo.bar")).findings


def test_npm_scopes_are_part_of_the_name_and_case_counts() -> None:
    assert found("pkg:npm/%40angular/core@1.0.0", advisory("A-1", package="@angular/core")).findings
    assert not found("pkg:npm/Left@1.0.0", advisory("A-1")).findings


def test_records_of_one_bug_are_one_finding_named_by_its_cve() -> None:
    three = (
        advisory("GHSA-aaaa", aliases=["CVE-2026-1"], database_specific={"severity": "low"}),
        advisory("PYSEC-9", aliases=["CVE-2026-1"], database_specific={"severity": "high"}),
        advisory("OTHER-3", aliases=["PYSEC-9"]),
    )
    (finding,) = found("pkg:npm/left@1.0.0", *three).findings
    assert finding.id == "CVE-2026-1"
    assert finding.aliases == ("GHSA-aaaa", "OTHER-3", "PYSEC-9")
    assert finding.advisories == ("GHSA-aaaa", "OTHER-3", "PYSEC-9")
    assert finding.severity == "high"


def test_upstream_does_not_merge_but_tells_that_it_is_exploited() -> None:
    one = advisory("DSA-1-1", upstream=["CVE-2026-1", "CVE-2026-2"])
    two = advisory("DSA-2-1", upstream=["CVE-2026-1"])
    findings = match(
        [component("pkg:npm/left@1.0.0")], None, [one, two], covered=EVERYTHING, kev={"CVE-2026-2"}
    ).findings
    assert [(f.id, f.kev) for f in findings] == [("DSA-1-1", True), ("DSA-2-1", False)]


def test_a_withdrawn_record_says_nothing() -> None:
    assert not found("pkg:npm/left@1.0.0", advisory("A-1", withdrawn="2026-01-01T00:00:00Z")).findings


def test_malicious_code_is_a_critical_finding_of_its_own_kind() -> None:
    (finding,) = found("pkg:npm/left@1.0.0", advisory("MAL-2026-1", aliases=["GHSA-x"])).findings
    assert (finding.id, finding.kind, finding.severity) == ("MAL-2026-1", "malware", "critical")


def test_a_listed_version_counts_beside_the_ranges_in_any_spelling() -> None:
    record = advisory("A-1", "PyPI", entry={"versions": ["3.0.0"]})
    assert found("pkg:pypi/left@3.0", record).findings
    assert not found("pkg:pypi/left@3.0.1", record).findings


def test_a_listed_version_is_found_where_no_order_is_known() -> None:
    record = advisory("A-1", "Maven", "org.x:y", entry={"versions": ["1.0-weird"]})
    assert found("pkg:maven/org.x/y@1.0-weird", record).findings


@pytest.mark.parametrize(
    ("purl", "records_", "distro", "cause", "words"),
    [
        ("pkg:npm/left@latest", [advisory("A-1")], None, "version", "'latest' cannot be read as a version of npm"),
        (
            "pkg:composer/a/b@1.0",
            [advisory("A-1", "Packagist", "a/b")],
            None,
            "range",
            "no order is known for versions of Packagist",
        ),
        (
            "pkg:npm/left@1.0.0",
            [advisory("A-1", events=[{"introduced": "0"}, {"fixed": "1.x"}])],
            None,
            "range",
            "'1.x'",
        ),
        ("pkg:deb/debian/bash@5.2", [], None, "distro", "its operating system is not known"),
        ("pkg:deb/debian/bash@5.2", [], Distro("debian", ""), "distro", "operating system 'debian'"),
        ("pkg:deb/plan9/rc@1", [], Distro("plan9", "4"), "distro", "operating system 'plan9 4'"),
        ("pkg:cargo/serde@1.0.0", [], None, "ecosystem", "the snapshot has no advisories for crates.io"),
        ("pkg:conan/zlib@1.3", [], None, "ecosystem", "packages of type 'conan'"),
    ],
)
def test_what_cannot_be_told_is_unknown_and_says_why(
    purl: str, records_: list[Advisory], distro: Distro | None, cause: str, words: str
) -> None:
    matches = found(purl, *records_, distro=distro, covered=["npm", "Packagist", "Debian:12"])
    assert not matches.findings
    assert [told.cause for told in matches.unknown] == [cause]
    assert words in matches.unknown[0].reason


def test_a_package_url_can_tell_the_operating_system_where_the_artifact_does_not() -> None:
    record = advisory("DSA-1-1", "Debian:12", "bash", events=[{"introduced": "0"}])
    assert found("pkg:deb/debian/bash@5.2?distro=debian-12", record, distro=None).findings


def test_a_version_that_no_advisory_speaks_of_need_not_be_read() -> None:
    assert found("pkg:npm/right@latest", advisory("A-1")) == Matches((), ())


def test_the_same_component_in_two_places_is_one_finding_that_names_both() -> None:
    twice = [component("pkg:npm/left@1.0.0", path="b"), component("pkg:npm/left@1.0.0", path="a")]
    (finding,) = match(twice, None, [advisory("A-1")], covered=EVERYTHING).findings
    assert finding.paths == ("a", "b")


def test_the_worst_finding_stands_first() -> None:
    three = [
        advisory("A-1", database_specific={"severity": "low"}),
        advisory("A-2", database_specific={"severity": "critical"}),
        advisory("A-3"),
    ]
    assert [finding.id for finding in found("pkg:npm/left@1.0.0", *three).findings] == ["A-2", "A-1", "A-3"]


_NAMES = st.sampled_from(["CVE-1", "CVE-2", "GHSA-1", "GHSA-2", "PYSEC-1", "MAL-1", "DSA-1"])


@st.composite
def _advisories(draw: st.DrawFn) -> Advisory:
    edge = st.sampled_from(["0", "1.0.0", "1.5.0", "2.0.0", "oops"])
    events = [{"introduced": draw(edge)}] + (
        [{draw(st.sampled_from(["fixed", "last_affected"])): draw(edge)}] if draw(st.booleans()) else []
    )
    return advisory(
        draw(_NAMES),
        package=draw(st.sampled_from(["left", "right"])),
        events=events,
        aliases=draw(st.lists(_NAMES, max_size=2)),
        database_specific={"severity": draw(st.sampled_from(["low", "high", "critical", "?"]))},
    )


_COMPONENTS = [
    component(f"pkg:npm/{name}@{version}") for name in ("left", "right") for version in ("1.0.0", "1.7.0", "x")
]


@given(st.lists(_advisories(), max_size=5, unique_by=lambda a: a.id), _advisories())
def test_adding_an_advisory_never_removes_a_finding_nor_lowers_it(known: list[Advisory], new: Advisory) -> None:
    if new.id in {record.id for record in known}:
        return
    before = match(_COMPONENTS, None, known, covered=EVERYTHING)
    after = match(_COMPONENTS, None, [*known, new], covered=EVERYTHING)
    for finding in before.findings:
        heirs = [f for f in after.findings if f.purl == finding.purl and set(finding.advisories) <= set(f.advisories)]
        assert len(heirs) == 1
        assert SEVERITIES.index(heirs[0].severity) >= SEVERITIES.index(finding.severity)
    assert set(before.unknown) <= set(after.unknown)


@given(
    st.permutations(
        [advisory("A-1"), advisory("B-1", aliases=["A-1"]), advisory("C-1", aliases=["B-1"]), advisory("D-1")]
    )
)
def test_the_order_of_the_advisories_changes_nothing(order: list[Advisory]) -> None:
    expected = found("pkg:npm/left@1.0.0", *sorted(order, key=lambda a: a.id))
    assert found("pkg:npm/left@1.0.0", *order) == expected
