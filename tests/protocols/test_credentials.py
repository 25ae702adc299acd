"""Reading who asks from a request: Basic with a token as password, Bearer, and what is neither."""

from __future__ import annotations

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graven.errors import Unauthenticated
from graven.protocols.credentials import secret


def _basic(text: str) -> str:
    return "Basic " + b64encode(text.encode()).decode()


@given(user=st.text().filter(lambda text: ":" not in text), token=st.text(min_size=1))
def test_basic_takes_any_user_name_and_the_whole_rest_as_password(user: str, token: str) -> None:
    assert secret(_basic(f"{user}:{token}")) == token


@pytest.mark.parametrize("header", ["Bearer grv_x", "bearer grv_x", "BEARER   grv_x "])
def test_bearer_takes_the_token_as_it_is(header: str) -> None:
    assert secret(header) == "grv_x"


def test_empty_basic_credentials_are_nobody() -> None:
    assert secret(_basic(":")) is None
    assert secret(None) is None


def test_a_user_without_a_password_is_not_taken_for_nobody() -> None:
    assert secret(_basic("admin:")) == ""


@pytest.mark.parametrize(
    "header",
    ["", "grv_x", "Bearer", "Bearer ", "Digest x", "Basic", "Basic !!!", "Basic YWJj", "Basic gICAOmE=", "Negotiate a"],
)
def test_a_header_that_is_neither_is_refused(header: str) -> None:
    with pytest.raises(Unauthenticated):
        secret(header)
