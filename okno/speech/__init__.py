"""Sound into words, words into values, values back into words, and words into sound.

`engines` starts what works in processes of its own: `recogniser` turns sound into words, `voice` words into sound.
`activity` hears when a person begins and ends to speak, `answering` who or what picked up; both on the spot.
`understanding` turns words into a date, a sum, a reading, a rating, an account number, yes or no, or an intent, and
`spoken` values into words, in Russian, Ukrainian and Kazakh. Dialogs call it. The room knows no tables, no telephone
and no trade: it never decides what a word means for a debt, and it never guesses silently — what is not certain has
only alternatives, what was not heard is rejected, and an engine that cannot says so at once.
"""
