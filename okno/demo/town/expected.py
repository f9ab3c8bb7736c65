"""What a reader of the town's files must find in them, counted by the writer itself."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass
class FileExpected:
    """One file: rows a reader sees (without headers and totals), how many are good and how many must be set aside.

    `sum_minor` is the sum of the good rows: billed for a turnover, paid for a register or a statement. `unmatched` good
    payments name no account that exists; their money is in `sum_minor` and in `unmatched_minor`.
    """

    name: str
    kind: str
    rows: int = 0
    good: int = 0
    bad: int = 0
    sum_minor: int = 0
    recalculated_minor: int = 0
    unmatched: int = 0
    unmatched_minor: int = 0

    def count(self, *, good: bool = True, amount_minor: int = 0, matched: bool = True) -> None:
        """One more row."""
        self.rows += 1
        if not good:
            self.bad += 1
            return
        self.good += 1
        self.sum_minor += amount_minor
        if not matched:
            self.unmatched += 1
            self.unmatched_minor += amount_minor


@dataclass
class TodayExpected:
    """The register that arrives during the demo: which debtors pay all they owe and which a part."""

    name: str
    in_full: list[str] = field(default_factory=list)
    in_part: list[str] = field(default_factory=list)
    sum_minor: int = 0


@dataclass
class Expected:
    """The whole town. Sums cover good rows and matched payments, in minor units, before the day of the demo.

    `opening_minor` is the sum of opening balances of the first turnover. `closing_minor` is what all accounts owe
    together after everything but the register of today is posted (advances taken off).
    """

    country: str
    currency: str
    seed: int
    today: str
    houses: int
    accounts: int
    files: list[FileExpected] = field(default_factory=list)
    opening_minor: int = 0
    billed_minor: int = 0
    recalculated_minor: int = 0
    paid_minor: int = 0
    payments: int = 0
    bills: int = 0
    closing_minor: int = 0
    register_today: TodayExpected | None = None

    def add(self, file: FileExpected) -> None:
        """Count a finished file in."""
        self.files.append(file)
        if file.kind == "turnover":
            self.bills += file.good
            self.billed_minor += file.sum_minor
            self.recalculated_minor += file.recalculated_minor
        elif file.kind in ("register", "statement"):
            self.payments += file.good - file.unmatched
            self.paid_minor += file.sum_minor - file.unmatched_minor

    def close(self) -> None:
        """Work out what is owed once every file is counted in."""
        self.closing_minor = self.opening_minor + self.billed_minor + self.recalculated_minor - self.paid_minor

    def write(self, path: Path) -> None:
        """Write town.json."""
        path.write_text(json.dumps(asdict(self), ensure_ascii=False, indent=1), "utf-8")
