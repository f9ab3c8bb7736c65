"""A figure with its reasons: what the resident, the lawyer and the API are shown is made by the same code."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Generic, Literal, TypeVar

T = TypeVar("T")

#: Whether the law itself sets the value, or the organisation does where the law is silent.
Basis = Literal["law", "policy"]

_NO_PARAMS: Mapping[str, object] = MappingProxyType({})


def gettext_noop(text: str) -> str:
    """Mark a Russian text for translation and leave it as it is; pages translate it when they show it."""
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One row of an explanation."""

    #: The days the row speaks of, both inclusive.
    since: date
    until: date
    #: A Russian text with %(name)s places for `params`; translate it first, then fill it in.
    why: str
    params: Mapping[str, object] = field(default_factory=lambda: _NO_PARAMS)
    #: The law's article (or the policy and its yardstick), as the value's source tells it.
    norm: str
    #: The first day of the wording or value that was used.
    edition: date
    #: False when nobody has read the text of the law yet, or when its reading is disputed.
    verified: bool
    basis: Basis = "law"
    #: What is doubtful about the value or wording itself; empty when it was checked, or when the reading is in doubt.
    doubt: str = ""

    @property
    def text(self) -> str:
        """The reason in Russian."""
        return self.why % self.params


@dataclass(frozen=True, slots=True)
class Explained(Generic[T]):
    """A value with the rows it was made from."""

    value: T
    rows: tuple[Reading, ...]

    @property
    def verified(self) -> bool:
        """Whether every row was checked against the text of the law."""
        return all(row.verified for row in self.rows)
