from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import lzma
from collections.abc import Callable

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from graven.errors import GravenError, Malformed, TooLarge, Unavailable, Unsupported
from graven.inventory.limits import Limits
from graven.inventory.stream import Stream

PACKED: dict[str, Callable[[bytes], bytes]] = {
    "plain": lambda data: data,
    "gzip": gzip.compress,
    "zstd": zstandard.ZstdCompressor().compress,
    "gzip-members": lambda data: gzip.compress(data[: len(data) // 2]) + gzip.compress(data[len(data) // 2 :]),
    "zstd-frames": lambda data: (
        zstandard.compress(data[: len(data) // 2])
        + b"\x50\x2a\x4d\x18\x03\0\0\0abc"
        + zstandard.compress(data[len(data) // 2 :])
    ),
    "zstd-after-a-skippable-frame": lambda data: b"\x5f\x2a\x4d\x18\x03\0\0\0abc" + zstandard.compress(data),
}


def stream(data: bytes, limits: Limits | None = None) -> Stream:
    return Stream(io.BytesIO(data), limits or Limits())


@pytest.mark.parametrize("how", PACKED)
def test_bytes_come_out_as_they_went_in(how: str) -> None:
    data = bytes(range(256)) * 20000
    found = stream(PACKED[how](data))
    assert found.peek(10) == data[:10]
    assert found.take(1000) == data[:1000]
    found.skip(2_000_000)
    assert found.take(len(data) - 2_001_000) == data[2_001_000:]
    assert found.peek(1) == b""
    assert found.drain() is False


@given(st.binary(max_size=4000), st.binary(min_size=1, max_size=14), st.integers(1, 700))
def test_a_needle_is_found_wherever_it_stands(data: bytes, needle: bytes, piece: int) -> None:
    class Slow(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(min(piece, piece if size is None or size < 0 else size))

    found = Stream(Slow(b"start" + data + b"end"), Limits())
    found.skip(5)
    assert found.scan(len(data), needle) is (needle in data)
    assert found.take(3) == b"end"


@pytest.mark.parametrize("how", ["gzip", "gzip-members"])
def test_a_truncated_gzip_is_malformed(how: str) -> None:
    data = PACKED[how](bytes(range(256)) * 4000)
    for cut in (20, len(data) // 2 - 1, len(data) // 2 + 1, len(data) - 6, len(data) - 1):
        with pytest.raises(Malformed, match="gzip"):
            stream(data[:cut]).drain()


def test_a_gzip_with_a_wrong_checksum_is_malformed() -> None:
    data = bytearray(gzip.compress(bytes(range(256)) * 4000))
    data[-6] ^= 1
    with pytest.raises(Malformed, match="gzip"):
        stream(bytes(data)).drain()


def test_a_broken_zstd_frame_is_malformed() -> None:
    data = bytearray(zstandard.compress(bytes(range(256)) * 4000))
    data[10:20] = b"\xff" * 10
    with pytest.raises(Malformed, match="zstd"):
        stream(bytes(data)).drain()


@given(st.sampled_from([b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"\x50\x2a\x4d\x18", b""]), st.binary(max_size=600))
def test_no_bytes_lead_to_anything_but_an_error_of_ours(magic: bytes, data: bytes) -> None:
    with contextlib.suppress(GravenError):
        stream(magic + data).drain()


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_a_bomb_is_refused_by_its_ratio(pack: object) -> None:
    bomb = pack(bytes(100 << 20))  # type: ignore[operator]
    assert len(bomb) < 200_000
    with pytest.raises(TooLarge, match="limit ratio"):
        stream(bomb).drain()


def test_a_bomb_of_the_second_member_is_refused_as_well() -> None:
    with pytest.raises(TooLarge, match="limit ratio"):
        stream(gzip.compress(b"small") + gzip.compress(bytes(100 << 20))).drain()


@pytest.mark.parametrize("how", ["plain", "gzip", "zstd"])
def test_more_than_the_limit_is_refused(how: str) -> None:
    data = PACKED[how](bytes(range(256)) * 20000)
    with pytest.raises(TooLarge, match="limit total"):
        stream(data, Limits(total=3 << 20)).drain()


def test_a_zstd_frame_that_asks_for_too_much_memory_is_refused() -> None:
    parameters = zstandard.ZstdCompressionParameters(window_log=27)
    data = zstandard.ZstdCompressor(compression_params=parameters).compressobj().compress(b"x" * 10)
    whole = zstandard.ZstdCompressor(compression_params=parameters)
    made = whole.compressobj()
    data = made.compress(b"x" * 10) + made.flush()
    with pytest.raises(TooLarge, match="limit window"):
        stream(data).drain()


@pytest.mark.parametrize(("name", "pack"), [("bzip2", bz2.compress), ("xz", lzma.compress)])
def test_other_compressions_are_named_and_not_read(name: str, pack: object) -> None:
    with pytest.raises(Unsupported, match=name):
        stream(pack(b"data"))  # type: ignore[operator]


def test_what_stands_behind_is_told_unless_it_is_zeros() -> None:
    assert stream(bytes(3 << 20)).drain() is False
    assert stream(bytes(3 << 20) + b"x").drain() is True


@pytest.mark.parametrize("after", [0, 1])
def test_a_reader_that_fails_is_unavailable(after: int) -> None:
    class Failing(io.BytesIO):
        reads = 0

        def read(self, size: int | None = -1, /) -> bytes:
            self.reads += 1
            if self.reads > after:
                raise OSError(5, "Input/output error")
            return super().read(size)

    with pytest.raises(Unavailable, match="Input/output"):
        Stream(Failing(gzip.compress(bytes(range(256)) * 9000)[:2000]), Limits()).drain()
