"""A link to the organisation's own page of payment: where there is no national code for a bill (Kazakhstan)."""

import re
from urllib.parse import quote

from okno.common.money import plain_minor
from okno.exchange.paper.codes.unfit import UnfitForCode

#: What may stand in the address in braces.
PLACES = ("account", "sum")


def link(pattern: str, *, account: str, amount_minor: int) -> bytes:
    """The address with the account's number and the sum (with a point, in tenge) in the places {account} and {sum}.

    An address without {account} gets it as a parameter, so that the payer need not type it. Raises UnfitForCode.
    """
    if not re.fullmatch(r"https?://[^\s<>\"]+", pattern):
        raise UnfitForCode("Ссылка", "нужен адрес, который начинается с https://")
    unknown = sorted(set(re.findall(r"\{(\w*)\}", pattern)) - set(PLACES))
    if unknown:
        raise UnfitForCode("Ссылка", f"в фигурных скобках бывает {{account}} и {{sum}}, а здесь {{{unknown[0]}}}")
    if "{account}" not in pattern:
        pattern += ("&" if "?" in pattern else "?") + "account={account}"
    filled = pattern.replace("{account}", quote(account, safe="")).replace("{sum}", plain_minor(amount_minor))
    return filled.encode()
