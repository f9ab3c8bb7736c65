"""Until which day a debt can be claimed in court: years from the day after the due day, with stops.

Used to allocate payments that name no period (they must not go to time-barred months) and to warn before the day.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from okno.common.days import add_years
from okno.law.dated import Parameter
from okno.law.explained import Explained, Reading, gettext_noop

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitationRules:
    """One country's limitation of debts for monthly payments. `stops` are periods in which the term stands still."""

    years: Parameter
    stops: Parameter | None = None

    def ends(self, due_on: date) -> Explained[date | None]:
        """The last day on which the debt due on `due_on` is not time-barred; None when limitation does not apply."""
        begins = due_on + _ONE_DAY
        term = self.years.at(begins)
        if term.value is None:
            why = gettext_noop("Исковая давность к этому долгу не применяется.")
            return Explained(None, (term.reading(why, since=begins, until=begins),))
        stops, rows = self._stops(due_on)
        for stop_since, stop_until in stops:
            if stop_since <= begins <= stop_until:
                begins = stop_until + _ONE_DAY
        # Years end on the number of the day before the first: 28.02.2024 with three years ends on 28.02.2027, not a day
        # earlier because 2027 has no 29.02 (ГК РФ ст. 192).
        last = add_years(begins - _ONE_DAY, term.value)
        for stop_since, stop_until in stops:
            if begins <= stop_since <= last:
                last = stop_until + (last - stop_since) + _ONE_DAY
        why = gettext_noop("Срок давности, лет: %(years)s. Он идёт со следующего дня после срока оплаты.")
        row = term.reading(why, since=begins, until=last, params={"years": term.value})
        touched = tuple(stop for stop in rows if stop.until >= due_on and stop.since <= last)
        return Explained(last, (row, *touched))

    def is_time_barred(self, due_on: date, on_day: date) -> bool:
        """Whether on `on_day` the debt due on `due_on` can no longer be claimed."""
        last = self.ends(due_on).value
        return last is not None and on_day > last

    def _stops(self, due_on: date) -> tuple[list[tuple[date, date]], tuple[Reading, ...]]:
        """Stops joined where they touch, in order, and a row for each of them."""
        if self.stops is None:
            return [], ()
        value = self.stops.at(due_on)
        periods = [(date.fromisoformat(period["since"]), date.fromisoformat(period["until"])) for period in value.value]
        why = gettext_noop("В это время срок давности не шёл.")
        rows = tuple(value.reading(why, since=since, until=until) for since, until in periods)
        return _joined(periods), rows


def _joined(periods: Iterable[tuple[date, date]]) -> list[tuple[date, date]]:
    joined: list[tuple[date, date]] = []
    for since, until in sorted(periods):
        if joined and since <= joined[-1][1] + _ONE_DAY:
            joined[-1] = (joined[-1][0], max(joined[-1][1], until))
        else:
            joined.append((since, until))
    return joined
