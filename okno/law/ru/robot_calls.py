"""Calls by a machine in Russia: since 01.09.2025 only with consent, informational ones too, and labelled (41-ФЗ)."""

from pathlib import Path

from okno.law.sheets import load

PARAMETERS = load(Path(__file__).with_suffix(".yaml"))
NEEDS_CONSENT = PARAMETERS["needs_consent"]
NEEDS_LABEL = PARAMETERS["needs_label"]
