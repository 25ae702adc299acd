from __future__ import annotations

import contextlib
import io
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archives import END, Entry, body, file, folder, hard_link, header, pack, symlink
from graven.errors import GravenError, Malformed, TooLarge
from graven.inventory.limits import Limits
from graven.inventory.stream import Stream
from graven.inventory.tar import FOLDER, HARD_LINK, REGULAR, SPARSE, SYMLINK, Archive, Member


def members(data: bytes, limits: Limits | None = None) -> list[tuple[Member, bytes]]:
    bounds = limits or Limits()
    archive = Archive(Stream(io.BytesIO(data), bounds), bounds)
    return [(member, archive.read(1 << 20)) for member in archive]


def names(data: bytes, limits: Limits | None = None) -> list[bytes]:
    return [member.name for member, _ in members(data, limits)]


text = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=300).filter(
    lambda t: t.strip("/")
)
entries = st.builds(
    lambda name, data, link, kind: {
        "file": file(name, data),
        "folder": folder(name),
        "symlink": symlink(name, link),
        "hard": hard_link(name, link),
    }[kind],
    text,
    st.binary(max_size=1500),
    text,
    st.sampled_from(["file", "folder", "symlink", "hard"]),
)


@given(st.lists(entries, max_size=12), st.sampled_from([tarfile.PAX_FORMAT, tarfile.GNU_FORMAT]))
def test_what_tarfile_writes_is_read_as_tarfile_reads_it(written: list[Entry], format_: int) -> None:
    data = pack(*written, format_=format_)
    kinds = {tarfile.REGTYPE: REGULAR, tarfile.DIRTYPE: FOLDER, tarfile.SYMTYPE: SYMLINK, tarfile.LNKTYPE: HARD_LINK}
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        expected = [
            (m.name.encode(), kinds[m.type], m.linkname.encode(), archive.extractfile(m).read() if m.isreg() else b"")  # type: ignore[union-attr]
            for m in archive
        ]
    # tarfile takes slashes off the end of a name.
    found = [(m.name.rstrip(b"/"), m.kind, m.link, d) for m, d in members(data)]
    assert found == [(name.rstrip(b"/"), *rest) for name, *rest in expected]


@given(st.binary(max_size=3000))
def test_no_bytes_lead_to_anything_but_members_or_an_error_of_ours(data: bytes) -> None:
    with contextlib.suppress(GravenError):
        members(data)


@given(st.data())
def test_no_changed_byte_leads_to_anything_but_members_or_an_error_of_ours(data: st.DataObject) -> None:
    whole = bytearray(pack(file("a" * 150, b"x" * 600), folder("b"), symlink("c", "d" * 150)))
    at = data.draw(st.integers(0, len(whole) - 1))
    whole[at] = data.draw(st.integers(0, 255))
    with contextlib.suppress(Malformed, TooLarge):
        members(bytes(whole))


def test_a_name_of_ustar_is_put_together_from_prefix_and_name() -> None:
    name = "p" * 120 + "/" + "n" * 90
    assert names(pack(file(name), format_=tarfile.USTAR_FORMAT)) == [name.encode()]


def test_an_archive_may_end_without_its_end_marker() -> None:
    assert names(header(b"a", 3) + body(b"abc")) == [b"a"]


def test_a_header_that_says_it_is_a_folder_has_no_contents_whatever_its_size() -> None:
    assert names(header(b"d", 600, b"5") + header(b"a", 0) + END) == [b"d", b"a"]


def test_a_name_of_the_oldest_format_that_ends_in_a_slash_is_a_folder() -> None:
    assert members(header(b"d/", 0, b"\0", magic=b"") + END)[0][0].kind == FOLDER


def test_a_size_beyond_eight_gibibytes_is_read_in_base_256() -> None:
    field = b"\x80" + (700).to_bytes(11, "big")
    assert members(header(b"a", field) + body(b"x" * 700) + END)[0][0].size == 700


def test_an_old_gnu_sparse_file_is_passed_over_with_its_further_map() -> None:
    first = bytearray(header(b"holes", 512, b"S", magic=b"ustar  \0"))
    first[482] = 1
    first[148:156] = b" " * 8
    first[148:156] = b"%06o\0 " % sum(first)
    more = bytes(504) + b"\0" + bytes(7)
    found = members(bytes(first) + more + body(b"y" * 512) + header(b"after") + END)
    assert [(m.name, m.kind) for m, _ in found] == [(b"holes", SPARSE), (b"after", REGULAR)]


