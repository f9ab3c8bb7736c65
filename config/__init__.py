"""How this installation is set up: the environment, Django's settings, addresses, the ASGI entrance."""
