"""The default driver: SIP and RTP inside our own process, by the pinned alpha `baresip-python`.

Its defects and what was done about each are named where they are cured. One `baresip.Runtime` lives in a process.
"""
