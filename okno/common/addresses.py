"""Addresses as people and files write them, read into one normal form, so that two spellings meet.

Reads Russian, Ukrainian and Kazakh order: "г Арамиль, ул Гарнизон, д 19Б", "Ленина ул., 5к2-12",
"вул. Сумська, буд. 10", "Абай көш., 10 үй, 5 пәтер". It knows no register of streets.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from okno.common.address_words import ALSO_NAMES, KAZAKH_STREETS, NUMBERED_STREETS, NUMBERS, PLACES, STREET_KINDS, Word
from okno.common.folding import fold as fold
from okno.common.folding import swap_layout as swap_layout

#: Latin letters that look like Cyrillic ones: "19A" typed on the wrong layout is the same house.
_LOOKALIKES = str.maketrans("ABCEHKMOPTXY", "АВСЕНКМОРТХУ")

_GLUED_BEFORE = re.compile(r"(?<![\w/-])([^\W\d]+\.?)(?=\d)")
_GLUED_BLOCK = re.compile(r"(\d[^\W\d]?)(корп|стр|лит|к|с)\.?(?=\d)", re.IGNORECASE)
_GLUED_AFTER = re.compile(r"(\d)-(?=(?:үй|пәтер)\b)", re.IGNORECASE)
_ORDINAL = re.compile(r"\d+-?(?:я|ая|й|ый|ой|ий|ші|шы)", re.IGNORECASE)
_POSTAL_CODE = re.compile(r"\d{5,6}")
_BLOCK_AND_FLAT = re.compile(r"(.*\d)-(\d+)")
_HOUSE_AND_FLAT = re.compile(r"(\d+[А-ЯІЇЄҐ]?(?:/\d+)?)-(\d+)")
#: The first letter of a word, but not of "лет" and "года" in "40 лет Победы", "1905 года".
_FIRST_LETTER = re.compile(r"(?<![^\s-])(?!(?:лет|года|років|року|жыл)\b)[^\W\d_]")
_LETTER_PART = re.compile(r"(?<=\d)[\s-]+(?=[^\W\d_]$)")


@dataclass(frozen=True, slots=True)
class Address:
    """An address in parts; a part that was not told is "".

    `street_type` is a short native form ("ул", "вул", "көш"); `house` is like "19Б" or "123/2"; `block` like
    "к2" or "к2 стр1"; `flat` is a bare number for a flat and tells its kind otherwise ("оф 3", "12 комн 2").
    A district told beside a street is kept in brackets after it: "Садовая (мкр Северный)".
    """

    city: str = ""
    street: str = ""
    street_type: str = ""
    house: str = ""
    block: str = ""
    flat: str = ""


def parse(text: str) -> Address:
    """Read an address. Never fails: what cannot be placed is left out, so look at the parts you need."""
    reading = _Reading()
    for segment in re.split(r"[,;\n]", unicodedata.normalize("NFC", text)):
        reading.take(_tokens(segment))
    return reading.result()


def short(address: Address) -> str:
    """The address without its city, for tables: "ул. Ленина, 5 к2, кв. 12", "Абай көш., 10, 5-пәтер"."""
    kind = f"{address.street_type}." if address.street_type.isalpha() else address.street_type
    kazakh = address.street_type in KAZAKH_STREETS
    street = f"{address.street} {kind}" if kazakh else f"{kind} {address.street}"
    flat = address.flat
    if flat[:1].isdigit():
        flat = f"{flat}-пәтер" if kazakh else f"кв. {flat}"
    parts = (street.strip(), f"{address.house} {address.block}".strip(), flat)
    return ", ".join(part for part in parts if part)


def match_key(address: Address, *, city: str = "") -> str:
    """Equal for two spellings of one address; `city` stands in when the address names none.

    Letters are folded, words of a street's name may change places, "ул." may be left out (no other kind).
    Stored as a unique key, so changing this function needs a migration.
    """
    kind = STREET_KINDS.get(address.street_type, address.street_type)
    street = " ".join(sorted(_ordinals_bare(fold(address.street)).split()))
    numbers = (_compact(address.house), _compact(address.block), _compact(address.flat))
    return "|".join((fold(address.city or city), fold(kind), street, *numbers))


def search_tokens(text: str) -> tuple[str, ...]:
    """A dispatcher's shorthand as folded tokens, without address words: "лен д 5 кв 12" → лен, 5, 12.

    Words are beginnings of names; numbers are house, then flat. Text in the wrong layout goes through
    `swap_layout` first.
    """
    tokens: list[str] = []
    for segment in re.split(r"[,;\n]", unicodedata.normalize("NFC", text)):
        pieces = _tokens(segment)
        for position, piece in enumerate(pieces):
            announces = _word_at(pieces, position)
            alone = len(pieces) == 1
            if announces is None or alone:
                numbers = re.split(r"(?<=\d)-(?=\d)", piece)
                tokens.extend(map(_compact, numbers) if piece[0].isdigit() else (fold(piece),))
    return tuple(token for token in tokens if token)


@dataclass
class _Reading:
    """What has been read so far."""

    parts: dict[str, str] = field(default_factory=dict)
    district: str = ""
    #: Names nothing announced: a city before the street, or the street itself.
    unannounced: list[str] = field(default_factory=list)
    #: Numbers nothing announced: house, (block,) flat in this order.
    loose: list[str] = field(default_factory=list)

    def take(self, tokens: list[str]) -> None:
        """Read one part between commas."""
        first = not (self.parts or self.unannounced or self.loose)
        if first and len(tokens) == 1 and _POSTAL_CODE.fullmatch(tokens[0]):
            return
        if len(tokens) == 1 and tokens[0].lower() in ALSO_NAMES:
            self.unannounced.append(_cased(tokens[0]))
            return
        self._take_places(_Segment(self._take_numbers(tokens)))

    def result(self) -> Address:
        """Place what nothing announced, and give the address."""
        if not self.parts.get("street") and self.unannounced:
            self.parts["street"] = self.unannounced.pop()
        if not self.parts.get("city") and self.unannounced:
            self.parts["city"] = self.unannounced.pop()
        self._place_loose()
        for role, shape in (("house", _HOUSE_AND_FLAT), ("block", _BLOCK_AND_FLAT)):
            both = shape.fullmatch(self.parts.get(role, ""))
            if both and not self.parts.get("flat"):
                self.parts[role], self.parts["flat"] = both.groups()
        if self.district:
            self.parts["street"] = f"{self.parts['street']} ({self.district})"
        return Address(**self.parts)

    def _take_numbers(self, tokens: list[str]) -> list[str | Word]:
        """Take announced numbers out; leave words, loose numbers and the words that announce places."""
        left: list[str | Word] = []
        position = 0
        while position < len(tokens):
            announced = _word_at(tokens, position)
            following = tokens[position + 1] if position + 1 < len(tokens) else ""
            position += 1
            if announced is None or announced.role in ("region", "city", "street"):
                word = tokens[position - 1]
                if announced and announced.role == "street" and left and isinstance(left[-1], Word):
                    # "ул Набережная", "Набережная ул": of two words for a street the one that can be a name is it.
                    if word.lower() in ALSO_NAMES:
                        announced = None
                    elif tokens[position - 2].lower() in ALSO_NAMES:
                        left[-1] = tokens[position - 2]
                left.append(announced or word)
                continue
            previous = left[-1] if left else ""
            numbered = isinstance(previous, str) and previous[:1].isdigit()
            if numbered and (announced.follows or not following[:1].isdigit()):
                left.pop()
                self._put_number(announced, str(previous))
            elif following:
                position += 1
                self._put_number(announced, following)
        return left

    def _put_number(self, announced: Word, number: str) -> None:
        if announced.role == "left_out":
            return
        value = _house(number) if announced.role == "house" else _number(number)
        glue = " " if announced.role == "flat" else ""
        value = f"{announced.short}{glue}{value}".strip()
        self.parts[announced.role] = f"{self.parts.get(announced.role, '')} {value}".strip()

    def _take_places(self, segment: "_Segment") -> None:
        for announced, name in segment.places():
            if announced is None:
                self.unannounced.append(name)
            elif announced.role == "city":
                self.parts["city"] = name
            elif announced.role == "street":
                self._put_street(announced, name)
        self.loose.extend(segment.loose)

    def _put_street(self, announced: Word, name: str) -> None:
        if self.parts.get("street_type") in NUMBERED_STREETS:
            # "мкр Северный, ул Садовая": another district may have its own Садовая, so the district is kept.
            self.district = f"{self.parts['street_type']} {self.parts['street']}"
        elif self.parts.get("street") and announced.short in NUMBERED_STREETS:
            self.district = f"{announced.short} {name}"
            return
        self.parts["street"], self.parts["street_type"] = name, announced.short

    def _place_loose(self) -> None:
        roles = ["house", "block", "flat"] if len(self.loose) > 2 else ["house", "flat"]
        free = [role for role in roles if not self.parts.get(role)]
        for role, number in zip(free, self.loose, strict=False):
            value = _house(number) if role == "house" else _number(number)
            self.parts[role] = f"к{value}" if role == "block" else value


class _Segment:
    """One part between commas, announced numbers taken out: words, loose numbers, words announcing places."""

    def __init__(self, items: list[str | Word]) -> None:
        self._items = items
        self.loose: list[str] = []

    def places(self) -> Iterator[tuple[Word | None, str]]:
        """Names with what announces them (None: nothing does). Loose numbers gather in `loose`."""
        runs = self._runs()
        # "Ижевск г", "Абай көш": nothing that could be a name follows the last announcing word.
        announced_after = len(runs) > 1 and not runs[-1][1]
        pending = ""
        for index, (announced, name) in enumerate(runs):
            if announced_after:
                following = runs[index + 1][0] if index + 1 < len(runs) else None
                if name:
                    yield following, name
            elif announced is not None and not name and pending:
                yield announced, pending
                pending = ""
            else:
                if pending:
                    yield None, pending
                pending = "" if announced else name
                if announced and name:
                    yield announced, name
        if pending:
            yield None, pending

    def _runs(self) -> list[tuple[Word | None, str]]:
        """The items as runs of words, each with the announcing word that stands before it."""
        starts = [0] + [index for index, item in enumerate(self._items) if isinstance(item, Word)]
        runs: list[tuple[Word | None, str]] = []
        for start, end in zip(starts, [*starts[1:], len(self._items)], strict=True):
            items = self._items[start:end]
            announced = items[0] if items and isinstance(items[0], Word) else None
            words = [item for item in items if isinstance(item, str)]
            runs.append((announced, self._name(words, announced, has_name_before=bool(runs and runs[-1][1]))))
        return runs

    def _name(self, words: list[str], announced: Word | None, *, has_name_before: bool) -> str:
        """The name at the head of `words`; the numbers after it are loose."""
        length = 0
        while length < len(words) and _in_name(words, length):
            length += 1
        numbered = announced is not None and announced.short in NUMBERED_STREETS
        if not length and words and numbered and not has_name_before:
            length = 1
        name, rest = words[:length], words[length:]
        if not announced and not name and len(self._items) > len(words):
            # "5 мкр": the number before the announcing word is the name itself.
            name, rest = rest, []
        self.loose.extend(rest)
        return _cased(" ".join(name))


def _in_name(words: list[str], position: int) -> bool:
    """Whether the word belongs to a name: "8" of "8 Марта" does, "5" of "Ленина 5" does not."""
    token = words[position]
    if not token[0].isdigit() or _ORDINAL.fullmatch(token):
        return True
    following = words[position + 1] if position + 1 < len(words) else ""
    return len(following) > 1 and not following[0].isdigit()


def _word_at(tokens: list[str], position: int) -> Word | None:
    """What the token announces, or None. "д" may announce a number or a place: the next token tells."""
    token = tokens[position].lower()
    following = tokens[position + 1] if position + 1 < len(tokens) else ""
    previous = tokens[position - 1] if position else ""
    by_number = following[:1].isdigit() or (len(following) == 1 and following.isalpha())
    if token in NUMBERS and (by_number or (len(token) > 1 and previous[:1].isdigit())):
        return NUMBERS[token]
    if token in NUMBERS and token not in PLACES:
        return NUMBERS[token] if NUMBERS[token].follows else None
    return PLACES.get(token)


def _tokens(segment: str) -> list[str]:
    """Words and numbers of one part between commas, glued ones parted: "д.5к2" → д 5 к 2."""
    text = re.sub(r"[«»\"№()]", " ", segment)
    text = _GLUED_BEFORE.sub(r"\1 ", _GLUED_BLOCK.sub(r"\1 \2 ", text))
    text = _GLUED_AFTER.sub(r"\1 ", text).replace(".", " ")
    tokens: list[str] = []
    for token in text.split():
        bare = token.strip("-–—/")
        letter = len(bare) == 1 and bare.isalpha() and bare.lower() not in NUMBERS and bare.lower() not in PLACES
        if letter and tokens and tokens[-1].isdigit():
            tokens[-1] += bare
        elif bare:
            tokens.append(bare)
    return tokens


def _house(number: str) -> str:
    """ "19 б", "19-б", "19B" → "19Б", "19Б", "19В"."""
    return _LETTER_PART.sub("", number).upper().translate(_LOOKALIKES)


def _number(number: str) -> str:
    return number.upper().translate(_LOOKALIKES)


def _cased(name: str) -> str:
    """Names written all in one case get capitals; mixed case stays as written."""
    if name.isupper() or name.islower():
        return _FIRST_LETTER.sub(lambda letter: letter[0].upper(), name.lower())
    return name


def _compact(part: str) -> str:
    """A number for comparing: "19 Б" and "19б" alike; "/" and "-" stay, for 12/3 is not 123."""
    cyrillic = part.upper().translate(_LOOKALIKES)
    return "".join(fold(piece).replace(" ", "") or piece for piece in re.split("([/-])", cyrillic))


def _ordinals_bare(folded: str) -> str:
    """ "2 я садовая" and "2я садовая" → "2 садовая"."""
    return re.sub(r"\b(\d+) ?(?:ая|я|ый|ой|ий|й|е|ші|шы)\b", r"\1", folded)
