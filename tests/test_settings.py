"""Settings: from a flag, or else the environment, or else the default; and what must hold between them."""

from __future__ import annotations

from pathlib import Path

import pytest

from graven.errors import Malformed, Refused
from graven.settings import documented, read


def test_a_server_without_any_setting_listens_on_loopback_only() -> None:
    settings = read({}, {})
    assert settings.listen == ("127.0.0.1", 7331)
    assert not settings.anonymous_pull
    assert not settings.secure


def test_a_flag_wins_over_the_environment_and_that_over_the_default() -> None:
    environ = {"GRAVEN_DATA": "/from/environment", "GRAVEN_UPLOAD_EXPIRY": "90m"}
    settings = read({"data": "/from/flag", "upload_expiry": None}, environ)
    assert settings.data == Path("/from/flag")
    assert settings.upload_expiry == 5400


@pytest.mark.parametrize("host", ["0.0.0.0", "", "192.0.2.7", "[::]", "graven.example", "[2001:db8::1]"])  # noqa: S104  refused is what it is
def test_plain_http_beyond_loopback_is_refused_unless_it_is_asked_for_by_name(host: str) -> None:
    with pytest.raises(Refused, match="--plain-http"):
        read({"listen": f"{host}:80"}, {})
    assert read({"listen": f"{host}:80", "plain_http": "1"}, {}).plain_http
    assert read({"listen": f"{host}:80", "tls": "auto"}, {}).secure


@pytest.mark.parametrize("address", ["127.0.0.1:0", "localhost:7331", "[::1]:443", "127.9.9.9:1"])
def test_loopback_needs_no_tls(address: str) -> None:
    assert read({}, {"GRAVEN_LISTEN": address}).listen[1] == int(address.rpartition(":")[2])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("listen", "7331"),
        ("listen", "127.0.0.1:http"),
        ("listen", "127.0.0.1:70000"),
        ("upload_expiry", "5y"),
        ("upload_expiry", "-1s"),
        ("tls", "yes"),
        ("anonymous_pull", "perhaps"),
        ("log_format", "xml"),
    ],
)
def test_a_value_that_cannot_be_read_is_named_with_its_flag(name: str, value: str) -> None:
    with pytest.raises(Malformed) as caught:
        read({name: value}, {})
    assert caught.value.where == f"--{name.replace('_', '-')}"
    with pytest.raises(Malformed) as caught:
        read({}, {f"GRAVEN_{name.upper()}": value})
    assert caught.value.where == f"GRAVEN_{name.upper()}"


@pytest.mark.parametrize(
    "flags",
    [{"tls_cert": "c.pem"}, {"tls_key": "k.pem"}, {"tls": "auto", "tls_cert": "c.pem", "tls_key": "k.pem"}],
)
def test_half_a_certificate_or_two_of_them_are_refused(flags: dict[str, str]) -> None:
    with pytest.raises(Malformed):
        read(flags, {})


def test_each_setting_says_what_it_is_for() -> None:
    for flag, variable, about in documented():
        assert flag.startswith("--") and variable.startswith("GRAVEN_")
        assert len(about["help"]) > 10, flag
