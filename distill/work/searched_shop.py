"""How a recipe's shop is searched: by its own query and its own index, where the recipe names them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from endcap.distill.recipe.settings import Recipe
from endcap.distill.recipe.shop_settings import ShopRecipe
from endcap.errors import EngineError, InputError
from endcap.evaluate.open_catalogue import Opened, open_catalogue
from endcap.evaluate.systems import Shop
from endcap.index.embedded.engine import EmbeddedEngine
from endcap.index.judgments.id_match import known_in
from endcap.index.own_query import check_engine, own_query, query_words
from endcap.index.product import Product
from endcap.index.readers.reading import Reading
from endcap.progress import Watch

SAMPLE = 100
"""So many of a catalogue's products are looked for in the index that is named."""


def opened_shop(recipe: Recipe, shop: ShopRecipe, watch: Watch) -> Opened:
    """The shop's index, else its catalogue's file, opened as ``endcap evaluate`` does."""
    body = str(recipe.path(shop.body)) if shop.body else None
    if shop.index:
        return open_catalogue(shop.index, body=body, watch=watch)
    return open_catalogue(str(recipe.path(shop.catalogue)), reading=Reading.of(shop), body=body, watch=watch)


def searched_shop(recipe: Recipe, name: str, products: Mapping[str, Product], cache: Path, watch: Watch) -> Opened:
    """The shop of this name: its index, else these products in an engine of the work folder.

    Raises ``InputError`` where the index lacks most of these products, or the engine refuses the shop's own query.
    """
    shop = next((shop for shop in recipe.shops if shop.name == name), None)
    if shop is not None and shop.index:
        opened = opened_shop(recipe, shop, watch)
        sample = list(products)[:: len(products) // SAMPLE + 1]
        known = set(known_in(opened.shop.engine, opened.shop.index)(sample))
        if len(known) <= len(sample) / 2:
            lacking = next((id for id in sample if id not in known), "")
            raise InputError(
                f"shop {name!r}: the index {shop.index!r} has {len(known):,} of {len(sample):,} products of the "
                f"catalogue; it lacks {lacking!r}, for one. Give the catalogue that is in this index, with its ids."
            )
        return opened
    engine = loaded_engine(products, cache, watch)
    own = own_query(str(recipe.path(shop.body))) if shop is not None and shop.body else None
    check_engine(engine, own, engine.index)
    return Opened(Shop(engine, own=own), engine.index, name, f"embedded, {query_words(own)}", len(products), ())


def loaded_engine(products: Mapping[str, Product], cache: Path, watch: Watch) -> EmbeddedEngine:
    """The embedded engine with these products in ``cache``, where they are found again the next time."""
    content = hashlib.sha256()
    for product in products.values():
        content.update(json.dumps(product.to_mapping(), sort_keys=True).encode("utf-8", "surrogatepass"))
    engine = EmbeddedEngine(f"pairs-{content.hexdigest()[:16]}", cache)
    try:
        count = engine.count()
    except EngineError:  # not loaded yet
        count = 0
    if not count:
        with watch("Loading the engine", len(products)) as advance:
            engine.load(products.values(), progress=advance)
    return engine
