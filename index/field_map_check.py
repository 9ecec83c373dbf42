"""What a field map found in a catalogue: a map that names a wrong column loads products that lack a field, silently."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from endcap.index.field_map import NAMED_ATTRIBUTE, FieldMap
from endcap.index.product import Product


@dataclass(slots=True)
class FieldMapCheck:
    """Which fields of a map were filled in the products that went by, and how many prices could not be read."""

    fields: FieldMap
    products: int = 0
    filled: set[str] = field(default_factory=set)
    odd_prices: int = 0
    odd_price: str = ""

    def watch(self, products: Iterable[Product]) -> Iterator[Product]:
        """The same products."""
        prices = self.fields.paths_of("price")
        for product in products:
            self.products += 1
            for name, _ in self.fields.paths:
                if name not in self.filled and _has(product, name):
                    self.filled.add(name)
            odd = next((product.extra[path] for path in prices if path in product.extra), None)
            if product.price is None and odd is not None:
                self.odd_prices += 1
                self.odd_price = self.odd_price or str(odd)[:40]
            yield product

    def warnings(self) -> list[str]:
        """A sentence for each field that the map names and no product has, and one for unreadable prices."""
        if not self.products:
            return []
        sentences = [
            f"no product has anything at {' or '.join(map(repr, paths))} ({name}={'|'.join(paths)}). "
            "Is that what the catalogue calls it?"
            for name, paths in self.fields.paths
            if paths and name not in self.filled and not (name == "price" and self.odd_prices)
        ]
        if self.odd_prices:
            sentences.append(
                f"{self.odd_prices:,} with a price that can't be read, such as {self.odd_price!r}: it is left out."
            )
        return sentences


def _has(product: Product, name: str) -> bool:
    if name.startswith(NAMED_ATTRIBUTE):
        return product.attributes.get(name.removeprefix(NAMED_ATTRIBUTE), "") != ""
    return getattr(product, name) not in ("", None, {})
