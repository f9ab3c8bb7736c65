"""What residents ask to be done: the register of requests, the outages they should hear of, the ratings of work.

A request is numbered within its organisation, stands on a house (and a flat where one is named), has a category and an
urgency, and says whose words it came from and by which call. Called by the virtual operator and the desk. It starts no
clocks, sends nobody anywhere and never decides a debt; a serious open request holds debt contacts back (`holding`).
"""
