"""Kazakhstan: Закон «О жилищных отношениях» and its orders. Called by `countries` only."""
