"""The law's answer about a penalty for machines: the figure, its rows and what is missing, as plain values.

The same on the terminal (`okno penalty --json`) and in the program interface of the desk.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from okno.law.explained import Reading
from okno.law.penalty import PenaltyResult, PenaltyRow


def figure(result: PenaltyResult) -> dict[str, Any]:
    """The figure in minor units (null where a value is missing), its rows and what is missing.

    In a row `from` and `to` are included, `rate` is per cent a year as a decimal, `share` a fraction, `amount` exact.
    """
    return {
        "total_minor": result.total_minor,
        "verified": result.verified,
        "lines": [
            {
                "line": line.line,
                "total_minor": line.minor,
                "amount": line.exact if line.exact is None else decimal_text(line.exact / 100),
            }
            for line in result.lines
        ],
        "rows": [_row(row) for row in result.rows],
        "missing": [{"name": gap.name, "day": gap.day.isoformat(), "message": gap.message} for gap in result.missing],
        "readings": [
            {"why": reading.text, "norm": reading.norm, "verified": reading.verified} for reading in result.readings
        ],
        "settings": dict(result.settings),
    }


def _row(row: PenaltyRow) -> dict[str, Any]:
    return {
        "line": row.line,
        "bill": row.bill,
        "from": row.since.isoformat(),
        "to": row.until.isoformat(),
        "days": row.days,
        "base_minor": row.base_minor,
        "rate": decimal_text(row.rate * 100),
        "share": str(row.share),
        "amount": decimal_text(row.exact / 100),
        "norm": _norms(row.readings),
        "why": " ".join(reading.text for reading in row.readings),
        "verified": row.verified,
    }


def _norms(readings: Sequence[Reading]) -> str:
    return "; ".join(dict.fromkeys(reading.norm for reading in readings))


def decimal_text(number: Fraction) -> str:
    """A fraction as a decimal, exact where it ends and to twelve places where it does not."""
    decimal = round(Decimal(number.numerator) / Decimal(number.denominator), 12)
    text = f"{decimal:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
