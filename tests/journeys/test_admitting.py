"""What was promoted with the real commands is let in on its real summary, until that no longer counts."""

from __future__ import annotations

import json
from pathlib import Path

from conftest import Serve
from promoted import Loop
from served import Served


def _pod(image: str) -> str:
    pod = {"metadata": {"name": "web"}, "spec": {"containers": [{"name": "main", "image": image}]}}
    request = {
        "uid": "u",
        "kind": {"kind": "Pod"},
        "operation": "CREATE",
        "namespace": "n",
        "name": "web",
        "object": pod,
    }
    return json.dumps({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request})


def _refused(served: Served, image: str, stage: str = "production") -> str:
    return served.graven("admit", "-", "--stage", stage, data=_pod(image), code=1)


def _signing(served: Served) -> str:
    keys = served.json("keys", "list")["keys"]
    return next(str(key["fingerprint"]) for key in keys if key["purpose"] == "vsa" and key["until"] is None)


def _public(served: Served) -> str:
    keys = served.json("keys", "list")["keys"]
    return next(str(key["public"]) for key in keys if key["purpose"] == "vsa" and key["until"] is None)


def test_a_promoted_image_is_let_in_until_the_key_of_its_summary_is_revoked(serve: Serve) -> None:
    served = serve()
    loop = Loop(served).prepare()
    image = f"{served.host}/app/web@{loop.push('1.0')}"
    assert "was not promoted to production" in _refused(served, image)
    loop.promote("1.0")
    served.graven("admit", "-", "--stage", "production", data=_pod(image))

    first = _signing(served)
    served.graven("keys", "rotate")
    assert _signing(served) != first
    served.graven("admit", "-", "--stage", "production", data=_pod(image))  # what it signed while it signed stands

    served.graven("revoke", "key", first, "--reason", "stolen")
    assert "no valid verification summary" in _refused(served, image)

    (served.folder / "graven.pub").write_text(_public(served))
    served.graven("trust", "init", "next.json")
    served.graven("trust", "add-key", "next.json", "--identity", "graven", "--public", "graven.pub")
    served.graven("trust", "apply", "next.json")
    second = f"{served.host}/app/web@{loop.push('2.0')}"
    loop.promote("2.0")  # signed by the new key
    served.graven("admit", "-", "--stage", "production", data=_pod(second))


def test_a_summary_whose_bytes_changed_on_disk_lets_nothing_in(serve: Serve) -> None:
    served = serve()
    loop = Loop(served).prepare()
    digest = loop.push("1.0")
    loop.promote("1.0")
    shown = served.json("show", "app/web:1.0")
    assert any("for production" in one["what"] for one in shown["evidence"])
    for path in _summaries(served.data):
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.chmod(0o600)
        path.write_bytes(data)
    assert "no valid verification summary" in _refused(served, f"{served.host}/app/web@{digest}")


def _summaries(data: Path) -> list[Path]:
    found = [path for path in (data / "objects" / "sha256").rglob("*") if path.is_file()]
    marked = [path for path in found if b"verificationMaterial" in path.read_bytes()]
    assert marked
    return marked
