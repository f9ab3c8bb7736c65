"""Keyboard keys by their place on the board (`KeyN`), so that the Russian layout changes nothing."""

_NAMED = {
    "Slash": "/",
    "Enter": "Enter",
    "Escape": "Esc",
    "Space": "Пробел",
    "ArrowUp": "↑",
    "ArrowDown": "↓",
    "Comma": ",",
    "Period": ".",
    "Backspace": "⌫",
}
_ARIA = {"Ctrl": "Control", "Escape": "Escape", "Slash": "/", "Comma": ",", "Period": "."}


def label(combination: str) -> str:
    """What is written on the key: `Ctrl+KeyK` → «Ctrl+K», `KeyG KeyZ` → «G Z» (one after the other)."""
    return " ".join("+".join(_shown(part) for part in step.split("+")) for step in combination.split())


def aria(combination: str) -> str:
    """The same for `aria-keyshortcuts`: `Ctrl+Enter` → `Control+Enter`. Sequences have no form there: ''."""
    if " " in combination:
        return ""
    return "+".join(_ARIA.get(part, _letter(part)) for part in combination.split("+"))


def _shown(part: str) -> str:
    return _NAMED.get(part, _letter(part))


def _letter(part: str) -> str:
    return part.removeprefix("Key").removeprefix("Digit").removeprefix("Numpad")
