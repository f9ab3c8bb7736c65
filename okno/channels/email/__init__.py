"""E-mail by SMTP, and what the returned mail says."""
