from __future__ import annotations

import io
import json
import tarfile
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from archives import DEBIAN, ELF, JAR, Entry, file, folder, metadata, pack, report_of, stanza, symlink
from graven.inventory import Coverage, Inventory, Unread, squash
from graven.values import Distro

ROOTS = ("", "app/", "app/lib/")
CONTENTS = {
    "node_modules/one/package.json": [json.dumps({"name": "one", "version": v}).encode() for v in ("1.0.0", "2.0.0")],
    "node_modules/one/index.js": [b"1"],
    "node_modules/@s/two/package.json": [b'{"name": "@s/two", "version": "1.0.0"}', b"broken"],
    "site-packages/six-1.dist-info/METADATA": [metadata("six", "1")],
    "site-packages/six-1.dist-info/RECORD": [b"six.py,,\n../bin/six,,\n", b"six.py,,\n"],
    "site-packages/six.py": [b"code"],
    "site-packages/bare/__init__.py": [b"code"],
    "bin/six": [ELF],
    "bin/other": [ELF, b"#!/bin/sh\n" + bytes(100)],
    "lib.jar": [JAR, b"no zip at all"],
    "lib.jar/inner.jar": [JAR],
}
FIXED = {
    "etc/os-release": [b"ID=debian\nVERSION_ID=12\n", b"ID=debian\nVERSION_ID=13\n", b"NAME=none\n"],
    "usr/lib/os-release": [b"ID=alpine\nVERSION_ID=3\n"],
    "lib/apk/db/installed": [b"P:musl\n"],
    "var/lib/dpkg/status": [stanza("one", "1").encode(), (stanza("one", "2") + stanza("two", "1")).encode(), b""],
    "var/lib/dpkg/info/one.list": [b"/.\n/bin\n/bin/other\n"],
    "var/lib/dpkg/info/two:amd64.list": [b"/app/bin/other\n/lib.jar\n"],
    "usr/share/doc/one/copyright": [b"Format: x\n\nFiles: *\nLicense: MIT\n"],
}
FILES = {root + name: data for root in ROOTS for name, data in CONTENTS.items()} | FIXED
FOLDERS = sorted({name[:at] for name in FILES for at, letter in enumerate(name) if letter == "/"})


@st.composite
def layers(draw: st.DrawFn) -> list[Entry]:
    """Draw a layer that a runtime could unpack: each parent is told, nothing stands twice, files hold nothing."""
    chosen = draw(st.lists(st.sampled_from(sorted(FILES)), unique=True, max_size=10))
    links = draw(st.lists(st.sampled_from(FOLDERS), unique=True, max_size=2))
    found = {name: file(name, draw(st.sampled_from(FILES[name]))) for name in chosen}
    found |= {name: symlink(name, "elsewhere") for name in links if not any(n.startswith(f"{name}/") for n in chosen)}
    found = {n: e for n, e in found.items() if not any(n.startswith(f"{other}/") for other in found)}
    parents = {name[:at] for name in found for at, letter in enumerate(name) if letter == "/"}
    gone = draw(st.lists(st.sampled_from(sorted(FILES) + FOLDERS), unique=True, max_size=3))
    opaque = draw(st.lists(st.sampled_from(["", *FOLDERS]), unique=True, max_size=1))
    entries = [*found.values(), *map(folder, parents)]
    entries += [file(_beside(name, f".wh.{name.rpartition('/')[2]}")) for name in gone]
    entries += [file(f"{name}/.wh..wh..opq".lstrip("/")) for name in opaque if name not in found]
    return draw(st.permutations(entries))


def _beside(name: str, other: str) -> str:
    return f"{name.rpartition('/')[0]}/{other}".lstrip("/")


def applied(root: dict[str, Entry], data: bytes) -> dict[str, Entry]:
    """Unpack a layer over a root as a runtime does: first what it takes away, then what it brings."""
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        brought = {m.name: _entry(archive, m) for m in archive}
    root = dict(root)
    for name in brought:
        parent, _, last = name.rpartition("/")
        if last == ".wh..wh..opq":
            root = {n: e for n, e in root.items() if not n.startswith(f"{parent}/" if parent else "")}
        elif last.startswith(".wh."):
            _remove(root, f"{parent}/{last[4:]}".lstrip("/"))
    for name, entry in sorted(brought.items()):
        if name.rpartition("/")[2].startswith(".wh."):
            continue
        if entry.data is not None or (name in root and root[name].data is not None):
            _remove(root, name)
        root[name] = entry
    return root


def _entry(archive: tarfile.TarFile, member: tarfile.TarInfo) -> Entry:
    if member.isreg():
        read = archive.extractfile(member)
        assert read is not None
        return file(member.name, read.read())
    return symlink(member.name, member.linkname) if member.issym() else folder(member.name)


def _remove(root: dict[str, Entry], name: str) -> None:
    for each in [n for n in root if n == name or n.startswith(f"{name}/")]:
        del root[each]


def _without_layers(inventory: Inventory) -> Inventory:
    components = tuple(sorted(replace(component, layer="") for component in inventory.components))
    bare = replace(inventory.coverage, bare_folders=())
    return replace(inventory, components=components, coverage=bare)


