"""Ways by which a finished text leaves the house: e-mail and SMS today, one folder a channel, all alike.

Knows the protocols of the outside world and turns their many codes into our few words (`base.Word`). Called
by outreach, which has already decided that the text may leave. Never decides whom to write to, never keeps
anything in a database, never repeats a message by itself, knows no Django.
"""
