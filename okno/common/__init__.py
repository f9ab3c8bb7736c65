"""The small words every room speaks: money, days, phones, e-mails, identity numbers, addresses, names, order.

Called by every room. It keeps no tables, knows no country's law and no web framework, and never talks to the
network. Only `clock` reads the time of day; only `journal` remembers something (who registered as a source).
"""
