"""The common ancestor of everything this room refuses to do."""


class DatabaseRefusal(Exception):
    """An expected refusal; the text is Russian, for the person at the keyboard, and says what to do."""
