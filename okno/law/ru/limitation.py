"""Limitation in Russia: three years, each monthly payment by itself, from the day after its due day.

Reading taken: due 10.09.2020, the term runs from 11.09.2020 and its last day is 10.09.2023. A court order that was
issued and cancelled stops the term; that is known to the case, not here.
"""

from pathlib import Path

from okno.law.limitation import LimitationRules
from okno.law.sheets import load

PARAMETERS = load(Path(__file__).with_suffix(".yaml"))
RULES = LimitationRules(**PARAMETERS)
