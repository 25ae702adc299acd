"""``graven tokens`` against a real server."""

from __future__ import annotations

import pytest

from conftest import Serve
from served import Served


@pytest.fixture
def served(serve: Serve) -> Served:
    return serve()


def test_a_token_is_made_listed_used_and_revoked(served: Served) -> None:
    secret = served.graven("tokens", "create", "ci", "--scope", "push:app/*", "--scope", "pull").strip()
    assert secret.startswith("grv_")
    (row,) = [t for t in served.json("tokens", "list")["tokens"] if t["name"] == "ci"]
    assert row["scopes"] == ["push:app/*", "pull:*"]
    assert row["token"] in served.graven("tokens", "list")
    served.environ["GRAVEN_TOKEN"] = secret
    assert served.json("tokens", "whoami")["principal"] == row["principal"]
    assert "ask an administrator" in served.graven("tokens", "list", code=1)
    del served.environ["GRAVEN_TOKEN"]
    assert served.json("tokens", "revoke", row["token"], "--reason", "left") == {"revoked": row["token"]}
    served.environ["GRAVEN_TOKEN"] = secret
    assert "was revoked" in served.graven("tokens", "whoami", code=3)


def test_a_scope_that_is_none_is_told_with_those_there_are(served: Served) -> None:
    told = served.graven("tokens", "create", "ci", "--scope", "fly", code=3)
    assert "expected ACTION:PATTERN with one of pull, push" in told


def test_a_name_is_erased(served: Served) -> None:
    made = served.json("tokens", "create", "Ada", "--kind", "person", "--scope", "pull")
    assert served.json("tokens", "erase", made["principal"]) == {"erased": made["principal"]}
    assert "(erased)" in served.graven("tokens", "list")
    assert "no principal" in served.graven("tokens", "erase", "nobody", code=3)


def test_the_end_of_a_line_is_no_part_of_a_token(served: Served) -> None:
    served.environ["GRAVEN_TOKEN"] = served.env["GRAVEN_TOKEN"] + "\n"
    assert served.json("tokens", "whoami")["scopes"] == ["admin:*"]
    assert "mode" in served.graven("ls")


def test_a_token_that_no_header_can_carry_is_told_without_the_token(served: Served) -> None:
    served.environ["GRAVEN_TOKEN"] = "grv_secret\nmore"
    for words in (
        ("ls",),
        ("tokens", "whoami"),
        ("verify", "app:1", "--key", "none.pub"),
        ("audit", "verify", served.url),
    ):
        told = served.graven(*words, code=3)
        assert "secret" not in told
        assert "no answer" not in told
