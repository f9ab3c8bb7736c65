"""Calls as people lead them: campaigns of calls, the place of whoever talks, and the call-backs that are owed."""
