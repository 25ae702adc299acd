"""The outgoing registry client: OCI Distribution 1.1 against any registry, for commands (so it is synchronous).

What is fetched by digest is held against it before its last byte is given away. Where a registry has no referrers API,
the fallback tag is read and kept (distribution-spec, "Referrers Tag Schema").
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from typing import BinaryIO, NamedTuple, Self

import httpx

from graven.catalogue import oci
from graven.engines.answers import checked, reached
from graven.engines.challenges import Challenges, Credentials
from graven.errors import Malformed, Mismatch, NotFound, Unsupported
from graven.values import Descriptor, Digest, canonical

__all__ = ["Credentials", "Fetched", "Progress", "Registry", "fallback_tag"]

Progress = Callable[[int], None]
"""Is told how many bytes went or came."""

_PIECE = 1 << 20
_ACCEPT = ", ".join(oci.MANIFEST_TYPES)
_PAGES = 1000
"""A registry that links on and on is not believed."""


class Fetched(NamedTuple):
    """A manifest as the registry gave it."""

    data: bytes
    media_type: str
    digest: Digest


def fallback_tag(subject: Digest) -> str:
    """Name the tag under which referrers are listed where there is no API for them."""
    return f"{subject.algorithm[:32]}-{subject.hex[:64]}"


class Registry:
    """A session with one registry. Use as a context manager."""

    def __init__(self, url: str, *, credentials: Credentials | None = None, ca_file: str | None = None) -> None:
        self.url = url.rstrip("/")
        context = ssl.create_default_context(cafile=ca_file) if url.startswith("https:") else False
        self._http = httpx.Client(
            base_url=self.url,
            auth=Challenges(credentials),
            verify=context,
            timeout=httpx.Timeout(300.0, connect=10.0),
            follow_redirects=True,
            trust_env=False,
            headers={"Accept-Encoding": "identity", "User-Agent": "graven"},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def manifest(self, repository: str, reference: str) -> Fetched:
        """Fetch a manifest by tag or digest.

        Raises:
            NotFound: the registry has none such.
            Mismatch: the bytes are not those of the digest.
        """
        path = f"/v2/{repository}/manifests/{reference}"
        with reached(self.url):
            response = checked(self._http.get(path, headers={"Accept": _ACCEPT}))
        media_type = response.headers.get("content-type", "").partition(";")[0].strip()
        if ":" not in reference:
            told = response.headers.get("docker-content-digest")
            digest = Digest.parse(told) if told else Digest.of(response.content)
        else:
            digest = Digest.parse(reference)
        digest.check(response.content)
        return Fetched(response.content, media_type, digest)

    def put_manifest(self, repository: str, reference: str, data: bytes, media_type: str) -> Digest:
        """Send a manifest; list it under its subject's fallback tag where the registry does not say it did."""
        path = f"/v2/{repository}/manifests/{reference}"
        with reached(self.url):
            response = checked(self._http.put(path, content=data, headers={"Content-Type": media_type}))
        digest = Digest.parse(reference) if ":" in reference else Digest.of(data)
        parsed = oci.parse(data, media_type)
        if parsed.subject is not None and "oci-subject" not in response.headers:
            told = Descriptor(media_type, digest, len(data), parsed.artifact_type, parsed.annotations)
            self._list_referrer(repository, parsed.subject.digest, told)
        return digest

    def has_blob(self, repository: str, digest: Digest) -> bool:
        """Tell whether a repository holds a blob."""
        with reached(self.url):
            response = self._http.head(f"/v2/{repository}/blobs/{digest}")
        if response.status_code == httpx.codes.NOT_FOUND:
            return False
        checked(response)
        return True

    def blob(self, repository: str, digest: Digest, *, progress: Progress | None = None) -> Iterator[bytes]:
        """Fetch a blob in pieces.

        Raises:
            NotFound: the repository does not hold it.
            Mismatch: after the last piece, if the bytes are not those of the digest.
        """
        hasher = Digest.hasher(digest.algorithm)
        with reached(self.url), self._http.stream("GET", f"/v2/{repository}/blobs/{digest}") as response:
            checked(response)
            for piece in response.iter_raw(_PIECE):
                hasher.update(piece)
                yield piece
                if progress:
                    progress(len(piece))
        found = hasher.hexdigest()
        if found != digest.hex:
            raise Mismatch(f"got bytes of digest {digest.algorithm}:{found}, expected {digest}", where=self.url)

    def read_blob(self, repository: str, digest: Digest, *, limit: int = 16 << 20) -> bytes:
        """Fetch a small blob whole.

        Raises:
            Mismatch: it is larger than the limit, or not of the digest.
        """
        parts, size = [], 0
        for piece in self.blob(repository, digest):
            size += len(piece)
            if size > limit:
                raise Mismatch(f"got a blob of more than {limit} bytes, expected a small one", where=str(digest))
            parts.append(piece)
        return b"".join(parts)

    def put_blob(
        self, repository: str, digest: Digest, source: BinaryIO, size: int, *, progress: Progress | None = None
    ) -> bool:
        """Send a blob, unless the repository holds it; tell whether it went."""
        if self.has_blob(repository, digest):
            if progress:
                progress(size)
            return False
        with reached(self.url):
            opened = checked(self._http.post(f"/v2/{repository}/blobs/uploads/", headers={"Content-Length": "0"}))
            place = opened.url.join(_location(opened)).copy_merge_params({"digest": str(digest)})
            headers = {"Content-Type": "application/octet-stream", "Content-Length": str(size)}
            checked(self._http.put(place, content=_pieces(source, progress), headers=headers))
        return True

    def tags(self, repository: str) -> tuple[str, ...]:
        """List the tags of a repository."""
        found: list[str] = []
        for page in self._pages(f"/v2/{repository}/tags/list"):
            document = canonical.loads(page.content, where=self.url)
            found.extend(document.get("tags") or [] if isinstance(document, dict) else [])
        return tuple(found)

    def referrers(self, repository: str, subject: Digest, *, artifact_type: str = "") -> tuple[Descriptor, ...]:
        """List what refers to a digest, by the API or else by the fallback tag."""
        path = f"/v2/{repository}/referrers/{subject}"
        try:
            pages = [page.content for page in self._pages(path, artifactType=artifact_type)]
        except (NotFound, Unsupported, Malformed):
            pages = [self._fallback(repository, subject)]
        listed = (one for data in pages for one in oci.parse(data, oci.IMAGE_INDEX).manifests)
        return tuple(one for one in listed if artifact_type in ("", one.artifact_type))

    def _fallback(self, repository: str, subject: Digest) -> bytes:
        try:
            return self.manifest(repository, fallback_tag(subject)).data
        except NotFound:
            return _index(())

    def _list_referrer(self, repository: str, subject: Digest, told: Descriptor) -> None:
        before = oci.parse(self._fallback(repository, subject), oci.IMAGE_INDEX).manifests
        if told.digest not in [one.digest for one in before]:
            self.put_manifest(repository, fallback_tag(subject), _index((*before, told)), oci.IMAGE_INDEX)

    def _pages(self, path: str, **query: str) -> Iterator[httpx.Response]:
        params: dict[str, str] | None = {name: value for name, value in query.items() if value}
        for _ in range(_PAGES):
            with reached(self.url):
                response = checked(self._http.get(path, params=params or None))
            yield response
            following = response.links.get("next", {}).get("url")
            if not following:
                return
            path, params = str(response.url.join(following)), None


def _index(listed: tuple[Descriptor, ...]) -> bytes:
    manifests = [oci.describe(one) for one in listed]
    return canonical.dumps({"schemaVersion": 2, "mediaType": oci.IMAGE_INDEX, "manifests": manifests})


def _location(response: httpx.Response) -> str:
    found = response.headers.get("location")
    if not found:
        raise Malformed(f"got {response.status_code} without a Location, expected one", where=str(response.url))
    return str(found)


def _pieces(source: BinaryIO, progress: Progress | None) -> Iterator[bytes]:
    while piece := source.read(_PIECE):
        yield piece
        if progress:
            progress(len(piece))
