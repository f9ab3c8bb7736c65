"""Deeds of the conversation itself: handing over, calling back, silence."""

from collections.abc import Mapping

from okno.dialogs.live import call_backs
from okno.dialogs.performing.deed import Deed, DeedDone, noted


def call_back(deed: Deed) -> str:
    """Nobody was free: we owe a call, within the law's minutes from the moment it was said."""
    words = deed.words or str(deed.call.slots.get("text") or deed.call.slots.get("words") or "")
    return f"call_back:{call_backs.owe(deed.call, deed.action.created_at, words=words).pk}"


DEEDS: Mapping[str, DeedDone] = {"call_back": call_back, "transfer": noted, "nobody": noted}
