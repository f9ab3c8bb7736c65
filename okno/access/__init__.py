"""Organisations, their staff and roles, the trail of who did what, and what the operator entered of the law.

Every room above calls it: to know for which organisation it works (`Organisation`), what a person may do
(`roles.may`), and to leave a line in words after an action (`trail.record`). What the operator entered of the law it
puts beside the sheets of `okno.law` in every process (`norms`). It knows nothing of houses: which houses a person
sees is answered in `houses.visible_to`. It never decides by itself that a secret may be shown, and it never edits or
deletes a line of the trail.
"""
