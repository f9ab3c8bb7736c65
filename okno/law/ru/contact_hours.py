"""Hours and frequency of contacts with debtors in Russia.

230-ФЗ does not bind a manager calling its own debtors (ст. 1), yet its ст. 7 is the only official yardstick, so it is
the organisation's policy by default: silent from 22:00 to 08:00, on days off from 20:00 to 09:00.
"""

from pathlib import Path

from okno.law.contact import ContactRules
from okno.law.sheets import load

PARAMETERS = load(Path(__file__).with_suffix(".yaml"))
RULES = ContactRules(**PARAMETERS)
