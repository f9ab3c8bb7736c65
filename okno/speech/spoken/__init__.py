"""Values as they are said aloud: sums, days, hours, readings, account numbers, addresses, in ru, uk and kk.

A voice that reads "12 345 ₸" or "с 15 по 25" from the page says it wrong; what a voice is given has no figures left.
`aloud` does a whole text, the other functions one value. Pure.
"""

from okno.speech.spoken.aloud import aloud as aloud
from okno.speech.spoken.days import day as day
from okno.speech.spoken.days import hour as hour
from okno.speech.spoken.figures import account_number as account_number
from okno.speech.spoken.figures import reading as reading
from okno.speech.spoken.money import money as money
from okno.speech.spoken.numerals import Case as Case
from okno.speech.spoken.numerals import cardinal as cardinal
from okno.speech.spoken.numerals import ordinal as ordinal
from okno.speech.spoken.places import address as address
