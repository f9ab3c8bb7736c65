"""How long a text is, and that cutting it loses nothing."""

import pytest
from aiosmpplib.codec import GSM7BitCodec
from hypothesis import given
from hypothesis import strategies as st

from okno.channels.sms.text import BASIC, EXTENSION, Encoding, encode, encoding_of, measure, split

GSM_TEXT = st.text(alphabet=BASIC.replace("\x1b", "") + "".join(EXTENSION), max_size=700)
ANY_TEXT = st.one_of(GSM_TEXT, st.text(max_size=400), st.text(alphabet="жқ😀€", max_size=400))


@pytest.mark.parametrize(
    ("text", "encoding", "units", "parts", "remaining"),
    [
        ("", Encoding.GSM, 0, 0, 160),
        ("a" * 160, Encoding.GSM, 160, 1, 0),
        ("a" * 161, Encoding.GSM, 161, 2, 153 - 8),
        ("a" * 306, Encoding.GSM, 306, 2, 0),
        ("a" * 307, Encoding.GSM, 307, 3, 152),
        ("€" * 80, Encoding.GSM, 160, 1, 0),
        ("€" * 81, Encoding.GSM, 162, 2, 153 - 10),
        ("ж" * 70, Encoding.UCS2, 70, 1, 0),
        ("ж" * 71, Encoding.UCS2, 71, 2, 63),
        ("ж" * 134, Encoding.UCS2, 134, 2, 0),
        ("ж" * 135, Encoding.UCS2, 135, 3, 66),
        ("😀" * 35, Encoding.UCS2, 70, 1, 0),
        ("😀" * 36, Encoding.UCS2, 72, 2, 67 - 6),
        ("Қарызыңыз бар", Encoding.UCS2, 13, 1, 57),
    ],
)
def test_parts_are_counted_as_the_network_counts_them(
    text: str, encoding: Encoding, units: int, parts: int, remaining: int
) -> None:
    found = measure(text)
    assert (found.encoding, found.units, found.parts, found.remaining) == (encoding, units, parts, remaining)
    assert found.characters == len(text)


def test_an_escaped_character_is_not_cut_at_the_border() -> None:
    first, second = split("a" * 152 + "€" + "b" * 20)
    assert first == "a" * 152
    assert second.startswith("€")


def test_an_emoji_is_not_cut_at_the_border() -> None:
    first, second = split("ж" * 66 + "😀" + "ж" * 20)
    assert first == "ж" * 66
    assert second.startswith("😀")


def test_one_cyrillic_letter_makes_the_whole_text_ucs2() -> None:
    assert encoding_of("Hello") is Encoding.GSM
    assert encoding_of("Hellо") is Encoding.UCS2


def test_a_letter_outside_the_alphabet_is_refused_not_replaced() -> None:
    with pytest.raises(UnicodeEncodeError):
        encode("ж", Encoding.GSM)


@given(ANY_TEXT)
def test_parts_joined_give_the_text_and_none_is_too_long(text: str) -> None:
    pieces = split(text)
    assert "".join(pieces) == text
    encoding = encoding_of(text)
    room = {Encoding.GSM: (160, 153), Encoding.UCS2: (140, 134)}[encoding][len(pieces) > 1]
    assert all(0 < len(encode(piece, encoding)) <= room for piece in pieces)
    assert measure(text).parts == len(pieces)


@given(ANY_TEXT)
def test_every_part_reads_alone(text: str) -> None:
    for piece in split(text):
        octets = encode(piece, encoding_of(text))
        if encoding_of(text) is Encoding.GSM:
            assert GSM7BitCodec().decode(octets)[0] == piece
        else:
            assert octets.decode("utf-16-be") == piece
