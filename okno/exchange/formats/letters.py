"""Which encoding a text is in, decided by its letters: what a file says about itself is only a hint to show."""

import codecs
from collections import Counter
from math import log
from typing import IO

#: Shares of letters in running Russian text, per thousand, with the letters of Ukrainian and Kazakh added as
#: rare.
_PER_MILLE = {
    **dict(
        zip(
            "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфъё",
            (
                109,
                85,
                80,
                74,
                67,
                63,
                55,
                47,
                45,
                44,
                35,
                32,
                30,
                28,
                26,
                20,
                19,
                17,
                17,
                17,
                16,
                14,
                12,
                10,
                9,
                7,
                6,
                5,
                4,
                3,
                3,
                1,
                1,
            ),
            strict=True,
        )
    ),
    **dict.fromkeys("іїєґ", 1),
}
#: Signs that honest files use beside letters, and those they use now and then.
_USUAL_SIGNS = "№«»–—\u00a0"
_RARE_SIGNS = "’‘“”…•°§©®±\u202f"
_STRANGE = log(0.000_001)
_RARE = log(0.000_05)
_USUAL = log(0.005)

#: The single-byte encodings that accounting programs of the three countries write.
SINGLE_BYTE = ("cp1251", "cp866")


def _weights(encoding: str) -> list[float]:
    weights = []
    for byte in range(0x80, 0x100):
        letter = bytes([byte]).decode(encoding, errors="replace")
        share = _PER_MILLE.get(letter.lower())
        if share is not None:
            # Capitals are rarer than small letters, which tells cp1251 and cp866 apart where both give
            # letters.
            weights.append(log(share / 1000) - (1.5 if letter.isupper() else 0.0))
        else:
            weights.append(_USUAL if letter in _USUAL_SIGNS else _RARE if letter in _RARE_SIGNS else _STRANGE)
    return weights


_WEIGHTS = {encoding: _weights(encoding) for encoding in SINGLE_BYTE}


def single_byte_encoding(sample: bytes) -> str:
    """cp1251 or cp866, whichever makes the likelier Russian or Ukrainian text; cp1251 when it is all ASCII."""
    counts = Counter(sample)
    scores = {
        encoding: sum(weights[byte - 0x80] * times for byte, times in counts.items() if byte >= 0x80)
        for encoding, weights in _WEIGHTS.items()
    }
    return max(SINGLE_BYTE, key=lambda encoding: scores[encoding])


def encoding_of(sample: bytes, *, whole: bool) -> str | None:
    """The encoding of a text by its first bytes, as Python names it; None when it is no text at all.

    `whole` tells that the sample is the entire file, so that a UTF-8 letter cut at its end is an error and
    not the
    sample's edge. "utf-8-sig" means UTF-8 with a byte order mark.
    """
    if sample.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\0" in sample:
        return _utf16_without_mark(sample)
    if _is_utf8(sample, whole=whole):
        return "utf-8"
    return single_byte_encoding(sample)


def _is_utf8(sample: bytes, *, whole: bool) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample, final=whole)
    except UnicodeDecodeError:
        return False
    return True


def is_utf8_to_the_end(file: IO[bytes]) -> bool:
    """Whether the whole file is UTF-8. Reads it from its start; a letter cut at the very end is forgiven."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    file.seek(0)
    try:
        while chunk := file.read(2**20):
            decoder.decode(chunk)
    except UnicodeDecodeError:
        return False
    return True


def _utf16_without_mark(sample: bytes) -> str | None:
    """Texts of digits, delimiters and Cyrillic in UTF-16 have 0 or 4 in every second byte."""
    even, odd = sample[0:4096:2], sample[1:4096:2]
    for high, encoding in ((odd, "utf-16-le"), (even, "utf-16-be")):
        if high and sum(byte in (0x00, 0x04, 0x20, 0x21) for byte in high) >= 0.95 * len(high):
            text = sample[: len(sample) // 2 * 2].decode(encoding, errors="replace")
            if "\0" not in text and "\ufffd" not in text[:-1]:
                return encoding
    return None
