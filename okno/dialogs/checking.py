"""A scenario's text looked through before it is spoken: every fault with its line and what to do about it."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext as _
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from okno.dialogs import scenario as scenarios
from okno.dialogs.scenario import BadScenario, Loader, Node, Scenario
from okno.outreach import tone

MOST = 50
"""So many faults are told at once: who has more begins with the first ones."""
NEEDED_ANYWHERE = ("person", "person_busy", "robot_question")
"""A person is within reach everywhere, and the robot owns up to being one."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, on which line of the text (from 1; None when it is of the whole), and what to do."""

    line: int | None
    what: str
    remedy: str

    def __str__(self) -> str:
        if self.line is None:
            return f"{self.what} {self.remedy}"
        return _("строка %(line)s: %(what)s %(remedy)s") % {
            "line": self.line, "what": self.what, "remedy": self.remedy,
        }  # fmt: skip


def check(source: str, name: str) -> tuple[Fault, ...]:
    """Every fault of the text of scenario `name`, by line; empty when it may be spoken."""
    raise NotImplementedError
