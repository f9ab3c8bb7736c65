"""One pass of an import over its rows: the dry one that shows the difference and the real one are the same code."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from django.db import connection

from okno.access.actor import Actor
from okno.access.models import Organisation
from okno.exchange.formats.records import Problem, Remark
from okno.exchange.models import Import, ImportChange
from okno.exchange.progress import Progress
from okno.exchange.staging import Cursor

Verdict = Literal["new", "changed", "same", "duplicates", "unmatched"]

#: Rows of each verdict kept to be shown before posting.
SAMPLES = 20


@dataclass
class Tally:
    """What a pass found. Sums are minor units: `file` as the rows say, `system` as the books stood before."""

    counts: Counter[str] = field(default_factory=Counter)
    samples: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    file: Counter[str] = field(default_factory=Counter)
    system: Counter[str] = field(default_factory=Counter)
    set_aside: dict[int, list[Problem]] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)

    def saw(self, verdict: Verdict, sample: dict[str, Any] | None = None, *, times: int = 1) -> None:
        """Count rows of a verdict; `sample` is kept while few are."""
        self.counts[verdict] += times
        if sample is not None and len(kept := self.samples.setdefault(verdict, [])) < SAMPLES:
            kept.append(sample)

    def wants_sample(self, verdict: Verdict) -> bool:
        """Whether a sample of this verdict would still be kept."""
        return len(self.samples.get(verdict, ())) < SAMPLES

    def complain(self, number: int, problem: Problem) -> None:
        """Set a row aside: it waits in quarantine and nothing of it is posted."""
        self.set_aside.setdefault(number, []).append(problem)

    def digest(self) -> dict[str, Any]:
        """What a person was shown and agreed to; the real pass must come to the same."""
        verdicts = {verdict: self.counts[verdict] for verdict in ("new", "changed", "same", "unmatched")}
        sums = {f"file_{name}": amount for name, amount in self.file.items()}
        return verdicts | sums | {"set_aside": len(self.set_aside)}


@dataclass
class Run:
    """What a pass works with. `part` names this posting among those of the import ("" or "row:17")."""

    source: Import
    actor: Actor
    cursor: Cursor
    today: date
    progress: Progress
    writes: bool
    part: str = ""
    tally: Tally = field(default_factory=Tally)
    entry_ids: list[int] = field(default_factory=list)

    @property
    def organisation(self) -> Organisation:
        return self.source.organisation

    def setting(self, name: str) -> bool:
        """A choice of the person for this import."""
        return bool(self.source.settings.get(name))

    def key(self, number: int) -> str:
        """The key of the pass's posting number so-and-so: the same pass twice posts once."""
        return ":".join(str(word) for word in ("import", self.source.pk, self.part, number) if word != "")

    def keep(self, changes: Sequence[ImportChange]) -> None:
        """Remember what was changed outside the ledger, for taking the import back."""
        if self.writes and changes:
            ImportChange.objects.bulk_create(changes, batch_size=5_000)


def lock(import_id: int) -> None:
    """One at a time works on an import; the next waits. Holds until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('okno.exchange.import', %s))", [import_id])


def lock_organisation(organisation_id: int) -> None:
    """One import of an organisation is written at a time: two files with the same new rows never meet half-way."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('okno.exchange.write', %s))", [organisation_id])
