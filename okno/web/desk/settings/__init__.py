"""Settings: what counts as debt, how people may be contacted, words of messages, people and their rights, health.

Each page reads a form and calls one door of a room; which of the values are law is shown beside them.
"""
