"""Files and feeds in and out: spreadsheets, bank registers, 1C statements, and bills on paper.

Called by the desk and the command line. It reads a file, checks it, shows what would change and posts it through the
ledger's door as one import that can be rolled back; `formats` beneath it knows files alone. `paper` prints what the
ledger holds and posts nothing. It never moves money by itself and never guesses silently: what is doubtful waits for a
person.
"""
