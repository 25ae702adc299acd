"""The second engine: found or not, compared, ended. The real program is asked in tests/interop/test_policy_commands.py."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from graven.engines.opa import Disagreement, Opa, compare
from graven.errors import Malformed, Unavailable, exit_code


def _said(*values: object, bindings: dict[str, object] | None = None) -> dict[str, Any]:
    return {"result": [{"expressions": [{"value": value}], "bindings": bindings or {}} for value in values]}


def _program(folder: Path, script: str) -> str:
    path = folder / "opa"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return str(path)


def test_answers_that_are_equal_pass_in_any_order() -> None:
    compare(_said(1, {"a": [1.0]}), _said({"a": [1.0]}, 1), "q")
    compare({}, {"result": []}, "q")


@pytest.mark.parametrize(
    ("own", "other"),
    [
        (_said(1), _said(2)),
        (_said(1), {}),
        ({}, _said(1)),
        (_said(1), _said(1, 2)),
        (_said(True), _said(1)),
        (_said(1, bindings={"x": 1}), _said(1, bindings={"x": 2})),
    ],
)
def test_answers_that_differ_are_no_answer(own: dict[str, Any], other: dict[str, Any]) -> None:
    with pytest.raises(Disagreement, match="disagree on q") as caught:
        compare(own, other, "q")
    assert exit_code(caught.value) == 3


def test_without_the_program_it_is_unavailable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Unavailable, match="no `opa` on PATH"):
        Opa.found()


def test_what_the_program_says_is_taken_or_told(tmp_path: Path) -> None:
    program = _program(tmp_path, 'echo \'{"result": [{"expressions": [{"value": 12345678901234567890123}]}]}\'')
    assert Opa(program).evaluate("q", {}) == 12345678901234567890123
    program = _program(tmp_path, 'echo \'{"errors": [{"message": "var x is unsafe"}]}\'; exit 2')
    with pytest.raises(Malformed, match="var x is unsafe"):
        Opa(program).evaluate("q", {})
    program = _program(tmp_path, "echo broken >&2; exit 1")
    with pytest.raises(Unavailable, match="broken"):
        Opa(program).evaluate("q", {})
    with pytest.raises(Unavailable, match="cannot be run"):
        Opa(str(tmp_path / "none")).eval(["q"])


def test_a_server_that_does_not_start_is_told_and_ended(tmp_path: Path) -> None:
    server = Opa(_program(tmp_path, "echo the port is taken >&2; exit 1")).serve()
    with pytest.raises(Unavailable, match="the port is taken"):
        server.__enter__()
    assert server.process.poll() == 1


@pytest.mark.parametrize(
    "said",
    [
        "[1]",
        '{"result":5}',
        '{"result":[{"expressions":[]}]}',
        '{"result":[{"expressions":[{}]}]}',
        '{"errors":5}',
        "7",
    ],
)
def test_what_has_not_the_form_of_an_answer_is_none(tmp_path: Path, said: str) -> None:
    program = _program(tmp_path, f"echo '{said}'")
    with pytest.raises((Unavailable, Malformed), match="gave no answer"):
        Opa(program).evaluate("q", {})
    with pytest.raises((Unavailable, Malformed), match="gave no answer"):
        Opa(program).eval(["q"])


def test_errors_in_another_form_are_told(tmp_path: Path) -> None:
    with pytest.raises(Malformed, match="opa: odd"):
        Opa(_program(tmp_path, """echo '{"errors":["odd"]}'""")).eval(["q"])


def test_a_program_that_does_not_end_is_not_waited_for(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match=r"did not answer within 0.1 s"):
        Opa(_program(tmp_path, "exec sleep 60")).eval(["q"], patience=0.1)


SERVER = """import socket, sys
_, port = next(each for each in sys.argv if each.startswith("127.0.0.1:")).split(":")
listening = socket.create_server(("127.0.0.1", int(port)))
healthy = b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\nConnection: close\\r\\n\\r\\n{}"
sys.stderr.write("noise " * 100_000)
sys.stderr.flush()
while True:
    asked, _ = listening.accept()
    with asked:
        asked.sendall(healthy if b"/health" in asked.recv(65536) else ANSWER)
"""


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-x\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n[1]",
        b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\nConnection: close\r\n\r\n{}",
    ],
)
def test_a_server_that_speaks_otherwise_gives_no_answer(tmp_path: Path, answer: bytes) -> None:
    (tmp_path / "server.py").write_text(SERVER.replace("ANSWER", repr(answer)))
    program = _program(tmp_path, f'exec {sys.executable} {tmp_path}/server.py "$@"')
    with Opa(program).serve() as server, pytest.raises(Unavailable, match="does not answer"):
        server.document(["a"], "{}")
