"""SMS: how long a text is, and the two ways it leaves (SMPP to an operator, HTTP to an aggregator)."""
