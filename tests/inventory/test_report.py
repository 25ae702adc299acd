from __future__ import annotations

import json

import pytest

from archives import DEBIAN, ELF, JAR, file, metadata, report_of, stanza, symlink
from graven.errors import Malformed
from graven.inventory import Coverage, Inventory, LayerReport, Unread, squash
from graven.inventory.coverage import SHOWN
from graven.values import Component, Distro, Purl, canonical

FULL = report_of(
    [
        DEBIAN,
        file("var/lib/dpkg/status", stanza("libc6", "2.36-9", Source="glibc (2.36-9)", Maintainer="Ω <a@b.c>")),
        file("var/lib/dpkg/info/libc6.list", "/.\n/lib/x.so\n"),
        file("s/site-packages/a-1.dist-info/METADATA", metadata("a", "1", License="BSD", Author='\x07\x1f\x7f"\\é')),
        file("s/site-packages/b.py", "code"),
        file("bin/x", ELF),
        file("x.jar", JAR),
        file("lib/apk/db/installed", "x"),
        symlink("lib64", "usr/lib64"),
    ]
)


def test_a_report_read_back_is_the_report() -> None:
    assert LayerReport.decode(FULL.encode()) == FULL


def test_a_report_is_canonical_json() -> None:
    assert FULL.encode() == canonical.dumps(json.loads(FULL.encode()))


def test_an_inventory_is_canonical_json_and_read_back_is_the_inventory() -> None:
    inventory = squash([FULL])
    assert inventory.encode() == canonical.dumps(json.loads(inventory.encode()))
    assert Inventory.decode(inventory.encode()) == inventory


def test_the_report_of_another_version_is_refused() -> None:
    with pytest.raises(Malformed, match="graven-0"):
        LayerReport.decode(FULL.encode().replace(b'"graven-1"', b'"graven-0"'))


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"null", b'{"cataloguer":"graven-1"}', FULL.encode()[:-1]])
def test_what_is_no_report_is_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        LayerReport.decode(data)


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", b"null", b'{"distro":null,"components":[{}]}', b'{"distro":1,"components":[]}']
)
def test_what_is_no_inventory_is_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        Inventory.decode(data)


def _inventory(distro: Distro | None, name: str, *limits: str) -> Inventory:
    return Inventory(distro, (Component(Purl.make("npm", name, "1"), "p", "l"),), Coverage(limits=limits))


def test_platforms_together_are_all_that_each_has_and_all_that_each_did_not_see() -> None:
    debian = Distro("debian", "12")
    both = Inventory.together([_inventory(debian, "b", "x"), _inventory(debian, "a", "y"), _inventory(debian, "a")])
    assert both.distro == debian
    assert [c.purl.name for c in both.components] == ["a", "b"]
    assert both.coverage.limits == ("x", "y")


def test_platforms_of_different_distributions_have_none_that_is_known() -> None:
    assert Inventory.together([_inventory(Distro("a", "1"), "a"), _inventory(Distro("b", "1"), "b")]).distro is None
    assert Inventory.together([]) == Inventory(None, (), Coverage())


def test_what_was_left_out_before_is_still_counted() -> None:
    part = Coverage.of(unowned_executables=[f"bin/{n:04}" for n in range(SHOWN + 5)])
    other = Coverage.of(unowned_executables=[f"opt/{n:04}" for n in range(SHOWN + 2)])
    both = Coverage.union(part, other)
    assert len(both.unowned_executables) == SHOWN
    assert dict(both.omitted) == {"unowned_executables": SHOWN + 7}


def test_a_coverage_read_back_is_the_coverage() -> None:
    coverage = Coverage.of(
        unread_databases=[Unread("rpm", "b"), Unread("apk", "a")],
        unowned_archives=["x"],
        bare_folders=["y"],
        limits=["z"],
        unowned_executables=[f"bin/{n:04}" for n in range(SHOWN + 5)],
    )
    assert Coverage.read(coverage.document()) == coverage
    assert not coverage.complete
