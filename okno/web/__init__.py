"""Pages: the staff's desk, and the parts they are declared from. A page checks the right, reads the form, calls one
function of a room and renders; no rule of the trade stands here.
"""
