"""What a person meant: `understand(text, language, expect)` gives a value, how sure it is, and what else it may be.

A grammar of our own for each kind of answer (`days`, `sums`, `readings`, `accounts`, `ratings`, `yesno`, `intents`)
over numbers (`numbers`) and words (`words`) of a language's `lexicon`. Pure: the day is an argument.
"""

from okno.speech.understanding.heard import Expect as Expect
from okno.speech.understanding.heard import Heard as Heard
from okno.speech.understanding.heard import understand as understand
