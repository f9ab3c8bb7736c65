"""What the place says of calls made for its agent: whose phone rings now, and what became of the last one."""

from dataclasses import dataclass
from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from okno.common import clock
from okno.dialogs.dialler import KEPT, retry
from okno.dialogs.live.staffed import NOBODY
from okno.dialogs.models import Agent, AgentState, Call, CallState, Mode
from okno.outreach.models import ContactState
from okno.telephony.leg import Kind
from okno.web.desk.calling import words
from okno.web.parts.words import moment_text

_AT_ONCE = timedelta(minutes=1)

_STAGES = {
    CallState.TO_AGENT: gettext_lazy("Звонит ваш телефон: снимите трубку. Жителя наберём, когда вы ответите."),
    CallState.DIALLING: gettext_lazy("Набираем жителя."),
    CallState.RINGING: gettext_lazy("У жителя звонит телефон."),
}

_NOT_RUNG = {
    retry.NO_AGENT: (
        gettext_lazy("Ваш телефон не ответил, жителю не звонили."),
        gettext_lazy("Проверьте, куда приходят звонки, нажмите «Я на месте» и позвоните снова: карточка за вами."),
    ),
    retry.AGENT_DECLINED: (
        gettext_lazy("Ваш телефон занят или отклонил звонок, жителю не звонили."),
        gettext_lazy("Освободите телефон и позвоните снова: карточка за вами."),
    ),
    retry.AGENT_LEFT: (
        gettext_lazy("Вы положили трубку раньше, чем у жителя зазвонил телефон."),
        gettext_lazy("Позвоните снова: карточка за вами."),
    ),
}


@dataclass(frozen=True, slots=True)
class Said:
    """A notice: how it is drawn, what it begins with and what there is to do."""

    tone: str
    icon: str
    title: str
    text: str


def stage(call: Call | None) -> str:
    """Whose phone rings; "" once somebody has answered: then there is something to fill in."""
    return str(_STAGES.get(CallState(call.state), "")) if call is not None else ""


def last(agent: Agent) -> Said | None:
    """What became of the agent's last call, while it came to no talk and is fresh."""
    call = Call.objects.filter(agent=agent.user_id).select_related("person", "contact").order_by("-pk").first()
    if call is None or call.ended_at is None:
        return None
    if call.result == NOBODY and agent.state == AgentState.AWAY and abs(agent.changed_at - call.ended_at) <= _AT_ONCE:
        return Said(
            "warn",
            "phone-off",
            _("Ваш телефон не ответил."),
            _(
                "Человек снял трубку и никого не услышал, поэтому вы не на месте. Проверьте, куда приходят звонки, "
                "и нажмите «Я на месте»."
            ),
        )
    if call.mode != Mode.PREVIEW or call.outcome == Kind.ANSWERED or clock.now() - call.ended_at > KEPT:
        return None
    return _came_to_nothing(call)


def _came_to_nothing(call: Call) -> Said:
    if call.outcome == Kind.CANCELLED and call.words in _NOT_RUNG:
        title, text = _NOT_RUNG[call.words]
        return Said("warn", "phone-off", str(title), str(text))
    if call.outcome == Kind.CANCELLED and call.words == "paid":
        return Said("good", "check", _("Пришла оплата."), _("Звонить больше не нужно."))
    badge = words.outcome(call.outcome)
    who = call.person.full_name if call.person else call.address
    return Said("note", "phone-off", f"{who}: {badge.text if badge else ''}.", _again(call))


def _again(call: Call) -> str:
    """When the person is to be called again."""
    contact = call.contact
    if contact is None or contact.state != ContactState.WAITING:
        return ""
    return _("Снова — не раньше %(at)s.") % {"at": moment_text(contact.not_before)}
