"""The other side of the channels, on the loopback: a mail server and an SMS centre that keep what they are
given.

Started by the demo and by tests, so that messages leave by the real protocols and go nowhere. They write
down everything that arrived, refused or not, as it arrived: the file can be compared with what the database
claims. They never leave 127.0.0.1 and never talk to anybody but the sender.
"""
