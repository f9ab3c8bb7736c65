"""Where the cost of a delay rests on a norm nobody has read in the law: by paying day, as `penalty_tables` has costs.

A mark stands from the first day of delay that needs such a norm; the rate of the payment marks its own days only.
"""

from collections.abc import Iterable, Sequence
from datetime import date

from okno.law.penalty_spans import ONE_DAY, Share, Stretch

READ, NOT_READ = 0, 1


def doubts(shares: Sequence[Share], due_on: date, first: date, until: date, *, last_day_counts: bool = True) -> bytes:
    """1 for each paying day from `first` to `until` (both inclusive) with a norm not verified behind its cost, else 0.

    `shares` reach from the day after `due_on` to `until`, see `spans`. A ceiling adds no norm before it is reached and
    is left out.
    """
    marks = bytearray((until - first).days + 1)
    waits = 0 if last_day_counts else 1

    def mark(since: date, through: date) -> None:
        begin, end = max(0, (since - first).days), (min(through, until) - first).days + 1
        marks[begin:end] = bytes([NOT_READ]) * max(0, end - begin)

    for share in shares:
        begins = share.since + waits * ONE_DAY
        if not _is_read(share):
            mark(begins, until)
        if not share.value:
            continue
        if share.rates.of == "each_day":
            for rate in _not_read(share.rates.between(share.since, share.until)):
                mark(rate.since + waits * ONE_DAY, until)
        else:
            for rate in _not_read(share.rates.between(begins, until) if begins <= until else ()):
                mark(rate.since, rate.until)
    return bytes(marks)


def _is_read(stretch: Stretch) -> bool:
    return all(reading.verified for reading in stretch.readings)


def _not_read(stretches: Iterable[Stretch]) -> Iterable[Stretch]:
    return (stretch for stretch in stretches if not _is_read(stretch))
