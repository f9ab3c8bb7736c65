"""What late payment costs an account: figured every day, posted by the month or at payment, explained, waived, paused.

The figure is the law's (`okno.law.penalty`); here its question is put together from bills and allocations, and its
answer becomes bills of kind "penalty", posted only through `ledger.posting`. When a fact arrives late, what was posted
is made equal to what it would have been, in the transaction of that fact (`reposting`). Pages, the bill, the nightly
cycle and the command line call it. It never decides what a penalty is, and never edits what was posted.
"""
