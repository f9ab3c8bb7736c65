"""Telephone calls: dialling, answering, sound both ways, keys, hold, handing over, recording.

Knows SIP trunks (`sip`, inside our own process) and the customer's Asterisk (`asterisk`) behind one `CallLeg`, turns
their many causes into our few words (`leg.Kind`), and moves the sound of at most a hundred calls in a process of its
own (`process`) that a `Supervisor` keeps alive. Called by the virtual operator of `okno.dialogs` alone. Never decides
whom to call or what to say, never recognises speech, never keeps anything in a database, never repeats a call by
itself, knows no Django.
"""
