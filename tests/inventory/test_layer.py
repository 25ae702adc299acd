from __future__ import annotations

import gzip
import io
import tracemalloc
from collections.abc import Iterator

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from archives import (
    DEBIAN,
    ELF,
    END,
    TAR,
    body,
    file,
    folder,
    hard_link,
    header,
    metadata,
    pack,
    report_of,
    reported,
    stanza,
    symlink,
)
from graven.errors import GravenError, Malformed, TooLarge
from graven.inventory import LayerReport, Limits, catalogue_layer, squash, unpacks
from graven.inventory.places import language_folder, place
from graven.values import Digest


def unread(report: LayerReport) -> list[tuple[str, str]]:
    return [(s.path, s.text) for s in report.sightings if s.kind == "unread"]


@pytest.mark.parametrize(
    "name",
    [b"../etc/passwd", b"a/../../b", b"a/..", b"..", b"/../x", b"./../x", b"a//../b"],
)
def test_a_name_that_could_leave_the_root_is_refused(name: bytes) -> None:
    for kind in (b"0", b"5", b"2"):
        with pytest.raises(Malformed, match="leave the root"):
            reported(header(name, 0, kind) + END)


def test_a_hard_link_to_a_name_that_could_leave_the_root_is_refused() -> None:
    with pytest.raises(Malformed, match="leave the root"):
        report_of([hard_link("a", "../../etc/shadow")])


@pytest.mark.parametrize("name", [b"./a/b", b"/a/b", b"a//b", b"a/./b", b"./a/b/", b"//a/b"])
def test_names_of_the_same_file_are_one_name(name: bytes) -> None:
    plain = reported(header(b"a/b", len(ELF)) + body(ELF) + END)
    assert reported(header(name, len(ELF)) + body(ELF) + END).sightings == plain.sightings
    assert plain.sightings[0].path == "a/b"


def test_names_with_two_dots_inside_are_just_names() -> None:
    assert report_of([file("a..b/..c/d..", ELF)]).sightings[0].path == "a..b/..c/d.."


def test_a_name_that_is_no_utf_8_is_shown_with_its_bytes() -> None:
    report = reported(header(b"a\xff/b", len(ELF)) + body(ELF) + END)
    assert report.sightings[0].path == "a\\xff/b"
    hidden = reported(header(b".wh.a\xff") + END)
    assert squash([report, hidden]).coverage.complete


def test_names_deeper_than_the_limit_are_too_large() -> None:
    with pytest.raises(TooLarge, match="limit depth"):
        report_of([file("a/" * 300 + "b")])


def test_a_name_longer_than_the_limit_is_too_large() -> None:
    assert report_of([file("a" * 4096)]).entries == 1
    with pytest.raises(TooLarge, match="limit name"):
        report_of([file("a" * 4097)])


def test_a_list_larger_than_the_limit_is_told_as_not_seen() -> None:
    big = file("var/lib/dpkg/status", stanza("one", "1") * 100)
    report = reported(pack(big), limits=Limits(member=1000))
    assert report.packages == ()
    assert unread(report)[0][0] == "var/lib/dpkg/status"
    assert not squash([report]).coverage.complete


def test_a_document_larger_than_the_limit_is_told_as_not_seen() -> None:
    big = file("node_modules/a/package.json", b'{"name":"a","version":"1","x":"' + b"x" * 5000 + b'"}')
    assert unread(reported(pack(big), limits=Limits(document=4000)))[0][0] == "node_modules/a/package.json"


def test_metadata_are_read_however_long_their_description_is() -> None:
    long = file("s/a-1.dist-info/METADATA", metadata("a", "1") + b"x" * (3 << 20))
    assert report_of([long]).packages[0].name == "a"


def test_more_facts_than_the_limit_are_counted() -> None:
    entries = [file(f"bin/{n:02}", ELF) for n in range(30)]
    report = reported(pack(*entries), limits=Limits(facts=10 * (200 + len("bin/00") + len("elf"))))
    assert len(report.sightings) == 10
    assert report.limits == ("20 of the kind 'executable' were left out: the limit facts is 2090 bytes",)


def test_packages_lists_and_links_without_end_are_bounded() -> None:
    many = "".join(stanza(f"p{n}", "1") for n in range(500))
    entries = [file("var/lib/dpkg/status", many), file("var/lib/dpkg/info/p1.list", "/a\n" * 5000)]
    entries += [hard_link(f"r{n}/var/lib/dpkg/status", "var/lib/dpkg/status") for n in range(500)]
    report = reported(pack(*entries), limits=Limits(facts=100_000))
    assert len(report.packages) < 500
    assert len(report.encode()) < 200_000
    told = " ".join(report.limits)
    assert "'package'" in told
    assert "'list of files'" in told


