"""Houses, entrances, risers, flats and meters, and who may see them.

Called by every room that needs an address or must narrow what a person sees: `visibility.visible_to` is the one
place that decides. It never knows who lives in a flat (that is `people`) or what is owed for it (that is `ledger`).
"""
