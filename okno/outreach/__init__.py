"""Reaching people: campaigns plan contacts, the gate permits or refuses each at the last moment, the sender sends.

`debts` and `dialogs` answer the gate's question "is this still owed?" through `causes`; they and `requests` name what
makes a debt contact wait through `holds`. Screens lead campaigns by `drafting` and `steering`, the worker runs
`sending`. Nothing leaves without a permit issued by the gate within the last two seconds from the ledger's committed
state; every permit and refusal is a row with its checks, sealed into a hash chain that anyone can replay. The room
never moves money and never edits a permit.
"""