@pytest.mark.skipif(shutil.which("tar") is None, reason="needs GNU tar")
@pytest.mark.parametrize(
    "options", [["--format=gnu"], ["--format=pax", "--sparse-version=1.0"], ["--format=pax", "--sparse-version=0.1"]]
)
def test_sparse_files_of_gnu_tar_are_told_apart(tmp_path: Path, options: list[str]) -> None:
    with (tmp_path / "holes").open("wb") as made:
        made.truncate(10 << 20)
        made.seek(5 << 20)
        made.write(b"middle" * 1000)
    (tmp_path / "plain").write_bytes(b"plain")
    done = subprocess.run(
        ["tar", "-c", "--sparse", *options, "holes", "plain"], cwd=tmp_path, capture_output=True, check=True
    )
    found = [(m.name, m.kind) for m, _ in members(done.stdout)]
    if found[0][1] == REGULAR:
        pytest.skip("this file system keeps no holes")
    assert found == [(b"holes", SPARSE), (b"plain", REGULAR)]


SABOTAGED = {
    "cut-in-header": (pack(file("a"))[:300], "too early"),
    "cut-in-contents": (header(b"a", 5000) + b"x" * 700, "too early"),
    "wrong-checksum": (header(b"a").replace(b"a", b"b", 1) + END, "checksum"),
    "negative-size": (header(b"a", b"\xff" * 12) + END, "negative"),
    "size-that-is-no-number": (header(b"a", b"12x45678901\0") + END, "octal"),
    "size-with-a-sign": (header(b"a", b"-0000000001\0") + END, "octal"),
    "size-in-decimal": (header(b"a", b"00000000089\0") + END, "octal"),
    "one-block-of-zeros": (header(b"a") + bytes(512) + header(b"b") + END, "one block of zeros"),
    "extended-header-at-the-end": (header(b"x", 12, b"x") + body(b"12 path=abc\n") + END, "no file follows"),
    "extended-header-too-long-a-record": (
        header(b"x", 12, b"x") + body(b"99 path=abc\n") + header(b"a") + END,
        "LENGTH",
    ),
    "extended-header-without-equals": (header(b"x", 12, b"x") + body(b"12 path abc\n") + header(b"a") + END, "LENGTH"),
    "extended-header-of-length-zero": (header(b"x", 12, b"x") + body(b"0 path=abcd\n") + header(b"a") + END, "LENGTH"),
    "nul-in-name": (header(b"x", 13, b"x") + body(b"13 path=ab\0c\n") + header(b"a") + END, "NUL"),
    "size-in-words": (header(b"x", 12, b"x") + body(b"12 size=abc\n") + header(b"a") + END, "size"),
    "size-with-a-sign-in-extended-header": (
        header(b"x", 11, b"x") + body(b"11 size=-1\n") + header(b"a") + END,
        "size",
    ),
    "one-path-for-all": (header(b"x", 12, b"g") + body(b"12 path=abc\n") + header(b"a") + END, "all files at once"),
}


@pytest.mark.parametrize("name", SABOTAGED)
def test_a_sabotaged_archive_is_malformed(name: str) -> None:
    data, told = SABOTAGED[name]
    with pytest.raises(Malformed, match=told):
        members(data)


def test_a_checksum_of_bytes_with_a_sign_is_taken() -> None:
    made = bytearray(header(b"\xff\xfe"))
    told = sum(byte - 256 if byte > 127 else byte for byte in made[:148] + made[156:]) + 256
    made[148:156] = b"%06o\0 " % told
    assert names(bytes(made) + END) == [b"\xff\xfe"]


@pytest.mark.parametrize("field", [b" 0000000003\0", b"3\0garbage!!!", b"3          \0", b"           3"])
def test_a_number_may_be_padded_or_end_early(field: bytes) -> None:
    assert members(header(b"a", field) + body(b"abc") + END)[0][1] == b"abc"


def test_an_empty_number_is_nought() -> None:
    assert members(header(b"a", bytes(12)) + END)[0][0].size == 0


def test_a_file_that_claims_eight_exbibytes_is_too_large() -> None:
    with pytest.raises(TooLarge, match="limit total"):
        members(header(b"a", b"\x80" + (1 << 62).to_bytes(11, "big")) + END)


def test_an_extended_header_that_claims_a_gibibyte_is_too_large() -> None:
    for kind in (b"x", b"g", b"L", b"K"):
        with pytest.raises(TooLarge, match="limit header"):
            members(header(b"x", 1 << 30, kind) + END)


def test_more_files_than_the_limit_are_too_large() -> None:
    data = header(b"a") * 11 + END
    with pytest.raises(TooLarge, match="limit entries"):
        members(data, Limits(entries=10))
    assert len(members(data, Limits(entries=11))) == 11


def test_comments_for_all_files_are_no_fault() -> None:
    assert names(header(b"x", 15, b"g") + body(b"15 comment=abc\n") + header(b"a") + END) == [b"a"]


def test_an_empty_value_takes_a_name_back() -> None:
    told = b"12 path=abc\n" + b"8 path=\n"
    assert names(header(b"x", len(told), b"x") + body(told) + header(b"a") + END) == [b"a"]
