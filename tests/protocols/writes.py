"""One request for each route that writes, with what must be there before it; and the routes that only seem to write."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from app.composed import Composed
from graven.values import Digest

__all__ = ["BY_PATH", "DIGEST", "NO_STATE", "ONLY_EVENTS", "WRITES", "ask_manifest", "promote_and_judge"]

BLOB = b"a layer"
DIGEST = Digest.of(BLOB)
CONFIG = Digest.of(b"{}")

Write = Callable[[Composed], Awaitable[httpx.Response]]


async def _blob(server: Composed, data: bytes = BLOB) -> httpx.Response:
    return await server.ask("POST", f"/v2/den/web/blobs/uploads/?digest={Digest.of(data)}", content=data)


async def _session(server: Composed) -> str:
    await server.ask("PUT", "/api/v1/repositories/den/web", json={"mode": "mutable"})
    return str((await server.ask("POST", "/v2/den/web/blobs/uploads/")).headers["location"])


async def ask_manifest(server: Composed) -> httpx.Response:
    await server.ask("PUT", "/api/v1/repositories/den/web", json={"mode": "mutable"})
    for data in (BLOB, b"{}"):
        await _blob(server, data)
    layer = {"mediaType": "application/octet-stream", "digest": str(DIGEST), "size": len(BLOB)}
    config = {"mediaType": "application/vnd.oci.empty.v1+json", "digest": str(CONFIG), "size": 2}
    media_type = "application/vnd.oci.image.manifest.v1+json"
    body = {"schemaVersion": 2, "mediaType": media_type, "config": config, "layers": [layer]}
    return await server.ask(
        "PUT", "/v2/den/web/manifests/1.0", content=json.dumps(body), headers={"Content-Type": media_type}
    )


async def _delete_manifest(server: Composed) -> httpx.Response:
    await ask_manifest(server)
    return await server.ask("DELETE", "/v2/den/web/manifests/1.0")


async def _delete_blob(server: Composed) -> httpx.Response:
    await server.ask("PUT", "/api/v1/repositories/den/web", json={"mode": "mutable"})
    await _blob(server)
    return await server.ask("DELETE", f"/v2/den/web/blobs/{DIGEST}")


async def _put_upload(server: Composed) -> httpx.Response:
    return await server.ask("PUT", f"{await _session(server)}?digest={DIGEST}", content=BLOB)


async def _make_token(server: Composed) -> httpx.Response:
    return await server.ask("POST", "/api/v1/tokens", json={"name": "a", "scopes": ["pull"]})


async def _revoke_token(server: Composed) -> httpx.Response:
    return await server.ask("DELETE", f"/api/v1/tokens/{(await server.token('pull'))['token']}")


async def _erase_name(server: Composed) -> httpx.Response:
    return await server.ask("DELETE", f"/api/v1/principals/{(await server.token('pull'))['principal']}/name")


async def _put_file(server: Composed) -> httpx.Response:
    return await server.ask("PUT", "/files/den/web/web/1.0/web.tar", content=BLOB)


async def _set_mode(server: Composed) -> httpx.Response:
    return await server.ask("PUT", "/api/v1/repositories/den/web", json={"mode": "mutable"})


async def _import_advisories(server: Composed) -> httpx.Response:
    record = {
        "id": "TEST-1",
        "modified": "2026-01-01T00:00:00Z",
        "affected": [{"package": {"ecosystem": "npm", "name": "left"}, "versions": ["1.0.0"]}],
    }
    return await server.ask("POST", "/api/v1/advisories?source=test", content=json.dumps(record))


TARGET = {"reference": "den/web:1.0", "stage": "dev", "reason": "a test"}


async def _decide(server: Composed) -> httpx.Response:
    await ask_manifest(server)
    return await server.ask("POST", "/api/v1/decisions", json=TARGET)


async def _promote(server: Composed) -> httpx.Response:
    await ask_manifest(server)
    return await server.ask("POST", "/api/v1/promotions", json=TARGET)


async def _other_manifest(server: Composed) -> None:
    """Push the same as 1.0 under another tag and digest."""
    body = (await server.ask("GET", "/v2/den/web/manifests/1.0")).content + b"\n"
    headers = {"Content-Type": "application/vnd.oci.image.manifest.v1+json"}
    await server.ask("PUT", "/v2/den/web/manifests/2.0", content=body, headers=headers)


async def _roll_back(server: Composed) -> httpx.Response:
    await _promote(server)
    await _other_manifest(server)
    await server.ask("POST", "/api/v1/promotions", json=TARGET | {"reference": "den/web:2.0"})
    return await server.ask("POST", "/api/v1/rollbacks", json=TARGET)


async def _revoke(server: Composed) -> httpx.Response:
    wanted = {"kind": "identity", "target": "ann@example.org", "reason": "a test"}
    return await server.ask("POST", "/api/v1/revocations", json=wanted)


async def _apply(server: Composed) -> httpx.Response:
    headers = {"Content-Type": "application/yaml"}
    return await server.ask("POST", "/api/v1/documents/stages", content=b"stages: [{name: only}]", headers=headers)


async def _waive(server: Composed) -> httpx.Response:
    await server.token("pull", name="owner")
    wanted = {"scope": {"rule": "signed", "repository": "den/*"}, "owner": "owner", "reason": "a test"}
    return await server.ask("POST", "/api/v1/waivers", json=wanted | {"expires": "2030-01-01T00:00:00Z"})


async def _withdraw(server: Composed) -> httpx.Response:
    waiver = (await _waive(server)).json()["waiver"]
    return await server.ask("DELETE", f"/api/v1/waivers/{waiver}?reason=over")


async def _register(server: Composed) -> httpx.Response:
    return await server.ask("POST", "/api/v1/clusters", json={"cluster": "prod-1", "stage": "dev"})


async def _rotate(server: Composed) -> httpx.Response:
    return await server.ask("POST", "/api/v1/keys/vsa")


async def _attach_bill(server: Composed) -> httpx.Response:
    await ask_manifest(server)
    return await server.ask("POST", "/api/v1/sbom/den/web@1.0/attach")


def _review() -> dict[str, Any]:
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {"containers": [{"name": "web", "image": f"graven.example:7331/den/web@{DIGEST}"}]},
    }
    request = {
        "uid": "705ab4f5-6393-11e8-b7cc-42010a800002",
        "kind": {"group": "", "version": "v1", "kind": "Pod"},
        "resource": {"group": "", "version": "v1", "resource": "pods"},
        "name": "web",
        "namespace": "default",
        "operation": "CREATE",
        "object": pod,
        "dryRun": False,
    }
    return {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request}


async def _validate(server: Composed) -> httpx.Response:
    return await server.ask("POST", "/admission/validate?stage=dev", json=_review())


async def _validate_for_cluster(server: Composed) -> httpx.Response:
    secret = (await _register(server)).json()["secret"]
    return await server.ask("POST", f"/admission/validate/prod-1/{secret}", None, json=_review())


WRITES: dict[tuple[str, str], Write] = {
    ("PUT", "/v2/{name:path}/manifests/{reference}"): ask_manifest,
    ("DELETE", "/v2/{name:path}/manifests/{reference}"): _delete_manifest,
    ("POST", "/v2/{name:path}/blobs/uploads"): _blob,
    ("POST", "/v2/{name:path}/blobs/uploads/"): _blob,
    ("PUT", "/v2/{name:path}/blobs/uploads/{upload}"): _put_upload,
    ("DELETE", "/v2/{name:path}/blobs/{digest}"): _delete_blob,
    ("PUT", "/files/{repository:path}/{name}/{version}/{filename}"): _put_file,
    ("PUT", "/api/v1/repositories/{name:path}"): _set_mode,
    ("POST", "/api/v1/advisories"): _import_advisories,
    ("POST", "/api/v1/decisions"): _decide,
    ("POST", "/api/v1/promotions"): _promote,
    ("POST", "/api/v1/rollbacks"): _roll_back,
    ("POST", "/api/v1/revocations"): _revoke,
    ("POST", "/api/v1/documents/{kind}"): _apply,
    ("POST", "/api/v1/clusters"): _register,
    ("POST", "/api/v1/keys/vsa"): _rotate,
    ("POST", "/api/v1/sbom/{repository:path}@{reference}/attach"): _attach_bill,
    ("POST", "/admission/validate"): _validate,
    ("POST", "/admission/validate/{cluster}/{secret}"): _validate_for_cluster,
    ("POST", "/api/v1/waivers"): _waive,
    ("DELETE", "/api/v1/waivers/{waiver}"): _withdraw,
    ("POST", "/api/v1/tokens"): _make_token,
    ("DELETE", "/api/v1/tokens/{token}"): _revoke_token,
    ("DELETE", "/api/v1/principals/{principal}/name"): _erase_name,
}

NO_STATE = {
    ("PATCH", "/v2/{name:path}/blobs/uploads/{upload}"): "what is on the way in is seen by nobody until it is closed",
    ("DELETE", "/v2/{name:path}/blobs/uploads/{upload}"): "it was seen by nobody",
    ("POST", "/admission/mutate"): "it decides nothing: the validating webhook does, and is the event",
    ("POST", "/admission/mutate/{cluster}/{secret}"): "as above",
    ("POST", "/api/v1/audit/seal"): "it signs what is in the journal already",
    ("POST", "/api/v1/findings"): "a question about a document that is sent and not kept",
}
"""No GET, and yet nothing that anybody could read changes."""

BY_PATH = {("POST", "/admission/validate/{cluster}/{secret}")}
"""Who asks is known by a secret in the path, whatever token is shown."""

ONLY_EVENTS = {("POST", "/admission/validate"), ("POST", "/admission/validate/{cluster}/{secret}")}
"""What they write is the event, and no table has more of it."""


async def promote_and_judge(server: Composed) -> str:
    """Push, judge and promote den/web; give the decision."""
    await _promote(server)
    await server.server.sealing.round()
    return str((await _decide(server)).json()["decision"])
