"""Policies in a real server: signed, fetched by digest, refused where the proof is missing."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest

from graven.decide import policyimage
from graven.engines.policyregistry import PolicyRegistry
from graven.engines.registry import Credentials, Registry
from graven.errors import NotFound, Refused
from graven.evidence import keys
from graven.evidence.trust import TrustedKey, TrustRoot
from served import Served

FILES = {"main.rego": b"package main\n", "data/x.json": b'{"a":1}'}
MOMENT = "2026-01-02T03:04:05Z"


@pytest.fixture
def policies(serve: Callable[..., Served]) -> Iterator[PolicyRegistry]:
    served = serve()
    with Registry(served.url, credentials=Credentials("graven", served.token)) as registry:
        yield PolicyRegistry(registry, "policies/base")


def _root(key: keys.PrivateKey) -> TrustRoot:
    return TrustRoot((TrustedKey("me", key.public),))


def test_what_was_pushed_and_signed_comes_back_by_tag_and_by_digest(policies: PolicyRegistry) -> None:
    key = keys.generate(os.urandom)
    digest = policies.push(policyimage.make(FILES, b"tar"), "1.0", key=key, created=MOMENT)
    for reference in ("1.0", str(digest)):
        found = policies.fetch(reference, root=_root(key))
        assert (found.digest, found.files, found.bundle) == (digest, FILES, None)
        assert found.key == key.public.fingerprint


def test_a_bundle_alone_comes_back(policies: PolicyRegistry) -> None:
    policies.push(policyimage.make({}, b"tar"), "1.0")
    assert policies.fetch("1.0", root=None).bundle == b"tar"


def test_without_a_signature_that_counts_nothing_is_fetched(policies: PolicyRegistry) -> None:
    key, other = keys.generate(os.urandom), keys.generate(os.urandom)
    policies.push(policyimage.make(FILES, None), "unsigned")
    with pytest.raises(Refused, match="nothing is attached"):
        policies.fetch("unsigned", root=_root(key))
    policies.push(policyimage.make({"a.rego": b"package a\n"}, None), "foreign", key=other, created=MOMENT)
    with pytest.raises(Refused, match="no signature of these policies counts"):
        policies.fetch("foreign", root=_root(key))


def test_policies_that_are_not_there_are_named(policies: PolicyRegistry) -> None:
    with pytest.raises(NotFound):
        policies.fetch("1.0", root=None)
