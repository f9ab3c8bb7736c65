"""Hours and frequency of contacts with debtors in Kazakhstan: the organisation's policy.

The law on collectors covers bank loans and microcredits only; its limits (weekdays 08:00–21:00, three contacts a day)
are the yardstick, and the default is stricter.
"""

from pathlib import Path

from okno.law.contact import ContactRules
from okno.law.sheets import load

PARAMETERS = load(Path(__file__).with_suffix(".yaml"))
RULES = ContactRules(**PARAMETERS)
