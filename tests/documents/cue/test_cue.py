"""What of CUE is refused although conftest reads it, the places of values, and texts that are made to take for ever."""

from __future__ import annotations

import pytest

from graven.documents.cue import parse
from graven.errors import Malformed, TooLarge, Unsupported

UNREAD = {
    'import "encoding/json"\na: json.Marshal(1)\n': "line 2, column 4",
    "#L: {head: 1, tail: null | #L}\nx: #L\n": "line 1, column 21",
    "#A: close({b: {c: 1}})\nx: #A & {b: d: 1}\n": "line 1, column 5",
    "@experiment(try)\na: 1\n": "line 1, column 1",
    "a: {...int}\n": "line 1, column 5",
}


@pytest.mark.parametrize("text", UNREAD)
def test_what_is_not_read_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(Unsupported) as caught:
        parse(text.encode(), file="f.cue")
    assert caught.value.where == f"f.cue: {UNREAD[text]}"


def test_integers_stay_exact() -> None:
    [found] = parse(b"a: 12345678901234567890 + 1\n")
    assert found.value == {"a": 12345678901234567891}


def test_a_value_of_a_definition_has_the_place_at_which_it_is_used() -> None:
    [found] = parse(b'#D: {port: int | *80, name?: string}\n\nweb: #D & {\n\tname: "x"\n}\n')
    assert str(found.position(("web", "name"))) == "line 4, column 8"
    assert str(found.position(("web",))) == "line 3, column 6"


def test_what_contradicts_itself_says_both_and_where() -> None:
    with pytest.raises(Malformed, match=r"a\.x is 1 and 2") as caught:
        parse(b"a: x: 1\na: x: 2\n", file="f.cue")
    assert caught.value.where == "f.cue: line 2, column 7"


@pytest.mark.parametrize(
    "text",
    [
        b"[" * 100_000,
        b"a: " + b"-" * 1_000,
        b'a: "' + b'\\("' * 1_000,
        b"".join(b"a%d: a%d\n" % (at, at + 1) for at in range(1_000)) + b"a1000: 1",
        b'a: "abc" * 1000000000000',
        b'import "strings"\na: strings.Repeat("abc", 100000000000)',
        b'a0: "xxxxxxxxxx"\n' + b"".join(b"a%d: a%d + a%d\n" % (at + 1, at, at) for at in range(60)),
    ],
    ids=["brackets", "signs", "texts-in-texts", "chain", "times", "repeated", "doubled"],
)
def test_a_text_that_takes_too_much_is_refused(text: bytes) -> None:
    with pytest.raises(TooLarge):
        parse(text, file="f.cue")
