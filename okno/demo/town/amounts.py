"""Sums as accounting programs write them."""

_KNOWN: dict[int, str] = {}
_REMEMBERED = 200_000


def written(minor: int) -> str:
    """1234567 → "12 345,67". Bills repeat the same sums endlessly, so they are remembered."""
    text = _KNOWN.get(minor)
    if text is None:
        if len(_KNOWN) > _REMEMBERED:
            _KNOWN.clear()
        whole, rest = divmod(abs(minor), 100)
        text = f"{whole:,},{rest:02d}" if whole < 1000 else f"{f'{whole:,}'.replace(',', ' ')},{rest:02d}"
        if minor < 0:
            text = f"-{text}"
        _KNOWN[minor] = text
    return text


def plainly(minor: int) -> str:
    """1234567 → "12345,67"."""
    return f"{minor // 100},{minor % 100:02d}"
