"""A town that never was: the files its managing organisation would hand over, alike for the same seed.

Called by the demo, by tests and by benchmarks. It writes files only and knows nothing of the database: the town reaches
Okno through the importer, like any customer. It never reads the clock and never keeps a whole town's history in memory.
"""

from .files import Expected, FileExpected, TodayExpected, write_files
from .plan import Town
from .streams import stream_bills, stream_payments

__all__ = ["Expected", "FileExpected", "TodayExpected", "Town", "stream_bills", "stream_payments", "write_files"]
