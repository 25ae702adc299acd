"""CycloneDX and SPDX: what is written is read back, is the same each time, and what is corrupt is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archives import DEBIAN, ELF, file, metadata, report_of, stanza
from graven.errors import GravenError, Malformed, Unsupported
from graven.evidence import cyclonedx, spdx
from graven.evidence.bill import is_spdx
from graven.inventory import Coverage, Inventory, squash
from graven.values import Component, Digest, Distro, Purl

SUBJECT = Digest.of(b"subject")
MOMENT = "2026-01-02T03:04:05.000000Z"
FORMATS = {"cyclonedx": cyclonedx, "spdx": spdx}
SCOPED = '{"name":"@s/a","version":"1","license":"MIT","author":"B <b@c>"}'
FOUND = squash(
    [
        report_of(
            [
                DEBIAN,
                file("var/lib/dpkg/status", stanza("libc6", "2.36-9", Source="glibc (2.36)", Maintainer="GNU <a@b>")),
                file("s/flask-3.dist-info/METADATA", metadata("Flask", "3.0", License_Expression="BSD-3-Clause")),
                file("s/odd-1.dist-info/METADATA", metadata("odd", "1", License="My own & yours")),
                file("app/node_modules/@s/a/package.json", SCOPED),
                file("app/node_modules/x/node_modules/@s/a/package.json", SCOPED),
            ]
        )
    ]
)

texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=20).map(lambda t: " ".join(t.split()))
names = st.text("abcXYZ019-_.@+~ é", min_size=1, max_size=12).filter(lambda t: t.strip("/@ ."))
components = st.builds(
    Component,
    st.builds(
        lambda kind, name, version, space: Purl.make(kind, name, version, namespace=space if kind == "npm" else ""),
        st.sampled_from(["deb", "pypi", "npm"]),
        names,
        names,
        st.sampled_from(["", "@scope"]),
    ),
    texts,
    st.just(str(SUBJECT)),
    licence=st.one_of(st.sampled_from(["MIT", "MIT OR Apache-2.0", "GPL-2+", ""]), texts),
    supplier=texts,
    source=st.sampled_from(["", "glibc"]),
    source_version=st.sampled_from(["", "1:2.3~rc1"]),
    owner=st.sampled_from(["", "python3-x"]),
)
inventories = st.builds(
    Inventory,
    st.one_of(st.none(), st.just(Distro("debian", "12")), st.just(Distro("arch", ""))),
    st.lists(components, max_size=6, unique=True).map(lambda found: tuple(sorted(found))),
    st.sampled_from([Coverage(), Coverage(limits=("x",))]),
)


def render(name: str, inventory: Inventory = FOUND) -> bytes:
    written: bytes = FORMATS[name].render(inventory, subject=SUBJECT, name="team/web", moment=MOMENT)
    return written


def parse(name: str, document: Any) -> Any:
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    return FORMATS[name].parse(data)


@pytest.mark.parametrize("name", FORMATS)
@given(inventory=inventories)
def test_a_bill_read_back_is_what_was_found(name: str, inventory: Inventory) -> None:
    told = parse(name, render(name, inventory))
    assert (told.format, told.subject, told.distro, told.nameless) == (name, SUBJECT, inventory.distro, 0)
    assert told.components == inventory.components


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_contents_give_the_same_bytes_and_others_do_not(name: str) -> None:
    assert render(name) == render(name)
    other = Inventory(FOUND.distro, FOUND.components[1:], FOUND.coverage)
    assert render(name, other) != render(name)


@pytest.mark.parametrize("name", FORMATS)
def test_a_bill_names_no_component_twice_by_the_same_reference(name: str) -> None:
    document = json.loads(render(name))
    rows = document["components"] if name == "cyclonedx" else document["packages"]
    references = [row.get("bom-ref") or row["SPDXID"] for row in rows]
    assert len(set(references)) == len(references)


def test_the_serial_number_is_of_the_subject() -> None:
    serial = json.loads(render("cyclonedx"))["serialNumber"]
    other = cyclonedx.render(FOUND, subject=Digest.of(b"other"), name="team/web", moment=MOMENT)
    assert serial != json.loads(other)["serialNumber"]
    assert serial[9:] not in json.loads(render("spdx"))["documentNamespace"]


def test_cyclonedx_says_where_each_component_was_found_and_whether_all_was_seen() -> None:
    document = json.loads(render("cyclonedx"))
    found = next(row for row in document["components"] if row["name"] == "flask")
    assert found["evidence"]["occurrences"] == [
        {"location": "s/flask-3.dist-info/METADATA", "additionalContext": FOUND.components[0].layer}
    ]
    assert found["licenses"] == [{"license": {"id": "BSD-3-Clause", "acknowledgement": "declared"}}]
    assert document["compositions"][0]["aggregate"] == "complete"
    unseen = Inventory(None, (), Coverage(limits=("x",)))
    assert json.loads(render("cyclonedx", unseen))["compositions"][0]["aggregate"] == "incomplete"


def test_spdx_declares_licences_outside_the_list_by_reference() -> None:
    document = json.loads(render("spdx"))
    odd = next(row for row in document["packages"] if row["name"] == "odd")
    told = {row["licenseId"]: row["extractedText"] for row in document["hasExtractedLicensingInfos"]}
    assert told[odd["licenseDeclared"]] == "My own & yours"
    assert all(row["licenseConcluded"] == "NOASSERTION" for row in document["packages"])


@pytest.mark.parametrize("licence", ["MIT", "MIT OR Apache-2.0", "BSD-3-Clause AND MIT", "GPL-2.0-only"])
def test_expressions_of_listed_licences_are_told_as_such(licence: str) -> None:
    assert is_spdx(licence)


@pytest.mark.parametrize("licence", ["", "GPL-2+", "MIT License", "MIT or Apache-2.0", "(MIT)", "MIT OR", "mit"])
def test_other_licences_are_told_as_declared(licence: str) -> None:
    assert not is_spdx(licence)


FOREIGN_CYCLONEDX = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.5",
    "metadata": {
        "component": {"type": "container", "name": "x", "hashes": [{"alg": "SHA-256", "content": SUBJECT.hex}]}
    },
    "components": [
        {"type": "operating-system", "name": "debian", "version": "12"},
        {
            "type": "library",
            "name": "libc6",
            "purl": "pkg:deb/debian/libc6@2.36?arch=amd64&upstream=glibc%402.36",
            "components": [
                {"type": "library", "name": "inner", "purl": "pkg:npm/inner@1", "licenses": [{"expression": "MIT"}]}
            ],
        },
        {"type": "file", "name": "nameless"},
    ],
}
FOREIGN_SPDX = {
    "spdxVersion": "SPDX-2.2",
    "documentDescribes": ["SPDXRef-Image"],
    "packages": [
        {"SPDXID": "SPDXRef-Image", "name": "x", "versionInfo": str(SUBJECT)},
        {
            "SPDXID": "SPDXRef-1",
            "name": "libc6",
            "licenseDeclared": "NONE",
            "externalRefs": [
                {"referenceType": "cpe23Type", "referenceLocator": "cpe:2.3:a:x"},
                {"referenceType": "purl", "referenceLocator": "pkg:deb/debian/libc6@2.36?upstream=glibc%402.36"},
            ],
        },
        {"SPDXID": "SPDXRef-2", "name": "nameless"},
    ],
}


def test_a_cyclonedx_of_another_tool_is_read_with_what_is_inside_components() -> None:
    told = parse("cyclonedx", FOREIGN_CYCLONEDX)
    assert [str(c.purl.without_version) for c in told.components] == ["pkg:deb/debian/libc6", "pkg:npm/inner"]
    assert (told.components[0].source, told.components[0].source_version) == ("glibc", "2.36")
    assert told.components[1].licence == "MIT"
    assert (told.subject, told.distro, told.nameless) == (SUBJECT, Distro("debian", "12"), 1)


def test_an_spdx_of_another_tool_is_read() -> None:
    told = parse("spdx", FOREIGN_SPDX)
    assert [(c.purl.name, c.source, c.licence) for c in told.components] == [("libc6", "glibc", "")]
    assert (told.spec_version, told.subject, told.distro, told.nameless) == ("2.2", SUBJECT, None, 1)


def test_a_bill_that_names_no_digest_is_about_nothing_that_is_known() -> None:
    assert (
        parse("cyclonedx", {**FOREIGN_CYCLONEDX, "metadata": {"component": {"name": "x", "version": "1.0"}}}).subject
        is None
    )
    assert parse("spdx", {**FOREIGN_SPDX, "documentDescribes": []}).subject is None


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"null", b"{}", b"\xff", b'{"a":1,"a":2}'])
def test_what_is_no_bill_is_malformed(name: str, data: bytes) -> None:
    with pytest.raises(Malformed):
        parse(name, data)


@pytest.mark.parametrize(
    ("name", "document"),
    [
        ("cyclonedx", {**FOREIGN_CYCLONEDX, "components": {}}),
        ("cyclonedx", {**FOREIGN_CYCLONEDX, "components": ["x"]}),
        ("cyclonedx", {**FOREIGN_CYCLONEDX, "components": [{"purl": 7}]}),
        ("cyclonedx", {**FOREIGN_CYCLONEDX, "components": [{"purl": "pkg:npm/\ud800@1"}]}),
        ("cyclonedx", {**FOREIGN_CYCLONEDX, "components": [{"purl": "no purl"}]}),
        ("cyclonedx", {**FOREIGN_CYCLONEDX, "components": [{"purl": "pkg:npm/a@1", "licenses": "MIT"}]}),
        ("spdx", {**FOREIGN_SPDX, "packages": "x"}),
        ("spdx", {**FOREIGN_SPDX, "packages": [{"SPDXID": 1}]}),
        ("spdx", {**FOREIGN_SPDX, "relationships": [[]]}),
        (
            "spdx",
            {**FOREIGN_SPDX, "packages": [{"externalRefs": [{"referenceType": "purl", "referenceLocator": "x"}]}]},
        ),
    ],
)
def test_a_corrupt_bill_is_malformed_and_says_where(name: str, document: object) -> None:
    with pytest.raises(Malformed) as caught:
        parse(name, document)
    assert caught.value.where


@pytest.mark.parametrize(
    ("name", "document"),
    [("cyclonedx", {**FOREIGN_CYCLONEDX, "specVersion": "2.0"}), ("spdx", {**FOREIGN_SPDX, "spdxVersion": "SPDX-3.0"})],
)
def test_a_version_that_is_not_read_is_unsupported(name: str, document: object) -> None:
    with pytest.raises(Unsupported):
        parse(name, document)


values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-5, 5),
        st.text(max_size=8),
        st.sampled_from(["pkg:npm/a@1", str(SUBJECT)]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(
                [
                    "components",
                    "purl",
                    "name",
                    "version",
                    "licenses",
                    "license",
                    "type",
                    "hashes",
                    "supplier",
                    "evidence",
                    "occurrences",
                    "properties",
                    "metadata",
                    "component",
                    "packages",
                    "externalRefs",
                    "referenceType",
                    "referenceLocator",
                    "relationships",
                    "SPDXID",
                    "checksums",
                    "supplier",
                    "sourceInfo",
                    "comment",
                ]
            ),
            inner,
            max_size=5,
        ),
    ),
    max_leaves=25,
)


@given(
    st.dictionaries(
        st.sampled_from(["components", "metadata", "packages", "relationships", "documentDescribes"]), values
    )
)
def test_no_document_leads_to_anything_but_a_bill_or_an_error_of_ours(rest: dict[str, Any]) -> None:
    for name, head in (("cyclonedx", FOREIGN_CYCLONEDX), ("spdx", FOREIGN_SPDX)):
        kept = {key: value for key, value in head.items() if key in ("bomFormat", "specVersion", "spdxVersion")}
        try:
            parse(name, kept | rest)
        except GravenError:
            continue


def test_executables_do_not_become_components() -> None:
    told = parse("cyclonedx", render("cyclonedx", squash([report_of([file("bin/x", ELF)])])))
    assert told.components == ()
