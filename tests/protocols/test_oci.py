"""OCI Distribution 1.1 by its endpoints: statuses, headers, error codes; and what each sabotage is answered."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from flows.registry import Registry, described, index, manifest
from graven.catalogue import oci
from graven.values import Digest
from protocols.registry import asked, basic

DATA = b"0123456789"
DIGEST = str(Digest.of(DATA))
NAME = "team/web"
V2 = f"/v2/{NAME}"
TYPE = {"Content-Type": oci.IMAGE_MANIFEST}

Asked = tuple[httpx.AsyncClient, Registry]


@pytest.fixture
async def world() -> AsyncIterator[Asked]:
    async with asked() as found:
        yield found


@pytest.fixture
def client(world: Asked) -> httpx.AsyncClient:
    return world[0]


@pytest.fixture
def registry(world: Asked) -> Registry:
    return world[1]


async def push_blob(client: httpx.AsyncClient, data: bytes, name: str = NAME) -> None:
    query = {"digest": str(Digest.of(data))}
    response = await client.post(f"/v2/{name}/blobs/uploads/", params=query, content=data)
    assert response.status_code == 201, response.text


async def push_image(client: httpx.AsyncClient, reference: str, *layers: bytes, **more: Any) -> bytes:
    for data in (b"{}", *layers):
        await push_blob(client, data)
    document = manifest(*layers, **more)
    response = await client.put(f"{V2}/manifests/{reference}", content=document, headers=TYPE)
    assert response.status_code == 201, response.text
    return document


def code(response: httpx.Response) -> str:
    """Give the code of an error body, after a look at its shape."""
    (first, *_) = response.json()["errors"]
    assert set(first) == {"code", "message", "detail"}
    assert first["message"]
    return str(first["code"])


async def test_end_1_says_that_this_is_a_registry_to_somebody_known(client: httpx.AsyncClient) -> None:
    assert (await client.get("/v2/")).status_code == 200
    stranger = await client.get("/v2/", headers={"Authorization": ""})
    assert stranger.status_code == 401
    assert code(stranger) == "UNAUTHORIZED"
    assert stranger.headers["www-authenticate"].startswith('Basic realm="graven"')


async def test_end_2_gives_a_blob_its_head_and_its_ranges(client: httpx.AsyncClient) -> None:
    await push_blob(client, DATA)
    for method in ("GET", "HEAD"):
        response = await client.request(method, f"{V2}/blobs/{DIGEST}")
        assert response.status_code == 200
        assert response.headers["docker-content-digest"] == DIGEST
        assert response.headers["content-length"] == "10"
        assert response.headers["content-type"] == "application/octet-stream"
        assert response.content == (DATA if method == "GET" else b"")
    part = await client.get(f"{V2}/blobs/{DIGEST}", headers={"Range": "bytes=2-4"})
    assert (part.status_code, part.content, part.headers["content-range"]) == (206, b"234", "bytes 2-4/10")
    assert (await client.get(f"{V2}/blobs/{DIGEST}", headers={"Range": "bytes=10-"})).status_code == 416


async def test_end_3_gives_a_manifest_byte_for_byte_by_tag_and_by_digest(client: httpx.AsyncClient) -> None:
    document = await push_image(client, "1.0", DATA)
    digest = str(Digest.of(document))
    for reference in ("1.0", digest):
        for method in ("GET", "HEAD"):
            response = await client.request(method, f"{V2}/manifests/{reference}")
            assert response.status_code == 200
            assert response.headers["docker-content-digest"] == digest
            assert response.headers["content-type"] == oci.IMAGE_MANIFEST
            assert response.headers["content-length"] == str(len(document))
            assert response.content == (document if method == "GET" else b"")
    same = await client.get(f"{V2}/manifests/1.0", headers={"If-None-Match": f'"{digest}"'})
    assert (same.status_code, same.content) == (304, b"")


async def test_end_4_to_6_take_a_blob_in_chunks(client: httpx.AsyncClient) -> None:
    opened = await client.post(f"{V2}/blobs/uploads/")
    assert opened.status_code == 202
    place = opened.headers["location"]
    for start, end in ((0, 3), (4, 6)):
        headers = {"Content-Range": f"{start}-{end}"}
        response = await client.patch(place, content=DATA[start : end + 1], headers=headers)
        assert (response.status_code, response.headers["range"]) == (202, f"0-{end}")
        place = response.headers["location"]
    status = await client.get(place)
    assert (status.status_code, status.headers["range"]) == (204, "0-6")
    done = await client.put(place, params={"digest": DIGEST}, content=DATA[7:], headers={"Content-Range": "7-9"})
    assert done.status_code == 201
    assert (await client.get(done.headers["location"])).content == DATA
    assert (await client.get(place)).status_code == 404


async def test_a_chunk_out_of_order_is_416_with_the_state_and_the_upload_goes_on(client: httpx.AsyncClient) -> None:
    place = (await client.post(f"{V2}/blobs/uploads/")).headers["location"]
    await client.patch(place, content=DATA[:4], headers={"Content-Range": "0-3"})
    for method, query in (("PATCH", {}), ("PUT", {"digest": DIGEST})):
        response = await client.request(method, place, params=query, content=DATA[7:], headers={"Content-Range": "7-9"})
        assert (response.status_code, response.headers["range"]) == (416, "0-3")
    await client.patch(place, content=DATA[4:], headers={"Content-Range": "4-9"})
    assert (await client.put(place, params={"digest": DIGEST})).status_code == 201


@pytest.mark.parametrize("header", ["bytes", "9", "5-2", "a-b", "-3", "0-9999999999999999999999"])
async def test_a_content_range_that_is_none_is_400(client: httpx.AsyncClient, header: str) -> None:
    place = (await client.post(f"{V2}/blobs/uploads/")).headers["location"]
    response = await client.patch(place, content=DATA, headers={"Content-Range": header})
    assert (response.status_code, code(response)) == (400, "BLOB_UPLOAD_INVALID")


async def test_a_chunk_that_is_not_as_long_as_it_says_is_400(client: httpx.AsyncClient) -> None:
    place = (await client.post(f"{V2}/blobs/uploads/")).headers["location"]
    response = await client.patch(place, content=DATA, headers={"Content-Range": "0-3"})
    assert (response.status_code, code(response)) == (400, "SIZE_INVALID")
    assert (await client.get(place)).headers["range"] == "0-0"


async def test_end_7_answers_subject_and_tags(client: httpx.AsyncClient) -> None:
    subject = described(b"elsewhere", oci.IMAGE_MANIFEST)
    await push_blob(client, b"{}")
    document = manifest(subject=subject)
    place = f"{V2}/manifests/{Digest.of(document)}"
    response = await client.put(place, params={"tag": ["a", "b"]}, content=document, headers=TYPE)
    assert response.status_code == 201
    assert response.headers["docker-content-digest"] == str(Digest.of(document))
    assert response.headers["oci-subject"] == subject["digest"]
    assert response.headers["oci-tag"] == "a, b"
    assert (await client.get(response.headers["location"])).content == document


async def test_no_subject_is_told_where_there_is_none(client: httpx.AsyncClient) -> None:
    await push_blob(client, b"{}")
    response = await client.put(f"{V2}/manifests/1.0", content=manifest(), headers=TYPE)
    assert "oci-subject" not in response.headers
    assert "oci-tag" not in response.headers


async def test_end_8_lists_tags_page_by_page(client: httpx.AsyncClient) -> None:
    document = await push_image(client, "c")
    place = f"{V2}/manifests/{Digest.of(document)}"
    await client.put(place, params={"tag": ["a", "b", "d"]}, content=document, headers=TYPE)
    whole = await client.get(f"{V2}/tags/list")
    assert whole.json() == {"name": NAME, "tags": ["a", "b", "c", "d"]}
    assert "link" not in whole.headers
    first = await client.get(f"{V2}/tags/list", params={"n": 3})
    assert first.json()["tags"] == ["a", "b", "c"]
    rest = await client.get(first.links["next"]["url"])
    assert (rest.json()["tags"], "next" in rest.links) == (["d"], False)
    assert (await client.get(f"{V2}/tags/list", params={"last": "b"})).json()["tags"] == ["c", "d"]
    nothing = await client.get(f"{V2}/tags/list", params={"n": 0})
    assert (nothing.json()["tags"], "link" in nothing.headers) == ([], False)
    for wrong in ("-1", "x", "1.5", ""):
        assert (await client.get(f"{V2}/tags/list", params={"n": wrong})).status_code == 400


async def test_end_9_and_10_remove_from_mutable_repositories_only(client: httpx.AsyncClient) -> None:
    document = await push_image(client, "1.0", DATA)
    for path in (f"manifests/{Digest.of(document)}", "manifests/1.0", f"blobs/{DIGEST}"):
        response = await client.delete(f"{V2}/{path}")
        assert (response.status_code, code(response)) == (405, "UNSUPPORTED")
    set_mode = await client.put(f"/api/v1/repositories/{NAME}", json={"mode": "mutable"}, headers=basic("admin"))
    assert set_mode.status_code == 200
    for path in ("manifests/1.0", f"manifests/{Digest.of(document)}", f"blobs/{DIGEST}"):
        assert (await client.delete(f"{V2}/{path}")).status_code == 202
        assert (await client.head(f"{V2}/{path}")).status_code == 404


async def test_end_11_mounts_what_the_caller_may_pull(client: httpx.AsyncClient) -> None:
    await push_blob(client, DATA, "other/web")
    for query in ({"mount": DIGEST, "from": "other/web"}, {"mount": DIGEST}):
        foreign = await client.post(f"{V2}/blobs/uploads/", params=query, headers=basic("other"))
        assert foreign.status_code == 202
        assert "uploads" in foreign.headers["location"]
    assert (await client.head(f"{V2}/blobs/{DIGEST}")).status_code == 404
    response = await client.post(f"{V2}/blobs/uploads/", params={"mount": DIGEST, "from": "other/web"})
    assert response.status_code == 201
    assert (await client.get(response.headers["location"])).content == DATA


async def test_end_12_lists_referrers_as_an_index(client: httpx.AsyncClient) -> None:
    document = await push_image(client, "1.0")
    subject = described(document, oci.IMAGE_MANIFEST)
    for number in range(3):
        kind = f"application/vnd.example.{number % 2}"
        await push_image(client, f"e{number}", subject=subject, artifactType=kind, annotations={"n": str(number)})
    path = f"{V2}/referrers/{subject['digest']}"
    whole = await client.get(path)
    assert whole.headers["content-type"] == oci.IMAGE_INDEX
    assert len(oci.parse(whole.content, oci.IMAGE_INDEX).manifests) == 3
    assert "oci-filters-applied" not in whole.headers
    some = await client.get(path, params={"artifactType": "application/vnd.example.0"})
    assert some.headers["oci-filters-applied"] == "artifactType"
    assert sorted(one["annotations"]["n"] for one in some.json()["manifests"]) == ["0", "2"]
    seen, page = [], await client.get(path, params={"n": 1, "artifactType": "application/vnd.example.0"})
    while True:
        seen += page.json()["manifests"]
        if "next" not in page.links:
            break
        page = await client.get(page.links["next"]["url"])
        assert page.headers["oci-filters-applied"] == "artifactType"
    assert len(seen) == 2
    for nothing in (f"{V2}/referrers/{DIGEST}", f"/v2/nobody/here/referrers/{DIGEST}"):
        response = await client.get(nothing)
        assert (response.status_code, response.json()["manifests"]) == (200, [])
    bad = await client.get(f"{V2}/referrers/sha256:x")
    assert (bad.status_code, code(bad)) == (400, "DIGEST_INVALID")


async def test_end_14_cancels_an_upload(client: httpx.AsyncClient, registry: Registry) -> None:
    before = registry.seen()
    place = (await client.post(f"{V2}/blobs/uploads/")).headers["location"]
    await client.patch(place, content=DATA)
    assert (await client.delete(place)).status_code == 204
    gone = await client.get(place)
    assert (gone.status_code, code(gone)) == (404, "BLOB_UPLOAD_UNKNOWN")
    assert registry.seen() == before


async def test_the_catalog_shows_what_the_caller_may_pull(client: httpx.AsyncClient) -> None:
    for name in ("team/web", "other/web"):
        await push_blob(client, DATA, name)
    assert (await client.get("/v2/_catalog")).json() == {"repositories": ["other/web", "team/web"]}
    found = await client.get("/v2/_catalog", headers=basic("reader"))
    assert found.json() == {"repositories": ["team/web"]}


async def test_a_moved_tag_is_denied_with_the_reason(client: httpx.AsyncClient) -> None:
    document = await push_image(client, "1.0", b"one")
    await push_blob(client, b"two")
    response = await client.put(f"{V2}/manifests/1.0", content=manifest(b"two"), headers=TYPE)
    assert (response.status_code, code(response)) == (409, "DENIED")
    (error,) = response.json()["errors"]
    assert "immutable" in error["message"]
    assert error["detail"]["current"] == str(Digest.of(document))


async def test_each_missing_blob_has_an_entry(client: httpx.AsyncClient) -> None:
    response = await client.put(f"{V2}/manifests/1.0", content=manifest(b"a", b"b"), headers=TYPE)
    assert (response.status_code, code(response)) == (400, "MANIFEST_BLOB_UNKNOWN")
    named = [error["detail"]["digest"] for error in response.json()["errors"]]
    assert named == [str(Digest.of(data)) for data in (b"{}", b"a", b"b")]


SABOTAGE: dict[str, tuple[str, str, dict[str, Any], int, str]] = {
    "an unknown repository": ("GET", "/v2/nobody/here/manifests/1.0", {}, 404, "NAME_UNKNOWN"),
    "an unknown tag": ("GET", f"{V2}/manifests/nothing", {}, 404, "MANIFEST_UNKNOWN"),
    "an unknown manifest": ("GET", f"{V2}/manifests/{DIGEST}", {}, 404, "MANIFEST_UNKNOWN"),
    "an unknown blob": ("GET", f"{V2}/blobs/{Digest.of(b'?')}", {}, 404, "BLOB_UNKNOWN"),
    "an unknown upload": ("PATCH", f"{V2}/blobs/uploads/x", {}, 404, "BLOB_UPLOAD_UNKNOWN"),
    "a digest that is none": ("GET", f"{V2}/blobs/sha256:short", {}, 400, "DIGEST_INVALID"),
    "a digest of another algorithm": ("GET", f"{V2}/blobs/md5:0", {}, 400, "DIGEST_INVALID"),
    "a name in capitals": ("GET", "/v2/Team/manifests/1.0", {}, 400, "NAME_INVALID"),
    "a name that walks up": ("GET", "/v2/a/%2e%2e/%2e%2e/etc/manifests/1.0", {}, 400, "NAME_INVALID"),
    "a tag that walks up": ("GET", f"{V2}/manifests/%2e%2e", {}, 400, "TAG_INVALID"),
    "a tag that is too long": ("GET", f"{V2}/manifests/{'a' * 129}", {}, 400, "TAG_INVALID"),
    "no manifest": ("PUT", f"{V2}/manifests/1.0", {"content": b"{", "headers": TYPE}, 400, "MANIFEST_INVALID"),
    "an unknown media type": (
        "PUT",
        f"{V2}/manifests/1.0",
        {"content": b'{"schemaVersion":2}', "headers": {"Content-Type": "application/vnd.example+json"}},
        400,
        "MANIFEST_INVALID",
    ),
    "a manifest under another digest": (
        "PUT",
        f"{V2}/manifests/{DIGEST}",
        {"content": manifest(), "headers": TYPE},
        400,
        "DIGEST_INVALID",
    ),
    "a manifest that is too large": (
        "PUT",
        f"{V2}/manifests/1.0",
        {"content": b" " * (oci.MAX_MANIFEST + 1), "headers": TYPE},
        413,
        "SIZE_INVALID",
    ),
    "a child that is missing": (
        "PUT",
        f"{V2}/manifests/1.0",
        {"content": index(b"missing"), "headers": {"Content-Type": oci.IMAGE_INDEX}},
        400,
        "MANIFEST_BLOB_UNKNOWN",
    ),
    "a blob of another digest": (
        "POST",
        f"{V2}/blobs/uploads/?digest={DIGEST}",
        {"content": b"other"},
        400,
        "DIGEST_INVALID",
    ),
    "a blob under a digest that is none": ("POST", f"{V2}/blobs/uploads/?digest=x", {}, 400, "DIGEST_INVALID"),
    "a mount of a digest that is none": ("POST", f"{V2}/blobs/uploads/?mount=x&from=a", {}, 400, "DIGEST_INVALID"),
    "an algorithm that is not known": ("POST", f"{V2}/blobs/uploads/?digest-algorithm=md5", {}, 400, "DIGEST_INVALID"),
    "too many tags": (
        "PUT",
        f"{V2}/manifests/{DIGEST}?{'&'.join(f'tag=t{i}' for i in range(101))}",
        {"content": b"{}"},
        413,
        "SIZE_INVALID",
    ),
    "a path that there is not": ("GET", f"{V2}/nothing", {}, 404, "NAME_UNKNOWN"),
    "a method that there is not": ("PATCH", f"{V2}/manifests/1.0", {}, 405, "UNSUPPORTED"),
}


@pytest.mark.parametrize("name", SABOTAGE)
async def test_a_sabotaged_request_is_told_what_is_wrong_and_leaves_nothing(
    client: httpx.AsyncClient, registry: Registry, name: str
) -> None:
    await push_blob(client, b"{}")
    before = registry.seen()
    method, path, options, status, wanted = SABOTAGE[name]
    response = await client.request(method, path, **options)
    assert (response.status_code, code(response)) == (status, wanted), response.text
    assert registry.seen() == before
    registry.check()


async def test_a_put_without_a_digest_is_400_and_the_upload_stays(client: httpx.AsyncClient) -> None:
    place = (await client.post(f"{V2}/blobs/uploads/")).headers["location"]
    response = await client.put(place, content=DATA)
    assert (response.status_code, code(response)) == (400, "DIGEST_INVALID")
    assert (await client.put(place, params={"digest": DIGEST}, content=DATA)).status_code == 201


async def test_a_wrong_digest_at_the_end_of_an_upload_ends_it(client: httpx.AsyncClient, registry: Registry) -> None:
    before = registry.seen()
    place = (await client.post(f"{V2}/blobs/uploads/")).headers["location"]
    response = await client.put(place, params={"digest": DIGEST}, content=b"other")
    assert (response.status_code, code(response)) == (400, "DIGEST_INVALID")
    assert registry.seen() == before


@pytest.mark.parametrize("method", ["GET", "PATCH", "PUT", "DELETE"])
async def test_somebody_elses_upload_is_unknown(client: httpx.AsyncClient, method: str) -> None:
    place = (await client.post(f"{V2}/blobs/uploads/")).headers["location"]
    await client.patch(place, content=DATA)
    query = {"digest": DIGEST} if method == "PUT" else {}
    response = await client.request(method, place, params=query, headers=basic("other"))
    assert (response.status_code, code(response)) == (404, "BLOB_UPLOAD_UNKNOWN")
    assert (await client.get(place)).headers["range"] == "0-9"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"{V2}/manifests/1.0"),
        ("PUT", f"{V2}/manifests/1.0"),
        ("DELETE", f"{V2}/manifests/1.0"),
        ("GET", f"{V2}/blobs/{DIGEST}"),
        ("DELETE", f"{V2}/blobs/{DIGEST}"),
        ("POST", f"{V2}/blobs/uploads/"),
        ("GET", f"{V2}/tags/list"),
        ("GET", f"{V2}/referrers/{DIGEST}"),
    ],
)
async def test_strangers_are_challenged_and_the_known_need_the_scope(
    client: httpx.AsyncClient, registry: Registry, method: str, path: str
) -> None:
    await push_image(client, "1.0", DATA)
    before = registry.seen()
    stranger = await client.request(method, path, headers={"Authorization": ""})
    assert (stranger.status_code, code(stranger)) == (401, "UNAUTHORIZED")
    assert "www-authenticate" in stranger.headers
    elsewhere = path.replace(NAME, "other/web")
    forbidden = await client.request(method, elsewhere, headers=basic("other"))
    assert (forbidden.status_code, code(forbidden)) == (403, "DENIED")
    if method != "GET":
        reader = await client.request(method, path, headers=basic("reader"))
        assert (reader.status_code, code(reader)) == (403, "DENIED")
    assert registry.seen() == before


async def test_anonymous_pull_pulls_and_nothing_else() -> None:
    async with asked(anonymous_pull=True) as (client, _):
        await push_image(client, "1.0", DATA)
        nobody = {"Authorization": "Basic Og=="}  # as clients send it that have neither name nor password
        assert (await client.get(f"{V2}/manifests/1.0", headers=nobody)).status_code == 200
        assert (await client.get(f"{V2}/blobs/{DIGEST}", headers=nobody)).content == DATA
        assert (await client.post(f"{V2}/blobs/uploads/", headers=nobody)).status_code == 401
        assert (await client.get("/v2/", headers=nobody)).status_code == 401
