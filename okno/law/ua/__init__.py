"""Ukraine: Закон «Про житлово-комунальні послуги» and the Civil Code. Called by `countries` only."""
