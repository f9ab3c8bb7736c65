"""Limitation in Kazakhstan: none for dues (ст. 34-1 п. 9)."""

from pathlib import Path

from okno.law.limitation import LimitationRules
from okno.law.sheets import load

PARAMETERS = load(Path(__file__).with_suffix(".yaml"))
RULES = LimitationRules(**PARAMETERS)
