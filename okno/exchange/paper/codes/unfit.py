"""Why a code cannot be made."""


class UnfitForCode(ValueError):
    """A value does not fit the code; `field` is its name in the standard, the message says what to do, in Russian."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
