"""Pages of the staff: one folder a subject, each with its addresses, views and templates' names alike."""
