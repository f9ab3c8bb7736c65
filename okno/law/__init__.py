"""The law by country, dated, with its sources: values in YAML and wordings in Python, side by side.

Every room that needs a term, an hour or an order asks `countries.pack("ru")` and gets a value with its explanation.
The day is always an argument. The room is pure: it reads no clock, no database and no network, and knows no web
framework. What was not checked against the text of the law says so (`verified`), and what nobody entered raises
`NotInForce` instead of guessing.
"""
