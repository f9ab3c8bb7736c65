"""Penalties on screen: explained for an account or typed sums, other readings beside, waivers and pauses, posting.

Shows what the law (`okno.law.penalty`) and the ledger (`okno.ledger.penalties`) answer; it counts nothing itself.
"""
