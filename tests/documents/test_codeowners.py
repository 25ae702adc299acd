"""CODEOWNERS, as conftest shows it to rules."""

import pytest

from graven.documents.codeowners import parse
from graven.documents.detection import parser_for
from graven.documents.position import Position
from graven.errors import Malformed

TEXT = b"# top\n*.py @org/py a@b.co # ours\n/docs/\\ x @me\n\n/none\n"


def test_each_rule_has_its_pattern_owners_comment_and_line() -> None:
    (found,) = parse(TEXT, file="CODEOWNERS")
    assert found.value["rules"] == [
        {
            "pattern": "*.py",
            "owners": [{"type": "team", "value": "org/py"}, {"type": "email", "value": "a@b.co"}],
            "comment": "ours",
            "lineNumber": 2,
        },
        {
            "pattern": "/docs/\\ x",
            "owners": [{"type": "username", "value": "me"}],
            "comment": "",
            "lineNumber": 3,
        },
        {"pattern": "/none", "owners": [], "comment": "", "lineNumber": 5},
    ]
    assert found.position(("rules", 1, "owners", 0)) == Position(3, 1)


def test_a_file_without_rules_has_none() -> None:
    assert parse(b"# nothing\n")[0].value == {"rules": None}


def test_an_owner_that_is_none_is_named_with_its_place() -> None:
    with pytest.raises(Malformed, match="got 'foo', expected @user") as caught:
        parse(b"a @b\n*.py foo\n", file="CODEOWNERS")
    assert caught.value.where == "CODEOWNERS: line 2, column 6"


def test_the_name_alone_chooses_the_parser() -> None:
    assert parser_for(".github/CODEOWNERS") == "codeowners"
