"""Calls that an agent makes by hand, after looking at the card first (`Mode.PREVIEW`)."""

from dataclasses import dataclass
from datetime import datetime

from okno.dialogs.models import Agent, Call, CallCampaign
from okno.outreach.models import Contact


class NotNow(Exception):
    """This person may not be called now; the message says why in words."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """A contact kept for one agent until `until`; nobody else is offered it meanwhile."""

    contact: Contact
    campaign: CallCampaign
    until: datetime


def offer(agent: Agent, campaign: CallCampaign, now: datetime) -> Offer | None:
    """The next person of the campaign for this agent to look at; None when nobody is due."""
    raise NotImplementedError


def dial(agent: Agent, contact_id: int, operator: str, now: datetime) -> Call:
    """Let the offered contact through the gate and claim it for the agent. Raises NotNow with the gate's reasons.

    The call's row is in DIALLING with the agent on it; `may_still` is to be asked before the INVITE as ever.
    """
    raise NotImplementedError


def put_off(agent: Agent, contact_id: int, minutes: int, why: str, now: datetime) -> bool:
    """The agent leaves the offered person for later; False when it is no longer theirs."""
    raise NotImplementedError
