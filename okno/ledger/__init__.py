"""Accounts, bills, payments and how one pays for the other, to the kopeck.

`posting.post` is the only door by which money moves; `exchange` and the screens call it, `debts` and `outreach` read
open bills and answer its question "what follows from this posting?" (`effects`) inside the same transaction. Amounts
are integers of the minor unit of the organisation's one currency. Nothing is edited or deleted: a mistake is reversed.
The room never sends anything, never reads a file and never decides who is a debtor.
"""
