"""The virtual operator: scenarios as data, the dialog as a pure function, the live call.

`scenario` reads the YAML files in `scenarios/`, `facts` tells what a call must know before its first word, `turn.step`
moves a dialog by one turn (pure: no clock, no table, no sound), `performing` does what a dialog decided against the
rooms below; `dialler` chooses whom to call, `live` leads the call. Voice, keys and text run the same file. The process
of calls, the worker, the desk and the command line call it. It never tells a debt to a person who has not confirmed to
be the entitled one, never threatens, and never stores a date, a sum or a reading that was not read back.
"""
