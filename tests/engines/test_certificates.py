from __future__ import annotations

import ssl
import stat
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import create_connection, create_server

import pytest

from graven.engines.certificates import ensure_certificate
from graven.errors import Unavailable

NOW = datetime.now(UTC)


def test_a_client_that_trusts_the_ca_reaches_a_server_with_the_certificate(tmp_path: Path) -> None:
    made = ensure_certificate(tmp_path, ["127.0.0.1", "localhost"], now=NOW)
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(made.certificate, made.key)
    with create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=lambda: _greet(listener, server_side))
        thread.start()
        client_side = ssl.create_default_context(cafile=str(made.ca))
        address = listener.getsockname()
        with create_connection(address) as raw, client_side.wrap_socket(raw, server_hostname="127.0.0.1") as tls:
            assert tls.recv(5) == b"hello"
        thread.join()


def _greet(listener: object, context: ssl.SSLContext) -> None:
    raw, _ = listener.accept()  # type: ignore[attr-defined]  # a socket; its type has no name here
    with raw, context.wrap_socket(raw, server_side=True) as tls:
        tls.sendall(b"hello")


def test_private_keys_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    ensure_certificate(tmp_path, ["localhost"], now=NOW)
    assert {stat.S_IMODE(p.stat().st_mode) for p in tmp_path.glob("*.key")} == {0o600}


def test_a_certificate_is_kept_while_it_serves(tmp_path: Path) -> None:
    first = ensure_certificate(tmp_path, ["localhost"], now=NOW).certificate.read_bytes()
    assert ensure_certificate(tmp_path, ["localhost"], now=NOW).certificate.read_bytes() == first


@pytest.mark.parametrize(
    ("names", "later"), [(["localhost", "graven.example"], timedelta(0)), (["localhost"], timedelta(days=340))]
)
def test_other_names_or_an_end_in_sight_bring_a_new_one_by_the_same_ca(
    names: list[str], later: timedelta, tmp_path: Path
) -> None:
    before = ensure_certificate(tmp_path, ["localhost"], now=NOW)
    old, ca = before.certificate.read_bytes(), before.ca.read_bytes()
    after = ensure_certificate(tmp_path, names, now=NOW + later)
    assert after.certificate.read_bytes() != old
    assert after.ca.read_bytes() == ca


def test_a_damaged_key_file_is_told_and_not_replaced(tmp_path: Path) -> None:
    ensure_certificate(tmp_path, ["localhost"], now=NOW)
    (tmp_path / "tls-ca.key").write_text("damaged")
    with pytest.raises(Unavailable, match="no TLS certificate"):
        ensure_certificate(tmp_path, ["localhost"], now=NOW)
    assert (tmp_path / "tls-ca.key").read_text() == "damaged"
