"""Tables, forms, the journal and the shell, declared once and used by every page."""
