"""What a person meant: `understand(text, language, expect)` gives a value, how sure it is, and what else it may be.

A grammar of our own for each kind of answer (`days`, `sums`, `readings`, `accounts`, `ratings`, `yesno`, `intents`)
over numbers (`numbers`, read out one by one in `figures`) and words (`words`) of a language's `lexicon`. Before it
words that were misheard are set right (`misheard`); in it neither what was taken back counts (`amends`) nor the numbers
of other `things`. Pure: the day is an argument.
"""

from okno.speech.understanding.heard import Expect, Heard, understand
from okno.speech.understanding.tongues import asked as asked_language

__all__ = ["Expect", "Heard", "asked_language", "understand"]
