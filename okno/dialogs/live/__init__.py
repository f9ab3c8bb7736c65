"""The live call: a leg of the telephone, ears, a voice and a scenario, and the process that leads such calls.

`operator` is the process: it takes calls from the dialler and from the line, keeps the media process and the engines
alive and tells the database that it lives. `conversation` is one call. Only its words and decisions are kept here;
what follows from a decision is done by `okno.dialogs.performing`. Sound never touches the database. `recordings` and
`transcripts` let go what is past its term, `own_phone` rings the agent first in calls made by hand.
"""
