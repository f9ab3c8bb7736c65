"""Who is a debtor by the organisation's own visible definition, since when and why, and what is to be done about it.

Reads the ledger's open bills, keeps `Case` rows inside the posting's transaction (a case that ends withdraws its
waiting contacts there and then) and answers the gate's question "is this still owed?". Every night (`cycle`) all cases
are aged and priced, told apart (`segments`), put on a step of the organisation's ladder (`ladder`), and the day's plan
of contacts follows (`plan`). What a person promised or told us (`promises`, `holding`) makes reminders wait, and is
judged by the posting itself. The screens and the virtual operator call it. It never moves money and never sends
anything itself.
"""
