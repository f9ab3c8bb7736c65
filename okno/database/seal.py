"""A stream sealed with a passphrase: nobody reads it, and a changed or shortened one does not open.

scrypt makes the key; AES-256-GCM seals pieces of 1 MiB in a row (the STREAM construction: the nonce holds the
number of the piece and whether it is the last, so pieces cannot be dropped, moved or cut off). The primitives
are those of the `cryptography` package.
"""

from __future__ import annotations

import io
import os
import struct
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from okno.database.refusal import DatabaseRefusal

MAGIC = b"OKNO-SEALED-1\n"

_PIECE = 1024 * 1024
_TAG = 16
_SALT = 16
_PREFIX = 7
# 128 MiB and about a third of a second for each guess at the passphrase.
_SCRYPT = {"n": 2**17, "r": 8, "p": 1}


class WrongPassphrase(DatabaseRefusal):
    """The seal does not open: another passphrase, or a changed file; the seal cannot tell which."""


def _key(passphrase: str, salt: bytes) -> AESGCM:
    return AESGCM(Scrypt(salt=salt, length=32, **_SCRYPT).derive(passphrase.encode()))


def _nonce(prefix: bytes, number: int, *, last: bool) -> bytes:
    return prefix + struct.pack(">IB", number, last)


class SealingWriter(io.RawIOBase):
    """Write plain bytes here, sealed ones go to `target`. Only `close` makes the file whole."""

    def __init__(self, target: BinaryIO, passphrase: str) -> None:
        salt, self._prefix = os.urandom(_SALT), os.urandom(_PREFIX)
        self._head = MAGIC + salt + self._prefix
        self._cipher = _key(passphrase, salt)
        self._target, self._waiting, self._number = target, bytearray(), 0
        target.write(self._head)

    def writable(self) -> bool:
        return True

    def write(self, plain: bytes) -> int:  # type: ignore[override]
        self._waiting += plain
        # The last piece is known only at the end, so one piece always waits.
        while len(self._waiting) > _PIECE:
            self._seal(bytes(self._waiting[:_PIECE]), last=False)
            del self._waiting[:_PIECE]
        return len(plain)

    def close(self) -> None:
        if not self.closed:
            self._seal(bytes(self._waiting), last=True)
        super().close()

    def _seal(self, piece: bytes, *, last: bool) -> None:
        nonce = _nonce(self._prefix, self._number, last=last)
        self._target.write(self._cipher.encrypt(nonce, piece, self._head))
        self._number += 1


class SealedReader(io.RawIOBase):
    """Plain bytes out of a sealed file. Raises WrongPassphrase at the first piece that does not open."""

    def __init__(self, source: BinaryIO, passphrase: str) -> None:
        self._head = source.read(len(MAGIC) + _SALT + _PREFIX)
        if len(self._head) < len(MAGIC) + _SALT + _PREFIX or not self._head.startswith(MAGIC):
            raise _does_not_open()
        self._prefix = self._head[-_PREFIX:]
        self._cipher = _key(passphrase, self._head[len(MAGIC) : -_PREFIX])
        self._source, self._number = source, 0
        self._sealed, self._plain = source.read(_PIECE + _TAG), b""
        if not self._sealed:
            raise _does_not_open()  # even nothing is sealed as one empty piece

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        if not self._plain and self._sealed:
            self._open_next()
        given, self._plain = self._plain[: len(buffer)], self._plain[len(buffer) :]
        buffer[: len(given)] = given
        return len(given)

    def _open_next(self) -> None:
        following = self._source.read(_PIECE + _TAG)
        nonce = _nonce(self._prefix, self._number, last=not following)
        try:
            self._plain = self._cipher.decrypt(nonce, self._sealed, self._head)
        except InvalidTag:
            raise _does_not_open() from None
        self._sealed, self._number = following, self._number + 1


def _does_not_open() -> WrongPassphrase:
    return WrongPassphrase(
        "Копия не открывается: пароль не тот, либо файл изменён или оборван. Проверьте пароль; "
        "если он верен, возьмите другую копию."
    )
