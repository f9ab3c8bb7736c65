"""Scenarios in their versions, call campaigns, calls turn by turn, what they brought, and the people who take over."""

from okno.dialogs.models.agents import Agent, AgentState, CallBack
from okno.dialogs.models.calls import Call, CallAction, CallState, CallTurn, Direction, Speaker
from okno.dialogs.models.campaigns import CallCampaign, Mode
from okno.dialogs.models.listening import Correction, Listening
from okno.dialogs.models.prices import MinutePrice
from okno.dialogs.models.scenarios import ScenarioState, ScenarioVersion

__all__ = [
    "Agent", "AgentState", "Call", "CallAction", "CallBack", "CallCampaign", "CallState", "CallTurn", "Correction",
    "Direction", "Listening", "MinutePrice", "Mode", "ScenarioState", "ScenarioVersion", "Speaker",
]  # fmt: skip
