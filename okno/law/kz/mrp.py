"""The monthly calculation index of Kazakhstan: what fees, caps and least dues are counted in. Known year by year."""

from pathlib import Path

from okno.law.sheets import load

PARAMETERS = load(Path(__file__).with_suffix(".yaml"))
MONTHLY_INDEX = PARAMETERS["monthly_index"]
