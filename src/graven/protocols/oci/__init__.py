"""OCI Distribution 1.1, with what its main branch added (digest headers, ``?tag=``, cancelling), over HTTP.

One module for each noun of the specification; ``routes`` joins them. Errors have OCI's own body: ``shape``. What stands
behind is ``flows``: push, pull, upload, remove.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from graven.flows.access import Access
from graven.flows.pull import Pull
from graven.flows.push import Push
from graven.flows.remove import Remove
from graven.flows.repositories import Repositories
from graven.flows.upload import Upload
from graven.protocols.credentials import Handler, guard, known
from graven.protocols.oci.blobs import Blobs, Deliver
from graven.protocols.oci.discovery import Discovery
from graven.protocols.oci.faults import shape
from graven.protocols.oci.manifests import Manifests
from graven.protocols.oci.paths import repository
from graven.protocols.oci.uploads import BlobUploads
from graven.values import Action

__all__ = ["PREFIX", "routes", "shape"]

PREFIX = "/v2/"
"""Errors of paths that begin so have OCI's shape."""


def routes(
    *,
    access: Access,
    pull: Pull,
    push: Push,
    upload: Upload,
    remove: Remove,
    repositories: Repositories,
    deliver: Deliver,
) -> list[Route]:
    """Make the routes of the protocol."""
    blobs = Blobs(pull=pull, remove=remove, deliver=deliver)
    manifests = Manifests(pull=pull, push=push, remove=remove)
    uploads = BlobUploads(upload=upload)
    discovery = Discovery(pull=pull, repositories=repositories)
    table: list[tuple[str, str, Action, Handler]] = [
        ("/v2/{name:path}/manifests/{reference}", "GET", "pull", manifests.get),
        ("/v2/{name:path}/manifests/{reference}", "PUT", "push", manifests.put),
        ("/v2/{name:path}/manifests/{reference}", "DELETE", "push", manifests.delete),
        ("/v2/{name:path}/blobs/uploads", "POST", "push", uploads.post),
        ("/v2/{name:path}/blobs/uploads/", "POST", "push", uploads.post),
        ("/v2/{name:path}/blobs/uploads/{upload}", "GET", "push", uploads.get),
        ("/v2/{name:path}/blobs/uploads/{upload}", "PATCH", "push", uploads.patch),
        ("/v2/{name:path}/blobs/uploads/{upload}", "PUT", "push", uploads.put),
        ("/v2/{name:path}/blobs/uploads/{upload}", "DELETE", "push", uploads.delete),
        ("/v2/{name:path}/blobs/{digest}", "GET", "pull", blobs.get),
        ("/v2/{name:path}/blobs/{digest}", "DELETE", "push", blobs.delete),
        ("/v2/{name:path}/tags/list", "GET", "pull", discovery.tags),
        ("/v2/{name:path}/referrers/{digest}", "GET", "pull", discovery.referrers),
    ]
    made: list[Route] = []
    for path, method, action, handler in table:
        endpoint = guard(handler, access=access, action=action, resource=repository)
        made.append(_Direct(path, endpoint, methods=[method]))
    return [
        *made,  # those asked for most stand first, since a router tries them in this order
        Route("/v2/", known(discovery.ping, access=access), methods=["GET"]),
        Route("/v2", known(discovery.ping, access=access), methods=["GET"]),
        Route("/v2/_catalog", known(discovery.catalog, access=access), methods=["GET"]),
    ]


class _Direct(Route):
    """A route without Starlette's own handling of exceptions: what is raised is answered by ``protocols.faults``."""

    def __init__(self, path: str, endpoint: Handler, *, methods: list[str]) -> None:
        super().__init__(path, endpoint, methods=methods)
        self._handler = endpoint
        self.app = self._answer

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._handler(Request(scope, receive, send))
        await response(scope, receive, send)
