"""Months of the ledger: what moved in each, by account, house and service, and which are closed.

Every entry has an accounting day; the month it lies in is the month of all its rows, whatever month was billed and on
whatever day the money counts as paid. A closed month never changes: the database refuses an entry dated in it by any
path, `posting.post` dates what comes late on the first open day. `exchange`, the screens and the command line call it;
it moves no money, judges no debtor and knows nothing of files.
"""
