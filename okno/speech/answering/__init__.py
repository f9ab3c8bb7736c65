"""Who or what picked up: a person, an answering machine or a screening robot.

`Listener` judges by the sound of the first seconds, `verdict_of_words` by the words in it, `settled` by both.
A debt is never told before this says that a person listens.
"""

from okno.speech.answering.verdict import By as By
from okno.speech.answering.verdict import Listener as Listener
from okno.speech.answering.verdict import Verdict as Verdict
from okno.speech.answering.verdict import Who as Who
from okno.speech.answering.verdict import settled as settled
from okno.speech.answering.verdict import verdict_of_words as verdict_of_words
