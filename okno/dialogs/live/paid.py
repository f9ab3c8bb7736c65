"""Money that comes during a talk: which of its accounts it concerns, and what the talk then knows of them. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from okno.dialogs import turn as turns
from okno.dialogs.turn import State

NO_DEBT: Mapping[str, Any] = {"debt": None, "months": None, "plan_payments": None, "plan_minor": None}


def accounts_of(told: Mapping[str, Any], account_id: int | None) -> frozenset[int]:
    """Every account a talk may speak of: its call's, and those among its facts."""
    known = {one.get("account_id") for one in told.get("accounts") or ()}
    return frozenset(one for one in (*known, told.get("account_id"), account_id) if one is not None)


def in_hand(state: State, account_id: int | None) -> int | None:
    """The account the talk is about now: the one chosen in it, else its call's."""
    return state.slots.get("account_id") or state.facts.get("account_id") or account_id


def speaks_of(state: State | None, paid_id: int, account_id: int | None) -> bool:
    """Whether the debt of the paid account was told and nothing more urgent has come up since."""
    if state is None or not state.confirmed or state.slots.get(turns.DANGER):
        return False
    return bool(state.slots.get("debt")) and in_hand(state, account_id) == paid_id


def without_debt(state: State, paid: Collection[int]) -> State:
    """The state knowing that these accounts owe nothing: whoever asks about one of them hears that it is paid."""
    told = [{**one, **NO_DEBT} if one.get("account_id") in paid else one for one in state.facts.get("accounts") or ()]
    facts = {**state.facts, "accounts": told} if told else state.facts
    slots = {**state.slots, **NO_DEBT} if state.slots.get("account_id") in paid else state.slots
    return replace(state, facts=facts, slots=slots)
