"""What files of HOCON include: whose keys count, where it stands, and what ends it."""

from __future__ import annotations

import pytest

from graven.documents import Position, parse
from graven.errors import GravenError, Malformed, NotFound, TooLarge
from parsing import INCLUDED, INCLUDING


def _include(name: str) -> bytes:
    if name not in INCLUDED:
        raise NotFound("there is no such file", where=name)
    return INCLUDED[name].encode()


@pytest.mark.parametrize("text", INCLUDING)
def test_what_a_file_includes_is_what_conftest_makes_of_it(text: str) -> None:
    if INCLUDING[text] is None:
        with pytest.raises(GravenError):
            parse(text.encode(), file="a.hocon", include=_include)
    else:
        [found] = parse(text.encode(), file="a.hocon", include=_include)
        assert found.value == INCLUDING[text]


def test_what_is_included_has_the_place_of_its_include() -> None:
    [found] = parse(b'a {\n  include "more/two.conf"\n  x = 1\n}', file="a.hocon", include=_include)
    assert found.position(("a", "r", "s")) == found.position(("a", "m")) == Position(2, 3)
    assert found.position(("a", "x")) == Position(3, 7)


def test_a_fault_in_an_included_file_names_that_file() -> None:
    with pytest.raises(Malformed, match=r"broken\.conf: line 1, column 5"):
        parse(b'a { include "broken.conf" }', file="a.hocon", include=_include)
    with pytest.raises(Malformed, match=r"'y' leads nowhere in this file .at needs\.conf: line 1, column 5"):
        parse(b'a { include "needs.conf" }', file="a.hocon", include=_include)


def test_a_file_that_includes_itself_or_too_many_ends() -> None:
    with pytest.raises(TooLarge, match="within one another"):
        parse(b'a { include "itself.conf" }', file="a.hocon", include=_include)
    with pytest.raises(TooLarge, match="more than 100 files"):
        parse(b'a { include "braced.conf"\n }\n' * 101, file="a.hocon", include=_include)


def test_where_no_files_are_read_an_include_is_refused() -> None:
    with pytest.raises(NotFound, match="no files are read here"):
        parse(b'a { include "braced.conf" }', file="a.hocon")


def test_plus_is_what_was_there_before_however_often() -> None:
    [found] = parse(b"a { l = [1]\n l += [2]\n l += [3]\n m = ${a.l} }", file="a.hocon")
    assert found.value == {"a": {"l": "[1,2,3]", "m": "[1,2,3]"}}