def test_a_name_that_stands_twice_makes_the_layer_uncertain() -> None:
    report = report_of([file("a", ELF), file("a", b"x" * 100)])
    assert "more than once" in report.limits[0]
    assert report_of([folder("a"), folder("a")]).limits == ()
    assert report_of([file("a"), file(".wh.a")]).limits == ()


def test_an_archive_without_an_end_may_be_cut() -> None:
    assert "no end marker" in reported(header(b"a")).limits[0]


def test_more_behind_the_end_is_told() -> None:
    assert "behind the end" in reported(pack(file("a")) + header(b"hidden")).limits[0]


def test_a_file_with_holes_is_told_as_not_seen() -> None:
    assert unread(reported(header(b"holes", 0, b"S") + END)) == [("holes", "the file has holes")]


@pytest.mark.parametrize(
    "path",
    [
        "var/lib/dpkg",
        "var/lib/dpkg/status",
        "var/lib/dpkg/status.d",
        "var/lib/dpkg/status.d/one",
        "s/a.dist-info/METADATA",
        "node_modules/a/package.json",
        "lib/apk/db/installed",
    ],
)
def test_a_symbolic_link_where_packages_are_told_of_is_not_followed_but_told(path: str) -> None:
    assert unread(report_of([symlink(path, "/elsewhere")]))[0][0] == path


@pytest.mark.parametrize("path", ["etc/os-release", "usr/share/doc/a/copyright", "usr/bin/a", "opt/a.jar", "lib"])
def test_other_symbolic_links_are_no_loss(path: str) -> None:
    assert unread(report_of([symlink(path, "elsewhere")])) == []


def test_metadata_that_cannot_be_read_are_told() -> None:
    broken = [
        file("s/a.dist-info/METADATA", "Name: a\n\n"),
        file("var/lib/dpkg/status.d/one", "nothing"),
        file("var/lib/dpkg/status", "Package: x\n\nVersion: 1\n\n" + stanza("one", "1")),
    ]
    report = report_of(broken)
    assert [path for path, _ in unread(report)] == sorted(entry.name for entry in broken)
    assert [found.name for found in report.packages] == ["one"]


def test_device_files_and_pipes_are_passed_over() -> None:
    report = reported(header(b"dev/null", 0, b"3") + header(b"dev/sda", 0, b"4") + header(b"pipe", 0, b"6") + END)
    assert report.entries == 3
    assert report.sightings == ()


def test_whiteouts_of_aufs_itself_mean_nothing() -> None:
    lower = report_of([file("bin/a", ELF)])
    upper = report_of([file(".wh..wh.aufs"), folder(".wh..wh.plnk"), file(".wh..wh.orph")])
    assert squash([lower, upper]).coverage.unowned_executables == ("bin/a",)


@pytest.mark.parametrize(
    ("media_type", "told"),
    [
        ("application/vnd.oci.image.layer.v1.tar", True),
        ("application/vnd.oci.image.layer.v1.tar+gzip", True),
        ("application/vnd.oci.image.layer.v1.tar+zstd", True),
        ("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip", True),
        ("application/vnd.docker.image.rootfs.diff.tar.gzip", True),
        ("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", True),
        ("application/vnd.oci.image.layer.v1.tar+gzip+encrypted", False),
        ("application/vnd.cncf.helm.chart.content.v1.tar+gzip", False),
        ("application/java-archive", False),
        ("application/vnd.in-toto+json", False),
        ("", False),
    ],
)
def test_which_layers_are_unpacked_is_told_by_their_type(media_type: str, told: bool) -> None:
    assert unpacks(media_type) is told


def test_what_is_no_layer_is_not_unpacked() -> None:
    with pytest.raises(Malformed, match="java-archive"):
        catalogue_layer(io.BytesIO(b""), media_type="application/java-archive", layer=Digest.of(b""))


@pytest.mark.parametrize("compress", [gzip.compress, zstandard.compress, bytes])
def test_a_layer_is_the_same_however_it_is_compressed(compress: object) -> None:
    data = pack(DEBIAN, file("var/lib/dpkg/status", stanza("one", "1")), file("bin/x", ELF))
    assert reported(compress(data)) == reported(data)  # type: ignore[operator]


@given(st.binary(max_size=1500))
def test_no_bytes_lead_to_anything_but_a_report_or_an_error_of_ours(data: bytes) -> None:
    try:
        reported(data)
    except GravenError:
        return


