"""The rail's menu: at most seven entries a role, each a screen with its `G` key."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from okno.access.models import Membership, Role
from okno.access.roles import may


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One screen: its name in addresses (`desk:portfolio`), words, drawing and the key after `G`."""

    page: str
    title: str | Promise
    icon: str
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """The number beside an entry; its tone is `idle`, `warn` or `late`."""

    value: int
    tone: str = "idle"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An entry as a page shows it."""

    entry: Entry
    url: str
    current: bool
    count: Count | None


_REQUESTS = Entry(page="desk:requests", title=_("Заявки"), icon="clipboard-list", key="KeyZ")
_INCIDENTS = Entry(page="desk:incidents", title=_("Отключения"), icon="siren", key="KeyO")
_MISSED = Entry(page="desk:missed", title=_("Перезвоны"), icon="phone-missed", key="KeyV")
_HOUSES = Entry(page="desk:houses", title=_("Дома"), icon="building-2", key="KeyH")
_ACCOUNTS = Entry(page="desk:accounts", title=_("Лицевые счета"), icon="users", key="KeyL")
_PORTFOLIO = Entry(page="desk:portfolio", title=_("Долги"), icon="hand-coins", key="KeyD")
_CALLING = Entry(page="desk:calling", title=_("Обзвон"), icon="phone-outgoing", key="KeyC")
_CALLS = Entry(page="desk:calls", title=_("Звонки"), icon="phone", key="KeyK")
_SEAT = Entry(page="desk:seat", title=_("Рабочее место"), icon="phone-call", key="KeyW")
_PROMISES = Entry(page="desk:promises", title=_("Обещания"), icon="handshake", key="KeyB")
_SENDING = Entry(page="desk:sending", title=_("Рассылки"), icon="send", key="KeyR")
_OUTBOX = Entry(page="desk:outbox", title=_("Отправленное"), icon="mail-check", key="KeyM")
_TODAY = Entry(page="desk:today", title=_("Сегодня"), icon="layout-dashboard", key="KeyT")
_IMPORT = Entry(page="desk:imports", title=_("Импорт"), icon="folder-input", key="KeyI")
_PAYMENTS = Entry(page="desk:payments", title=_("Разнесение"), icon="split", key="KeyP")
_MONTHS = Entry(page="desk:months", title=_("Месяцы"), icon="calendar-days", key="KeyM")
_BILLS = Entry(page="desk:prints", title=_("Квитанции"), icon="printer", key="KeyB")
_STAFF = Entry(page="desk:staff", title=_("Люди и права"), icon="user-cog", key="KeyP")
_RULES = Entry(page="desk:rules", title=_("Правила"), icon="gavel", key="KeyU")
_HEALTH = Entry(page="desk:health", title=_("Здоровье"), icon="activity", key="KeyX")
_TRAIL = Entry(page="desk:trail", title=_("Журнал действий"), icon="history", key="KeyJ")
_WORKS = Entry(page="field:works", title=_("Мои работы"), icon="wrench", key="KeyR")
_HOME = Entry(page="cabinet:home", title=_("Главная"), icon="house")

# Seven at most: what a role opens every day. The rest is one tab away (settings, what left) or found by Ctrl+K.
MENUS: dict[str, tuple[Entry, ...]] = {
    Role.DISPATCHER: (_SEAT, _REQUESTS, _INCIDENTS, _MISSED, _CALLS, _ACCOUNTS, _HOUSES),
    Role.DEBT_SPECIALIST: (_PORTFOLIO, _CALLING, _SENDING, _PROMISES, _SEAT, _ACCOUNTS, _PAYMENTS),
    Role.DIRECTOR: (_TODAY, _PORTFOLIO, _SENDING, _ACCOUNTS, _MONTHS, _RULES, _STAFF),
    Role.ACCOUNTANT: (_IMPORT, _PAYMENTS, _MONTHS, _BILLS, _ACCOUNTS, _PORTFOLIO, _RULES),
    Role.INSTALLER: (_HEALTH, _STAFF, _RULES, _IMPORT, _SENDING, _ACCOUNTS, _TRAIL),
    Role.FIELD_WORKER: (_WORKS, _HOUSES),
    Role.CONTRACTOR: (_WORKS,),
    Role.PARTNER: (),
    Role.RESIDENT: (_HOME,),
}

# Screens that not every menu has room for, with the permission of each: found by their words in the search box.
APART: tuple[tuple[Entry, str], ...] = (
    (_IMPORT, "exchange.view"),
    (_SENDING, "outreach.view"),
    (_CALLING, "outreach.view"),
    (_OUTBOX, "outreach.view"),
    (_PROMISES, "promises.view"),
    (_CALLS, "calls.view"),
    (Entry(page="desk:calls_live", title=_("Звонки сейчас"), icon="phone-call"), "calls.view"),
    (Entry(page="desk:listening", title=_("Прослушивание звонков"), icon="list-checks"), "calls.listen"),
    (Entry(page="desk:call_results", title=_("Результаты звонков"), icon="chart-column"), "calls.results"),
    (Entry(page="desk:scenarios", title=_("Сценарии"), icon="route"), "scenarios.view"),
    (_SEAT, "calls.take"),
    (_MISSED, "calls.take"),
    (_REQUESTS, "requests.view"),
    (_INCIDENTS, "requests.view"),
    (_HOUSES, "houses.view"),
    (_PAYMENTS, "exchange.view"),
    (Entry(page="desk:quarantine", title=_("Строки с ошибками"), icon="shield-alert"), "exchange.view"),
    (Entry(page="desk:exchange", title=_("Обмен: источники, архив, выгрузки"), icon="arrow-down-up"), "exchange.view"),
    (_MONTHS, "months.view"),
    (_BILLS, "bills.print"),
    (_TRAIL, "access.view_trail"),
    (_RULES, "settings.view"),
    (Entry(page="desk:penalty_posting", title=_("Пени за месяц"), icon="percent"), "penalties.post"),
    (Entry(page="desk:penalty_calculator", title=_("Калькулятор пени"), icon="percent"), "ledger.view"),
    (Entry(page="desk:penalty_terms", title=_("Пени: условия"), icon="percent"), "settings.view"),
    (Entry(page="desk:payment_details", title=_("Реквизиты"), icon="receipt-text"), "settings.view"),
    (Entry(page="desk:calendar", title=_("Рабочий календарь"), icon="calendar-days"), "settings.view"),
    (Entry(page="desk:law", title=_("Нормы и ставки"), icon="landmark"), "settings.view"),
)

Counter = Callable[[Membership], Count | None]
_counters: dict[str, Counter] = {}


def register_count(page: str, counter: Counter) -> None:
    """Let a page show a number beside its entry. It is asked at every page: one cheap query."""
    _counters[page] = counter


def links(membership: Membership, *, path: str, counted: bool = True) -> list[Link]:
    """The menu of a membership; the entry whose address `path` lies under is the current one."""
    found = []
    for entry in MENUS[membership.role]:
        url = reverse(entry.page)
        counter = _counters.get(entry.page) if counted else None
        current = path == url or (url != "/" and path.startswith(url))
        count = counter(membership) if counter else None
        found.append(Link(entry=entry, url=url, current=current, count=count))
    return found


def apart(membership: Membership) -> list[Link]:
    """Screens that the person may open and that have no place in his menu."""
    return [
        Link(entry=entry, url=reverse(entry.page), current=False, count=None)
        for entry, permission in APART
        if entry not in MENUS[membership.role] and may(membership, permission)
    ]
