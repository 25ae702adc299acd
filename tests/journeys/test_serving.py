"""The life of a real server: the first start, the lock, readiness, what it tells, and a calm end."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sqlite3
import ssl
import stat
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from conftest import Serve
from graven.stores import layout
from graven.values.entry import Entry
from served import GRAVEN, Served


def _types(served: Served) -> list[str]:
    return _entries(served.data)


def _entries(data: Path) -> list[str]:
    with contextlib.closing(sqlite3.connect(layout.database(data))) as database:
        leaves = database.execute("SELECT leaf FROM entries ORDER BY position").fetchall()
    return [Entry.decode(leaf).type for (leaf,) in leaves]


def _refused(*words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    plain = {name: value for name, value in os.environ.items() if not name.startswith("GRAVEN_")}
    return subprocess.run(
        [*GRAVEN, "serve", *words], env=plain | environ, capture_output=True, text=True, timeout=20, check=False
    )


def test_the_first_start_makes_one_administrator_and_no_later_one_does(serve: Serve) -> None:
    served = serve()
    file = served.folder / "admin.token"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    token = served.token
    assert served.stop() == 0
    served.start()
    assert served.token == token
    who = httpx.get(f"{served.url}/api/v1/whoami", headers={"Authorization": f"Bearer {token}"})
    assert who.json()["scopes"] == ["admin:*"]
    assert _types(served).count("token.create") == 1


def test_without_a_file_the_token_is_printed_once(tmp_path: Path) -> None:
    shown = []
    for _ in range(2):
        command = [*GRAVEN, "serve", "--data", str(tmp_path / "data"), "--listen", "127.0.0.1:0"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert process.stdout is not None
        lines = iter(process.stdout.readline, "")
        told = []
        for line in lines:
            told.append(line)
            if "listens on" in line:
                break
        process.terminate()
        assert process.wait(timeout=10) == 0
        process.stdout.close()
        shown.append("".join(told).count("grv_"))
    assert shown == [1, 0]


def test_a_file_that_is_there_is_not_overwritten_and_nobody_is_made(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("precious")
    words = ("--data", str(tmp_path / "data"), "--listen", "127.0.0.1:0", "--admin-token-file", str(file))
    done = _refused(*words)
    assert done.returncode == 1
    assert "is there already" in done.stderr
    assert file.read_text() == "precious"
    file.unlink()
    assert "principal.create" not in _entries(tmp_path / "data")


def test_a_second_server_on_the_same_folder_says_who_has_it(serve: Serve) -> None:
    served = serve()
    assert served.process is not None
    done = _refused("--data", str(served.data), "--listen", "127.0.0.1:0")
    assert done.returncode == 3
    assert f"in use by PID {served.process.pid}" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_address_that_is_taken_is_told_in_one_line(serve: Serve, tmp_path: Path) -> None:
    served = serve()
    done = _refused("--data", str(tmp_path / "other"), "--listen", served.host)
    assert done.returncode == 3
    assert "cannot listen" in done.stderr
    assert "Traceback" not in done.stderr


def test_plain_http_beyond_loopback_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    done = _refused("--data", str(tmp_path / "data"), GRAVEN_LISTEN="0.0.0.0:0")
    assert done.returncode == 1
    assert "--plain-http" in done.stderr
    assert not (tmp_path / "data").exists()


def test_it_ends_within_five_seconds_also_while_somebody_sends(serve: Serve) -> None:
    served = serve()
    host, port = served.host.rsplit(":", 1)
    head = {"Authorization": f"Bearer {served.token}"}
    begun = httpx.post(f"{served.url}/v2/app/web/blobs/uploads/", headers=head)
    with socket.create_connection((host, int(port))) as slow:
        location = begun.headers["location"]
        lines = [f"PATCH {location} HTTP/1.1", f"Host: {served.host}", f"Authorization: Bearer {served.token}"]
        slow.sendall("\r\n".join([*lines, "Content-Length: 1000000", "", ""]).encode() + b"some")
        time.sleep(0.3)
        started = time.monotonic()
        assert served.stop() == 0
        assert time.monotonic() - started < 5
    assert _types(served)[0] == "key.create"  # nothing is signed by a key that the log does not know
    assert "log.start" in _types(served)
    assert "log.stop" in _types(served)[-2:]


def test_it_says_that_it_is_well_and_ready_and_counts(serve: Serve) -> None:
    served = serve()
    assert httpx.get(f"{served.url}/healthz").text == "ok\n"
    assert httpx.get(f"{served.url}/readyz").json() == {"ready": True, "faults": {}}
    httpx.get(f"{served.url}/api/v1/whoami")
    metrics = httpx.get(f"{served.url}/metrics").text
    assert 'graven_requests_total{method="GET",route="/api/v1/whoami",status="401"} 1.0' in metrics
    assert 'graven_events_total{outcome="success",type="token.create"} 1.0' in metrics
    for name in ("graven_request_seconds_bucket", "graven_append_seconds_count", "graven_commit_appends_count"):
        assert name in metrics, name
    assert "graven_log_size" in metrics


def test_each_line_of_the_log_is_json_and_has_the_id_that_the_caller_was_told(serve: Serve) -> None:
    served = serve()
    response = httpx.get(f"{served.url}/v2/app/web/tags/list")
    served.stop()
    lines = [json.loads(line) for line in served.log.splitlines()]
    (line,) = [line for line in lines if line["request_id"] == response.headers["x-request-id"]]
    assert (line["route"], line["status"]) == ("/v2/{name:path}/tags/list", 401)


def test_the_text_of_the_log_is_for_people_where_it_is_asked_for(serve: Serve) -> None:
    served = serve(GRAVEN_LOG_FORMAT="text")
    httpx.get(f"{served.url}/api/v1/whoami")
    served.stop()
    assert "status=401" in served.log


def test_tls_auto_serves_with_a_certificate_of_its_own_authority(serve: Serve) -> None:
    served = serve("--tls", "auto")
    assert served.url.startswith("https://")
    trusted = ssl.create_default_context(cafile=str(served.data / "keys" / "tls-ca.pem"))
    assert httpx.get(f"{served.url}/healthz", verify=trusted).status_code == 200
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{served.url}/healthz")
    with pytest.raises(httpx.HTTPError):
        httpx.get(served.url.replace("https", "http") + "/healthz")


def test_what_lies_in_the_data_folder_is_its_owners_alone(serve: Serve) -> None:
    served = serve("--tls", "auto")
    served.stop()
    mode = stat.S_IMODE(served.data.stat().st_mode)
    assert mode & 0o077 == 0
    private = [path for path in (served.data / "keys").iterdir() if path.suffix != ".pem"]
    assert private
    assert [path.name for path in private if stat.S_IMODE(path.stat().st_mode) & 0o077] == []


def test_python_m_graven_is_the_command() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "graven", "serve", "--help"], capture_output=True, text=True, check=True
    )
    assert "GRAVEN_ADMIN_TOKEN_FILE" in done.stdout
