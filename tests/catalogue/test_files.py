"""The manifest of a file is the same on every machine, and its version is fixed by a golden file."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graven.catalogue import files, oci
from graven.errors import Malformed
from graven.values import Digest

GOLDEN = Path(__file__).parents[1] / "vectors" / "files" / "manifest-v1.json"


def test_the_first_version_of_the_generator_writes_what_it_always_wrote() -> None:
    data = files.manifest_of(Digest.of(b"hello\n"), 6, name="tool", version="1.0", filename="tool.txt")
    assert data == GOLDEN.read_bytes()


def test_the_manifest_is_one_that_registries_take() -> None:
    digest = Digest.of(b"x")
    found = oci.parse(files.manifest_of(digest, 1, name="n", version="1", filename="f"), oci.IMAGE_MANIFEST)
    assert found.artifact_type == files.ARTIFACT_TYPE
    assert found.config == oci.EMPTY
    assert [layer.digest for layer in found.layers] == [digest]
    assert dict(found.layers[0].annotations) == {"org.opencontainers.image.title": "f"}


names = st.text("abcXYZ019._-", min_size=1, max_size=12).filter(lambda s: s[0] not in "._-+~@")


@given(names, names, names, st.binary(max_size=8))
def test_other_names_or_bytes_make_another_manifest(name: str, version: str, filename: str, data: bytes) -> None:
    digest = Digest.of(data)
    made = files.manifest_of(digest, len(data), name=name, version=version, filename=filename)
    assert made == files.manifest_of(digest, len(data), name=name, version=version, filename=filename)
    assert made != files.manifest_of(digest, len(data), name=name, version=f"{version}0", filename=filename)
    assert made != files.manifest_of(Digest.of(data + b"0"), len(data), name=name, version=version, filename=filename)


@pytest.mark.parametrize(
    "text", ["", ".", "..", "../x", "a/b", "a\\b", "-rf", ".hidden", "a b", "a\n", 'a"', "a%2f", "é", "a" * 129, "a\0"]
)
def test_a_name_that_a_path_or_a_shell_would_read_is_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        files.file_part(text, "filename")
