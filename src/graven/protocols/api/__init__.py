"""The API of graven: one file for each noun, joined here. JSON in and out, below ``/api/v1``."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.routing import Route

from graven.flows.access import Access
from graven.protocols.api import openapi

__all__ = ["join"]


def join(*nouns: Iterable[Route], access: Access, version: str) -> list[Route]:
    """Give the routes of all nouns, and the document that describes them."""
    found = [route for noun in nouns for route in noun]
    return [*found, *openapi.routes(access=access, declared=found, version=version)]
