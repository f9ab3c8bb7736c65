"""What parts of bills cost, counted with the law's own tables: exact, in whole numbers, rounded once.

The figure is `PenaltyLaw.explain`'s to the last unit, without its rows. Where a table cannot say it (paused days,
rounding row by row) the law is asked for the explanation and its total is taken.
"""

from array import array
from collections.abc import Mapping, Sequence
from datetime import date

from okno.law.calendar import WorkingCalendar
from okno.law.countries import pack
from okno.law.penalty import Arrear, Missing, PenaltyQuestion

_ANY_SUM = 1_000_00
"""Which norms a figure rests on does not depend on the sum."""


class PenaltyUnknown(Exception):
    """A value of the law that matters here has not been entered; the message says which and where to enter it."""

    def __init__(self, missing: Sequence[Missing]) -> None:
        super().__init__(" ".join(dict.fromkeys(gap.message for gap in missing)))
        self.missing = tuple(missing)


class Costs:
    """The tables of one regime under one choice of settings. Made for one piece of work: it does not see new values."""

    def __init__(
        self, country: str, regime: str, settings: Mapping[str, str], *, calendar: WorkingCalendar | None = None
    ) -> None:
        self._law = pack(country).penalty
        self._regime = regime
        self._settings = dict(settings)
        self._calendar = calendar
        self._by_row = settings.get("rounding", "total") != "total"
        self._until = date.min
        self._tables: dict[date, array[int]] = {}
        self._doubts: dict[date, bytes] = {}
        self.denominator = self._law.denominator

    def prepare(self, due_days: Sequence[date], until: date) -> None:
        """Count the tables of these due days at once, through the year of `until`."""
        end = date(until.year, 12, 31)
        if end > self._until:
            due_days = [*self._tables, *due_days]
            self._tables, self._doubts, self._until = {}, {}, end
        wanted = sorted({day for day in due_days if day not in self._tables})
        for due_on in wanted:
            counted = self._law.coefficients(
                self._regime, [due_on], max(self._until, due_on), settings=self._settings, calendar=self._calendar
            )
            self._tables[due_on] = counted.numerators[0]

    def numerator(self, due_on: date, day: date) -> int:
        """What one minor unit due on `due_on` costs when paid, or still open, on `day`, in 1/denominator.

        Raises PenaltyUnknown.
        """
        if day <= due_on:
            return 0
        if due_on not in self._tables or day > self._until:
            self.prepare([due_on], day)
        cost = self._tables[due_on][(day - due_on).days]
        if cost < 0:
            arrear = Arrear(ref="", due_on=due_on, amount_minor=1, regime=self._regime)
            raise PenaltyUnknown(self._law.explain(self.question([arrear], day)).missing)
        return cost

    def is_doubted(self, due_on: date, day: date) -> bool:
        """Whether that cost rests on a norm nobody has verified."""
        if day <= due_on:
            return False
        if due_on not in self._tables or day > self._until:
            self.prepare([due_on], day)
        if due_on not in self._doubts:
            (self._doubts[due_on],) = self._law.doubts(
                self._regime, [due_on], max(self._until, due_on), settings=self._settings, calendar=self._calendar
            )
        return bool(self._doubts[due_on][(day - due_on).days])

    def is_verified(self, due_on: date, day: date) -> bool:
        """Whether every norm behind a bill that is open since this due day was read in the law."""
        arrear = Arrear(ref="", due_on=due_on, amount_minor=_ANY_SUM, regime=self._regime)
        return self._law.explain(self.question([arrear], day)).verified

    def figure(self, arrears: Sequence[Arrear], day: date) -> int:
        """What the arrears cost through `day`, rounded as the settings say. Raises PenaltyUnknown."""
        if self._by_row or any(arrear.paused for arrear in arrears):
            result = self._law.explain(self.question(arrears, day))
            if result.total_minor is None:
                raise PenaltyUnknown(result.missing)
            return result.total_minor
        return rounded(self._exact(arrears, day), self.denominator)

    def _exact(self, arrears: Sequence[Arrear], day: date) -> int:
        total = 0
        for arrear in arrears:
            still_open = arrear.amount_minor
            for paid in arrear.paid:
                if paid.on <= day:
                    still_open -= paid.amount_minor
                    total += paid.amount_minor * self.numerator(arrear.due_on, paid.on)
            if still_open:
                total += still_open * self.numerator(arrear.due_on, day)
        return total

    def question(self, arrears: Sequence[Arrear], day: date) -> PenaltyQuestion:
        """The same as a question to the law, whose answer explains the figure."""
        return PenaltyQuestion(arrears=tuple(arrears), as_of=day, settings=self._settings, calendar=self._calendar)

    @property
    def counts_by_row(self) -> bool:
        """Whether each row is rounded: then no sum of coefficients gives the figure."""
        return self._by_row


def rounded(total: int, denominator: int) -> int:
    """A sum of coefficients as whole minor units: the nearest one, a half goes up."""
    return (2 * total + denominator) // (2 * denominator)
