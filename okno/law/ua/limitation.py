"""Limitation in Ukraine: three years for a debt, one for a penalty; it stood still until 03.09.2025.

The quarantine and the martial law stopped the term (ЦК, прикінцеві положення п. 12, 19); it runs again since
04.09.2025 (закон 4434-IX). Reading taken: days of a stop do not count, the rest of the term follows them.
"""

from pathlib import Path

from okno.law.limitation import LimitationRules
from okno.law.sheets import load

PARAMETERS = load(Path(__file__).with_suffix(".yaml"))
RULES = LimitationRules(years=PARAMETERS["years"], stops=PARAMETERS["stops"])
PENALTY_RULES = LimitationRules(years=PARAMETERS["penalty_years"], stops=PARAMETERS["stops"])
