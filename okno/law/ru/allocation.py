"""Order of payments in Russia: the period the payer named; else the oldest month not time-barred; principal first."""

from pathlib import Path

from okno.law.allocation import AllocationRules
from okno.law.sheets import load

PARAMETERS = load(Path(__file__).with_suffix(".yaml"))
RULES = AllocationRules(**PARAMETERS)
