"""Order of payments in Kazakhstan: no rule was found; the oldest month first is the organisation's policy."""

from pathlib import Path

from okno.law.allocation import AllocationRules
from okno.law.sheets import load

PARAMETERS = load(Path(__file__).with_suffix(".yaml"))
RULES = AllocationRules(**PARAMETERS)
