"""Pages: the staff's desk, the resident's cabinet, the field worker's phone, and the parts they are declared from.

A page checks the right, reads the form, calls one function of a room and renders. It knows the rooms below and nobody
calls it but the browser; no rule of the trade stands here.
"""
