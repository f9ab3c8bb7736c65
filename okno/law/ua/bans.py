"""When nothing may accrue to the population of Ukraine: the quarantine, ordinance 206, and since 30.12.2023 its rest.

The quarantine forbade penalties only; ordinance 206 forbids 3 % and inflation too. Its rest protects communities on a
list (each with its own days, entered by the operator) and homes damaged by war of which the provider was told. Days of
a ban are not made up for later. Debts born before a ban are treated alike: no exception was found.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from okno.law.dated import Value
from okno.law.entering import read_key
from okno.law.explained import Reading, gettext_noop
from okno.law.penalty import Settings
from okno.law.penalty_spans import FOREVER, NONE, Stretch
from okno.law.sheets import load

PARAMETERS = load(Path(__file__).with_suffix(".yaml"))
QUARANTINE, ORDINANCE = PARAMETERS["quarantine"], PARAMETERS["ordinance_206"]
TERRITORY, DAMAGED_HOME = PARAMETERS["protected_territory"], PARAMETERS["damaged_home"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """Who the debtor is to the bans, and what is known of the list of territories."""

    population: bool
    #: The code of the community; empty when nobody has said.
    territory: str
    damaged_home: bool
    known_as_of: date | None

    def of_penalty(self) -> tuple[Stretch, ...]:
        """Days without a penalty."""
        return (*self._bans(QUARANTINE.values, _QUARANTINE), *self.of_article_625())

    def of_article_625(self) -> tuple[Stretch, ...]:
        """Days without 3 % a year and inflation."""
        home = DAMAGED_HOME.values if self.damaged_home else ()
        listed = [value for value in self._list() if value.key == self.territory]
        return (
            *self._bans(ORDINANCE.values, _ORDINANCE),
            *self._bans(home, _HOME),
            *self._bans(listed, _TERRITORY),
        )

    def unsure(self, since: date, until: date) -> tuple[Reading, ...]:
        """What to say of days on which the community may be under the ban, for all we know."""
        rest = TERRITORY.written[0]
        if not self.population or self.damaged_home or since < rest.since:
            return ()
        listed = self._list()
        if not listed:
            return (rest.reading(_NO_LIST, since=since, until=until, verified=False),)
        if not self.territory:
            return (rest.reading(_NO_TERRITORY, since=since, until=until, verified=False),)
        checked = all(value.verified for value in listed)
        told = {"code": self.territory}
        return (listed[-1].reading(_NOT_LISTED, since=since, until=until, params=told, verified=checked),)

    def _list(self) -> list[Value]:
        return [value for value in TERRITORY.values if value.key and value.was_known(self.known_as_of)]

    def _bans(self, values: Iterable[Value], why: str) -> tuple[Stretch, ...]:
        if not self.population:
            return ()
        return tuple(
            Stretch(
                since=value.since,
                until=value.until or FOREVER,
                value=NONE,
                readings=(value.reading(why, since=value.since, until=value.until or FOREVER),),
            )
            for value in values
            if value.value and value.was_known(self.known_as_of)
        )


def community(text: str) -> str:
    """Read the code of a community as the list writes it. Raises `ValueError` in Russian."""
    return read_key(TERRITORY, text)


def protection(settings: Settings, known_as_of: date | None) -> Protection:
    """The protection of a debtor with these settings."""
    return Protection(
        population=settings["debtor"] == "population",
        territory=community(settings["territory"]),
        damaged_home=settings["damaged_home"] == "yes",
        known_as_of=known_as_of,
    )


_QUARANTINE = gettext_noop("Карантин: пеню населению не начисляют.")
_ORDINANCE = gettext_noop("Постановление 206: ни пени, ни 3 %% годовых, ни инфляции населению не начисляют.")
_HOME = gettext_noop("Дом повреждён войной, исполнителю сообщили: постановление 206 действует.")
_TERRITORY = gettext_noop("Община в перечне территорий: постановление 206 действует.")
_NO_LIST = gettext_noop("Перечень территорий не введён: если община в нём, за эти дни не начисляют ничего.")
_NO_TERRITORY = gettext_noop("Община не указана: если она в перечне территорий, за эти дни не начисляют ничего.")
_NOT_LISTED = gettext_noop("В перечне территорий на эти дни общины %(code)s нет.")
