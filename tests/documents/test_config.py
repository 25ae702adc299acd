from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graven.documents import Position, config
from graven.errors import Malformed, TooLarge
from graven.values import canonical


def test_scalars_follow_the_core_schema_of_yaml_1_2() -> None:
    text = b"[off, yes, 1:30, 010, 0x1f, 1.5, true, null, '7', ~, 2026-01-02]"
    assert config.parse(text).value == ["off", "yes", "1:30", 10, 31, 1.5, True, None, "7", None, "2026-01-02"]


def test_a_position_is_that_of_the_part_or_of_what_stands_around_it() -> None:
    document = config.parse(b"a:\n  - b: 1\n    c: 2\n")
    assert document.position(("a", 0, "c")) == Position(3, 8)
    assert document.position(("a", 0, "missing")) == Position(2, 5)
    assert document.position(("elsewhere",)) == Position(1, 1)


def test_an_empty_file_is_null() -> None:
    assert config.parse(b"# nothing\n").value is None


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (b"a: 1\nb: 2\na: 3\n", "line 3, column 1"),
        (b"a:\n  1: x\n", "line 2, column 3"),
        (b"a: [1\nb: 2", "line 2"),
        (b"a: .nan", "line 1, column 4"),
        (b"a: 1\n---\nb: 2\n", "line 2"),
        (b"? [x]\n: 1\n", "line 1"),
        (b"a: 123456789012345678901234567890", "line 1, column 4"),
        (b"a: *nowhere\n", "line 1, column 4"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(text: bytes, place: str) -> None:
    with pytest.raises(Malformed) as caught:
        config.parse(text, file="stages.yaml")
    assert place in caught.value.where
    assert caught.value.where.startswith("stages.yaml: ")


@pytest.mark.parametrize("text", [b"\xff", b"a: \x00"])
def test_bytes_that_are_no_text_are_refused(text: bytes) -> None:
    with pytest.raises(Malformed):
        config.parse(text)


def test_aliases_cannot_make_a_small_text_huge() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    with pytest.raises(TooLarge):
        config.parse("\n".join(lines).encode())


def test_a_text_that_nests_too_deep_is_refused() -> None:
    with pytest.raises(TooLarge):
        config.parse(b"[" * 300 + b"]" * 300)
    with pytest.raises(TooLarge, match="line 1, column 103"):
        config.parse(b"[" * 20_000)


def test_a_recursive_alias_is_refused() -> None:
    with pytest.raises((TooLarge, Malformed)):
        config.parse(b"a: &a [*a]")


_json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**50), 2**50) | st.text(st.characters(codec="ascii", categories=["L"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text("abcxyz", min_size=1), inner),
    max_leaves=12,
)


@settings(deadline=None)
@given(_json)
def test_json_is_read_as_json_reads_it(value: object) -> None:
    assert config.parse(canonical.dumps(value)).value == value
