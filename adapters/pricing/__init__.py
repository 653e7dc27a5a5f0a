"""What models cost: by the library genai-prices, which keeps lists with dates, and by a file of one's own.

- `kept.py`: KeptPrices, the port that core asks (core/quota/price.py).
- `lookup.py`: asks the library, in a process that ends, since it takes some 25 MB where it is loaded.
- `schedule.py`: what the lookup answers: a model's prices with their days and hours.
- `overrides.py`: the file that PARLEY_PRICES names.
- `hosts.py`: which servers are nobody's service, and so have no list price.

Nothing here uses the network: the lists are those of the installed library.
"""

from adapters.pricing.kept import KeptPrices
from adapters.pricing.overrides import PricesInvalid, read_prices

__all__ = ["KeptPrices", "PricesInvalid", "read_prices"]
