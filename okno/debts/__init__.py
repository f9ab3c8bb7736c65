"""Who is a debtor by the organisation's own visible definition, since when and why.

Reads the ledger's open bills, keeps `Case` rows inside the posting's transaction (a case that ends withdraws its
waiting contacts there and then) and answers the gate's question "is this still owed?". The nightly cycle and the
screens call it. It never moves money and never sends anything itself.
"""