@given(
    st.sampled_from(
        [
            "etc/os-release",
            "var/lib/dpkg/status",
            "var/lib/dpkg/status.d/a",
            "var/lib/dpkg/info/a.list",
            "var/lib/dpkg/info/a.md5sums",
            "var/lib/dpkg/diversions",
            "usr/share/doc/a/copyright",
            "s/a.dist-info/METADATA",
            "s/a.dist-info/RECORD",
            "s/a.egg-info",
            "s/a.egg-info/top_level.txt",
            "node_modules/a/package.json",
            "bin/a",
            "a.jar",
        ]
    ),
    st.one_of(
        st.binary(max_size=300),
        st.text("Package:Version nmas/.-\n\"',{}[]\\ue=", max_size=300).map(str.encode),
        st.just(b"[" * 100_000),
        st.just(b'"' + b"x" * 200_000 + b'",,'),
        st.just(b'"a""b,c",,\r\n"open'),
        st.just(b'{"name":"a","version":"\\ud800"}'),
    ),
)
def test_no_contents_of_a_wanted_file_lead_to_an_error(path: str, data: bytes) -> None:
    report = report_of([file(path, data)])
    assert LayerReport.decode(report.encode()) == report
    squash([report]).encode()


def test_memory_stays_flat_however_large_the_layer_is() -> None:
    class Generated(io.RawIOBase):
        """A layer of 400 MB: files of 4 MB, each with its header, and a package in between."""

        def __init__(self) -> None:
            super().__init__()
            self.pieces = self.made()
            self.rest = b""

        def made(self) -> Iterator[bytes]:
            block = bytes(1 << 20)
            for at in range(100):
                yield header(b"big/%d" % at, 4 << 20)
                yield from (block,) * 4
                told = b'{"name":"p%d","version":"1"}' % at
                yield header(b"node_modules/p%d/package.json" % at, len(told)) + body(told)
            yield END

        def read(self, size: int = -1, /) -> bytes:
            piece = self.rest or next(self.pieces, b"")
            self.rest = piece[size:]
            return piece[:size]

    tracemalloc.start()
    try:
        report = catalogue_layer(Generated(), media_type=TAR, layer=Digest.of(b""))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(report.packages) == 100
    assert peak < 12 << 20


PLACES = {
    "etc/os-release": "os-release",
    "usr/lib/os-release": "os-release",
    "app/etc/os-release": "",
    "var/lib/dpkg/status": "dpkg",
    "chroot/var/lib/dpkg/status": "dpkg",
    "var/lib/dpkg/status-old": "",
    "var/lib/dpkg/status.d/libc6": "dpkg",
    "var/lib/dpkg/status.d/libc6.md5sums": "dpkg-md5sums",
    "var/lib/dpkg/info/a.list": "dpkg-list",
    "var/lib/dpkg/info/a:amd64.md5sums": "dpkg-md5sums",
    "var/lib/other/a.list": "",
    "s/a.dist-info/METADATA": "python",
    "s/a.DIST-INFO/METADATA": "python",
    "s/a/METADATA": "",
    "s/a.egg-info/PKG-INFO": "python",
    "s/a.egg/EGG-INFO/PKG-INFO": "python",
    "s/a-1.egg-info": "python",
    "s/a.dist-info/RECORD": "python-record",
    "a/package.json": "node",
    "a/package.json.bak": "",
    "opt/a.jar": "archive",
}


@pytest.mark.parametrize("path", PLACES)
def test_each_place_has_its_reader(path: str) -> None:
    name = path.encode()
    assert place(name, name.rpartition(b"/")[2]) == PLACES[path]


FOLDERS = {
    "a/node_modules/b/node_modules/c/x": ("node", "a/node_modules/b/node_modules/c"),
    "node_modules/.pnpm/x@1/node_modules/x/i.js": ("node", "node_modules/.pnpm/x@1/node_modules/x"),
    "node_modules/.bin/x": ("", ""),
    "node_modules/x": ("", ""),
    "l/site-packages/a/b/c.py": ("python", "l/site-packages/a"),
    "l/site-packages/a/b/c.so": ("", ""),
    "l/site-packages/a-1.dist-info/x.py": ("", ""),
    "l/other-packages/a/c.py": ("", ""),
}


@pytest.mark.parametrize("path", FOLDERS)
def test_folders_of_a_language_are_told(path: str) -> None:
    kind, folder = FOLDERS[path]
    assert language_folder(path.encode()) == (kind, folder.encode())
