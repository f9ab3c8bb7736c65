"""What stands in the square a phone reads: ГОСТ Р 56042 in Russia, the National Bank's code in Ukraine, a link."""

from okno.exchange.paper.codes.unfit import UnfitForCode

__all__ = ["UnfitForCode"]
