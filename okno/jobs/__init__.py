"""Work that is done later: a thin face over the queue in PostgreSQL, and signals to open pages.

Rooms name their tasks with `queue.task` (in a `tasks.py`, found at start) and put jobs with `queue.defer` inside their
own transaction: a job is there when what it speaks of was committed, and not there when it was rolled back. A worker
killed in the middle leaves its job to the next one, so every task must bear being run twice. The room knows no trade
and never swallows a failure: a failed job stays in its table with the traceback in the log.
"""
