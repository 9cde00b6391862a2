#!/usr/bin/env python3
"""Writes the test vectors of the container format, from the README beside this crate and independently of its code.

Needs the `cryptography` package. Run it without arguments: it writes vectors/container.txt and
vectors/wrapped-key.txt next to itself, always the same bytes.
"""

import hashlib
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

CHUNK = 65_536
FOLDER = Path(__file__).parent / "vectors"


def plaintext(length: int) -> bytes:
    """Byte i is i mod 251: a prime, so that no two chunks are alike."""
    period = bytes(range(251))
    return (period * (length // 251 + 1))[:length]


def seeded(label: str, length: int) -> bytes:
    """Bytes that look random and are the same everywhere."""
    return hashlib.shake_128(label.encode()).digest(length)


def container(key: bytes, salt: bytes, version: bytes, plain: bytes) -> bytes:
    info = b"strongroom.container@v1+AEAD_AES_256_GCM\x00" + salt + b"\x01" + version
    derived = HKDFExpand(algorithm=hashes.SHA256(), length=76, info=info).derive(key)
    aead, base, commitment = AESGCM(derived[:32]), derived[32:44], derived[44:]

    def nonce(chunk: int, last: bool) -> bytes:
        mask = bytes(3) + chunk.to_bytes(8, "big") + bytes([last])
        return bytes(a ^ b for a, b in zip(base, mask))

    last = len(plain) // CHUNK
    out = [b"SRSEAL\x00\x01", salt, commitment]
    for chunk in range(last):
        out.append(aead.encrypt(nonce(chunk, False), plain[chunk * CHUNK : (chunk + 1) * CHUNK], None))
    out.append(aead.encrypt(nonce(last, True), plain[last * CHUNK :], len(plain).to_bytes(8, "big")))
    return b"".join(out)


def wrapped_key(master: bytes, key: bytes, nonce: bytes, version: bytes, length: int | None) -> bytes:
    bound = b"\x00" if length is None else b"\x01" + length.to_bytes(8, "big")
    sealed = AESGCM(master).encrypt(nonce, key, b"strongroom.wrapped-key@v1\x00" + version + bound)
    return b"\x01" + nonce + sealed


def write(name: str, comment: str, vectors: list[dict[str, str]]) -> None:
    blocks = ["\n".join(f"{field} = {value}".rstrip() for field, value in vector.items()) for vector in vectors]
    (FOLDER / name).write_text(f"# {comment}\n\n" + "\n\n".join(blocks) + "\n")


def containers() -> list[dict[str, str]]:
    vectors = []
    for length in [0, 1, 40, 65_535, 65_536, 65_537, 131_071, 131_072, 200_000, 1_048_576, 3_000_000]:
        key, salt = seeded(f"key {length}", 32), seeded(f"salt {length}", 32)
        version = seeded(f"version {length}", 16)
        sealed = container(key, salt, version, plaintext(length))
        vector = {
            "key": key.hex(),
            "salt": salt.hex(),
            "version": version.hex(),
            "plain_len": str(length),
            "header": sealed[:72].hex(),
            "sealed_len": str(len(sealed)),
            "sealed_sha256": hashlib.sha256(sealed).hexdigest(),
        }
        if length < 100:
            vector["sealed"] = sealed.hex()
        vectors.append(vector)
    return vectors


def wrapped_keys() -> list[dict[str, str]]:
    vectors = []
    for length in [None, 0, 1_048_576, 2**52 - 1]:
        master, key = seeded(f"master {length}", 32), seeded(f"key {length}", 32)
        nonce, version = seeded(f"nonce {length}", 12), seeded(f"version {length}", 16)
        vectors.append(
            {
                "master": master.hex(),
                "master_id": hashlib.sha256(b"strongroom.master-key-id@v1\x00" + master).hexdigest()[:16],
                "key": key.hex(),
                "nonce": nonce.hex(),
                "version": version.hex(),
                "plain_len": "unknown" if length is None else str(length),
                "wrapped": wrapped_key(master, key, nonce, version, length).hex(),
            }
        )
    return vectors


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    write("container.txt", "Containers. Plaintext byte i is i mod 251. Written by vectors.py.", containers())
    write("wrapped-key.txt", "Wrapped file keys. Written by vectors.py.", wrapped_keys())
