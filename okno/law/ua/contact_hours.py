"""Hours and frequency of contacts with debtors in Ukraine: the organisation's policy.

Закон 1349-IX covers consumer credit; its limits (two contacts a day, no nights, weekends or holidays) are the
yardstick, and the default is stricter. Under martial law holidays are working days, so contacts are allowed on them.
"""

from pathlib import Path

from okno.law.contact import ContactRules
from okno.law.sheets import load

PARAMETERS = load(Path(__file__).with_suffix(".yaml"))
RULES = ContactRules(**PARAMETERS)