@given(st.lists(layers(), min_size=1, max_size=4))
def test_layers_squashed_are_what_the_unpacked_root_holds(drawn: list[list[Entry]]) -> None:
    root: dict[str, Entry] = {}
    for entries in drawn:
        root = applied(root, pack(*entries))
    whole = squash([report_of(entries, label=str(at)) for at, entries in enumerate(drawn)])
    flat = squash([report_of(root.values())])
    assert _without_layers(whole) == _without_layers(flat)
    # A folder whose files were taken away one by one is still told: rather one too many than one too few.
    assert set(flat.coverage.bare_folders) <= set(whole.coverage.bare_folders)


@given(st.lists(layers(), min_size=1, max_size=3))
def test_what_is_told_does_not_depend_on_the_order_within_a_layer(drawn: list[list[Entry]]) -> None:
    forward = squash([report_of(entries, label=str(at)) for at, entries in enumerate(drawn)])
    backward = squash([report_of(reversed(entries), label=str(at)) for at, entries in enumerate(drawn)])
    assert forward == backward


def test_a_folder_hides_the_file_that_stood_there() -> None:
    lower, upper = report_of([file("a.jar", JAR)]), report_of([folder("a.jar")])
    assert squash([lower]).coverage.unowned_archives == ("a.jar",)
    assert squash([lower, upper]).coverage.complete


def test_an_opaque_root_hides_all_below_and_nothing_beside() -> None:
    lower, upper = report_of([file("a.jar", JAR), DEBIAN]), report_of([file("b.jar", JAR), file(".wh..wh..opq")])
    found = squash([lower, upper])
    assert found.coverage.unowned_archives == ("b.jar",)
    assert found.distro is None


def test_a_component_names_the_layer_that_holds_its_file() -> None:
    lower = report_of([file("node_modules/a/package.json", '{"name":"a","version":"1"}')], label="lower")
    upper = report_of([file("node_modules/b/package.json", '{"name":"b","version":"1"}')], label="upper")
    found = {c.purl.name: c.layer for c in squash([lower, upper]).components}
    assert found == {"a": str(lower.layer), "b": str(upper.layer)}


def test_a_package_that_a_later_layer_removed_is_not_told() -> None:
    lower = report_of([file("var/lib/dpkg/status", stanza("one", "1") + stanza("two", "1")), DEBIAN])
    upper = report_of([file("var/lib/dpkg/status", stanza("one", "1"))])
    assert [str(c.purl) for c in squash([lower, upper]).components] == [
        "pkg:deb/debian/one@1?arch=amd64&distro=debian-12"
    ]


def test_the_distribution_of_another_layer_stands_in_the_purl() -> None:
    lower = report_of([DEBIAN])
    upper = report_of([file("var/lib/dpkg/status", stanza("one", "1:2.0+b1"))])
    found = squash([lower, upper])
    assert found.distro == Distro("debian", "12")
    assert str(found.components[0].purl) == "pkg:deb/debian/one@1:2.0%2Bb1?arch=amd64&distro=debian-12"


def test_without_a_distribution_the_purl_claims_none() -> None:
    found = squash([report_of([file("var/lib/dpkg/status", stanza("one", "1"))])])
    assert found.distro is None
    assert str(found.components[0].purl) == "pkg:deb/one@1?arch=amd64"


def test_the_distribution_in_etc_wins_over_that_in_usr() -> None:
    usr = file("usr/lib/os-release", "ID=alpine\nVERSION_ID=3\n")
    assert squash([report_of([DEBIAN]), report_of([usr])]).distro == Distro("debian", "12")
    assert squash([report_of([usr])]).distro == Distro("alpine", "3")


def test_a_distribution_in_etc_that_cannot_be_read_is_not_made_up_from_usr() -> None:
    found = squash([report_of([file("usr/lib/os-release", "ID=debian\n"), file("etc/os-release", "\x00")])])
    assert found.distro is None
    assert found.coverage.limits == ("etc/os-release: it names no distribution",)


def test_nothing_at_all_is_seen_completely() -> None:
    assert squash([]) == Inventory(None, (), Coverage())
    assert squash([]).coverage.complete


def test_limits_of_a_layer_name_the_layer() -> None:
    report = replace(report_of([]), limits=("something",))
    assert squash([report]).coverage.limits == (f"layer {report.layer}: something",)


def test_a_database_of_many_files_is_told_once() -> None:
    gems = [file(f"usr/lib/ruby/gems/3.1.0/specifications/g{n}.gemspec", "x") for n in range(300)]
    pacman = [file(f"var/lib/pacman/local/p{n}-1/desc", "x") for n in range(300)]
    store = [file(f"nix/store/h{n}-p/bin/x", "x") for n in range(300)]
    found = squash([report_of([*gems, *pacman, *store])]).coverage
    assert found.unread_databases == (
        Unread("gem", "usr/lib/ruby/gems/3.1.0/specifications"),
        Unread("nix", "nix/store"),
        Unread("pacman", "var/lib/pacman/local"),
    )


def test_long_lists_are_cut_and_counted() -> None:
    found = squash([report_of([file(f"opt/p{n:03}", ELF) for n in range(250)])]).coverage
    assert len(found.unowned_executables) == 200
    assert found.omitted == (("unowned_executables", 50),)
    assert not found.complete
