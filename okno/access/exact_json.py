"""JSON for values of the law: a rate of 14.25 is read back as exactly that, not as the nearest binary number."""

import json
from decimal import Decimal
from typing import Any


class ExactEncoder(json.JSONEncoder):
    """Writes a Decimal as a number. The digits of a rate are few: the shortest text of its float is the rate itself."""

    def default(self, o: Any) -> Any:
        """What json cannot write by itself."""
        return float(o) if isinstance(o, Decimal) else super().default(o)


class ExactDecoder(json.JSONDecoder):
    """Reads a fraction as a Decimal."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "parse_float": Decimal})
