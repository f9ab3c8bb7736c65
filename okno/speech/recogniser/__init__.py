"""Sound into words: `Recogniser` and its drivers.

`whisper` is the default and needs nothing but installed packages; `onnx` takes an operator's own model, `http` a
service of theirs. Values out of the words are `okno.speech.understanding`'s work.
"""

from okno.speech.recogniser.expected import expected as expected
from okno.speech.recogniser.expected import told_freely as told_freely
from okno.speech.recogniser.recognised import Recognised as Recognised
from okno.speech.recogniser.recognised import Recogniser as Recogniser
