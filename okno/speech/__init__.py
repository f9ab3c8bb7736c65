"""Sound into words, words into values, and values back into words that are said aloud.

`understanding` turns what was heard into a date, a sum, a reading, a rating, an account number, yes or no, or an
intent, in Russian, Ukrainian and Kazakh. Dialogs and telephony call it. The room knows no tables and no trade: it never
decides what a word means for a debt, and it never guesses silently — what is not certain has only alternatives.
"""
