"""The ledger's rules over arrays, for a million accounts at once: read by COPY, counted by compiled code.

Each function here says over columns what a function of one account says over rows, and a test compares the two on
random accounts; nothing is decided here that is not decided there. Called by the nightly cycle, the rebuild and the
generator of benchmarks. It never writes to the ledger and knows no organisation: it is given columns and gives columns.
"""
