"""Houses, accounts, people, consents and meters out of a file into the cards of their rooms.

Called by `checking` (in a transaction that is then rolled back, to show the difference) and by `commit`. Every row made
or changed is remembered as an `ImportChange`. It moves no money and never overwrites what is known with an empty cell.
"""
