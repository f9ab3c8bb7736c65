"""The register of requests and the outages, as dispatchers keep them."""
