"""The demo town: writes a town's files, has them imported as a user would, plays a day before a newcomer's eyes.

Called by `okno demo` and by the benchmarks. Its sinks are loopback peers that take letters and SMS instead of the
world; while it runs nothing can leave the machine. No other room ever calls it.
"""
