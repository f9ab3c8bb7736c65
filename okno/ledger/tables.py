"""The tables of a posting and the columns it writes, in the order of a row to be sent."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """A table by its name, its columns with their types in PostgreSQL."""

    name: str
    types: dict[str, str]

    @property
    def columns(self) -> str:
        return ", ".join(self.types)

    @property
    def insertion(self) -> str:
        """The statement that inserts rows given as JSON: a list of objects."""
        typed = ", ".join(f"{name} {kind}" for name, kind in self.types.items())
        return f"INSERT INTO {self.name} ({self.columns}) SELECT * FROM json_to_recordset(%s) AS given ({typed})"


BILL = Table(
    "ledger_bill",
    {
        "id": "int8",
        "organisation_id": "int8",
        "account_id": "int8",
        "entry_id": "int8",
        "version": "int4",
        "kind": "varchar",
        "regime": "varchar",
        "month": "date",
        "due_on": "date",
        "amount_minor": "int8",
        "lines": "jsonb",
        "source_key": "varchar",
    },
)
OPEN_BILL = Table(
    "ledger_openbill",
    {
        "bill_id": "int8",
        "organisation_id": "int8",
        "account_id": "int8",
        "kind": "varchar",
        "regime": "varchar",
        "month": "date",
        "due_on": "date",
        "amount_minor": "int8",
        "open_minor": "int8",
    },
)
PAYMENT = Table(
    "ledger_payment",
    {
        "id": "int8",
        "organisation_id": "int8",
        "account_id": "int8",
        "entry_id": "int8",
        "version": "int4",
        "kind": "varchar",
        "value_on": "date",
        "amount_minor": "int8",
        "free_minor": "int8",
        "stated_month": "date",
        "regime": "varchar",
        "purpose": "text",
        "payer": "varchar",
        "source_key": "varchar",
    },
)
ALLOCATION = Table(
    "ledger_allocation",
    {
        "organisation_id": "int8",
        "account_id": "int8",
        "entry_id": "int8",
        "version": "int4",
        "payment_id": "int8",
        "bill_id": "int8",
        "amount_minor": "int8",
    },
)
LATE_SHARE = Table(
    "ledger_lateshare",
    {
        "organisation_id": "int8",
        "account_id": "int8",
        "regime": "varchar",
        "bill_id": "int8",
        "payment_id": "int8",
        "due_on": "date",
        "value_on": "date",
        "amount_minor": "int8",
    },
)
