"""Files as they are: what a file is, the rows in it, the meaning of its columns, and writing files back.

Called by the importer of `exchange`, by exports and by the demo town. It turns bytes into typed records and
typed complaints in plain Russian. It never touches the database, the web framework or the clock, never evaluates a
formula and never trusts what a file says about itself.
"""
