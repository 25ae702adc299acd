"""The readers of each kind of package, on files as their package managers write them."""

from __future__ import annotations

import json

import pytest

from archives import ELF, PE, metadata, stanza
from graven.inventory import dpkg, executable, node, os_release, python
from graven.values import Distro


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ('ID=debian\nVERSION_ID="12"\n', Distro("debian", "12")),
        ("VERSION_ID='24.04'\nID=ubuntu", Distro("ubuntu", "24.04")),
        ('PRETTY_NAME="x"\nID=arch\n', Distro("arch", "")),
        ('ID="Alpine"\nVERSION_ID=3.20.1', Distro("alpine", "3.20.1")),
        ("", None),
        ("VERSION_ID=1\n", None),
        ("ID=a b\n", None),
        ("ID=$(id)\n", None),
        ('ID="unfinished\n', None),
        ("XID=debian\n#ID=debian\n", None),
    ],
)
def test_a_distribution_is_an_id_and_a_version(data: str, told: Distro | None) -> None:
    assert os_release.parse(data.encode()) == told


def test_a_package_of_debian_has_all_its_fields() -> None:
    text = stanza(
        "libc6", "2.36-9+deb12u8", Source="glibc", Maintainer="GNU Libc <a@b>", Description="C library\n more\n ."
    )
    (found,), broken = dpkg.parse(text.encode(), "var/lib/dpkg/status")
    assert (found.name, found.version, found.architecture) == ("libc6", "2.36-9+deb12u8", "amd64")
    assert (found.source, found.source_version, found.supplier, broken) == ("glibc", "", "GNU Libc <a@b>", 0)


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("glibc (2.36)", ("glibc", "2.36")),
        ("one", ("", "")),
        ("one (1-1)", ("", "1-1")),
        ("one (1)", ("", "")),
        ("", ("", "")),
    ],
)
def test_a_source_is_told_where_it_differs(source: str, told: tuple[str, str]) -> None:
    (found,), _ = dpkg.parse(stanza("one", "1", Source=source).encode(), "s")
    assert (found.source, found.source_version) == told


@pytest.mark.parametrize(
    ("status", "there"),
    [
        ("install ok installed", True),
        ("hold ok installed", True),
        ("install ok half-configured", True),
        ("install reinstreq half-installed", True),
        ("install ok unpacked", True),
        ("install ok triggers-pending", True),
        ("deinstall ok config-files", False),
        ("purge ok not-installed", False),
        ("deinstall ok installed", True),
    ],
)
def test_a_package_counts_when_its_files_are_there(status: str, there: bool) -> None:
    found, _ = dpkg.parse(stanza("one", "1", Status=status).encode(), "s")
    assert bool(found) is there


def test_a_licence_of_debian_is_what_the_copyright_file_declares() -> None:
    text = "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\nFiles: *\nLicense: GPL-2+\n the text\n\nFiles: b\nLicense: Expat\n"
    assert dpkg.licence(text.encode()) == "Expat AND GPL-2+"
    assert dpkg.licence(b"This package was debianized by ...\nLicense: GPL\n") == ""


@pytest.mark.parametrize(
    ("fields", "licence"),
    [
        ({"License_Expression": "MIT OR Apache-2.0", "License": "x"}, "MIT OR Apache-2.0"),
        ({"License": "BSD-3-Clause"}, "BSD-3-Clause"),
        ({"License": "UNKNOWN", "Classifier": "License :: OSI Approved :: MIT License"}, "MIT License"),
        ({"License": "long " * 60, "Classifier": "License :: OSI Approved :: MIT License"}, "MIT License"),
        ({"Classifier": "Topic :: Software"}, ""),
        ({}, ""),
    ],
)
def test_a_licence_of_python_is_as_declared(fields: dict[str, str], licence: str) -> None:
    found = python.parse(metadata("a", "1", **fields), "a.dist-info/METADATA")
    assert found is not None
    assert found.licence == licence


def test_metadata_with_windows_line_ends_are_read() -> None:
    found = python.parse(metadata("a", "1", Author="b").replace(b"\n", b"\r\n"), "a.dist-info/METADATA")
    assert found is not None
    assert (found.name, found.version, found.supplier) == ("a", "1", "b")


def test_what_stands_in_the_description_is_no_metadata() -> None:
    assert python.parse(b"Name: a\n\nVersion: 6\n", "a.dist-info/METADATA") is None


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ({"name": "a", "version": "1", "license": "MIT", "author": "B <b@c>"}, ("a", "MIT", "B <b@c>")),
        ({"name": "@s/a", "version": "1", "license": {"type": "MIT"}, "author": {"name": "B"}}, ("@s/a", "MIT", "B")),
        ({"name": "a", "version": "1", "licenses": [{"type": "MIT"}, {"type": "BSD"}]}, ("a", "BSD OR MIT", "")),
        ({"name": "a", "version": "1", "license": 7, "author": ["x"]}, ("a", "", "")),
    ],
)
def test_a_package_of_node_is_its_package_json(document: dict[str, object], told: tuple[str, str, str]) -> None:
    found = node.parse(json.dumps(document).encode(), "package.json")
    assert found is not None
    assert (found.name, found.licence, found.supplier) == told


@pytest.mark.parametrize(
    "data",
    [
        "",
        "{",
        "[]",
        "7",
        '{"name":"a"}',
        '{"version":"1"}',
        '{"name":["a"],"version":"1"}',
        '{"name":"/","version":"1"}',
    ],
)
def test_what_has_no_name_and_version_is_no_package_of_node(data: str) -> None:
    assert node.parse(data.encode(), "package.json") is None


def test_a_package_json_with_a_byte_order_mark_is_read() -> None:
    assert node.parse(b'\xef\xbb\xbf{"name":"a","version":"1"}', "package.json") is not None


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (ELF, "elf"),
        (ELF[:16] + b"\x02\x00" + ELF[18:], "elf"),
        (ELF[:16] + b"\x01\x00" + ELF[18:], ""),
        (ELF[:5] + b"\x02" + ELF[6:16] + b"\x00\x03" + ELF[18:], "elf"),
        (ELF[:10], ""),
        (PE, "pe"),
        (PE.replace(b"PE\0\0", b"NE\0\0"), ""),
        (PE[:60] + (9999).to_bytes(4, "little"), "pe"),
        (b"MZ", ""),
        (b"#!/bin/sh\n", ""),
        (b"", ""),
    ],
)
def test_executables_are_told_by_their_first_bytes(head: bytes, kind: str) -> None:
    assert executable.kind(head) == kind
