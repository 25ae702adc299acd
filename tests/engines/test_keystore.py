"""graven's own keys: made once, read by nobody else, and a rotation that breaks off leaves a key that signs."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519

from graven.engines.keystore import Keystore
from graven.errors import Unavailable
from graven.evidence import keys
from graven.evidence.keys import PrivateKey, PublicKey

NAMES = ["log.key", "root.key", "vsa.key"]


def opened(folder: Path, seed: int = 1) -> Keystore:
    return Keystore.open(folder, entropy=Random(seed).randbytes)  # noqa: S311 - the same each time


def test_the_first_start_makes_the_keys_and_the_next_reads_the_same(tmp_path: Path) -> None:
    first, second = opened(tmp_path / "keys"), opened(tmp_path / "keys", 2)
    assert sorted(path.name for path in (tmp_path / "keys").iterdir()) == NAMES
    for name in ("log", "vsa", "root"):
        assert getattr(first, name).public_pem == getattr(second, name).public_pem
    assert len({first.log.public_pem, first.vsa.public_pem, first.root.public_pem}) == 3


def test_nobody_else_can_read_the_keys(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    opened(folder).rotate_vsa()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert [oct((folder / name).stat().st_mode & 0o777) for name in NAMES] == ["0o600"] * 3


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_key_that_others_can_read_or_write_is_not_used(tmp_path: Path, name: str, mode: int) -> None:
    opened(tmp_path)
    (tmp_path / name).chmod(mode)
    with pytest.raises(Unavailable, match="others can read") as caught:
        opened(tmp_path)
    assert "chmod 600" in caught.value.hint
    assert name in caught.value.where


async def test_each_key_signs_what_its_public_half_verifies(tmp_path: Path) -> None:
    store = opened(tmp_path)
    for signer in (store.log, store.vsa, store.root):
        public = PublicKey.parse(signer.public_pem)
        signature = await signer.sign(b"message")
        assert public.verifies(signature, b"message")
        assert not public.verifies(signature, b"massage")
    assert store.vsa.fingerprint == PublicKey.parse(store.vsa.public_pem).fingerprint
    raw = ed25519.Ed25519PublicKey.from_public_bytes(store.log.public_raw)
    raw.verify(await store.log.sign(b"note"), b"note")


def test_a_rotation_changes_the_key_for_summaries_alone_and_lasts(tmp_path: Path) -> None:
    store = opened(tmp_path)
    before, log, root = store.vsa.fingerprint, store.log.public_pem, store.root.public_pem
    assert store.rotate_vsa() == before
    assert store.vsa.fingerprint != before
    again = opened(tmp_path, 3)
    assert (again.vsa.fingerprint, again.log.public_pem, again.root.public_pem) == (store.vsa.fingerprint, log, root)


def test_a_rotation_that_cannot_be_written_leaves_the_key_that_signs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = opened(tmp_path)
    before = store.vsa.fingerprint

    def full(_path: Path, _target: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(Unavailable, match="No space left"):
        store.rotate_vsa()
    monkeypatch.undo()
    assert store.vsa.fingerprint == before == opened(tmp_path).vsa.fingerprint


def test_a_draft_that_a_crash_left_is_replaced_whoever_could_read_it(tmp_path: Path) -> None:
    (tmp_path / ".vsa.key").write_bytes(b"half a key")
    store = opened(tmp_path)
    assert (tmp_path / "vsa.key").read_bytes() == PrivateKey.parse((tmp_path / "vsa.key").read_bytes()).pem
    (tmp_path / ".vsa.key").write_bytes(b"")
    (tmp_path / ".vsa.key").chmod(0o666)
    store.rotate_vsa()
    assert store.vsa.fingerprint == opened(tmp_path).vsa.fingerprint


def _of_another_kind(name: str) -> bytes:
    form, none = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    if name == "log.key":
        return PrivateKey.parse(_p256()).pem
    return ed25519.Ed25519PrivateKey.generate().private_bytes(serialization.Encoding.PEM, form, none)


def _p256() -> bytes:
    return keys.generate(Random(9).randbytes).pem  # noqa: S311 - the same each time


@pytest.mark.parametrize("name", NAMES)
def test_a_key_file_of_another_kind_or_of_none_is_unavailable_and_says_which(tmp_path: Path, name: str) -> None:
    opened(tmp_path)
    for data in (b"", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", _of_another_kind(name)):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(Unavailable) as caught:
            opened(tmp_path)
        assert name in caught.value.where


def test_a_folder_that_is_a_file_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("")
    with pytest.raises(Unavailable, match="cannot be read"):
        opened(tmp_path / "keys")
