"""Calls by a machine in Ukraine: no ban was found; the organisation's policy stands, unverified."""

from pathlib import Path

from okno.law.sheets import load

PARAMETERS = load(Path(__file__).with_suffix(".yaml"))
NEEDS_CONSENT = PARAMETERS["needs_consent"]
