"""Prices as shops write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from endcap.index.field_map import FieldMap
from endcap.index.prices import price


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("12,99 €", 12.99),
        ("1.299,00 €", 1299.0),
        ("EUR 89.95", 89.95),
        ("$1,299.00", 1299.0),
        ("1 299,50 zł", 1299.5),
        ("CHF 1'299.5", 1299.5),
        ("49,- €", 49.0),
        ("15 kr.", 15.0),
        ("12,99", 12.99),
        (" 7 ", 7.0),
        ("19.90", 19.9),
        ("US$12.99", 12.99),
        ("R$ 1.299,90", 1299.9),
        ("A$5", 5.0),
        ("HK$1,299.00", 1299.0),
        ("$US 12", 12.0),
        ("$12.99 USD", 12.99),
        ("₹1,29,999.00", 129999.0),
        ("Rs. 1,29,999", 129999.0),
        ("1,299,999 ₫", 1299999.0),
        ("Rp 1.299.000", 1299000.0),
        (3, 3.0),
    ],
)
def test_a_price_is_read(text: object, amount: float) -> None:
    """Decimal commas, thousands and a currency on either side make no difference."""
    assert price(text) == amount


@pytest.mark.parametrize(
    "text", ["1,299 €", "1.299 €", "on request", "12,99 - 19,99 €", "12,99 €/kg", "ab 3 Stück", "-5 €", "", None, "€"]
)
def test_what_could_mean_two_things_is_no_price(text: object) -> None:
    """Thousands or thousandths, ranges, prices by weight: no number is better than a wrong one."""
    assert price(text) is None


@given(st.text(max_size=30) | st.from_regex(r"[0-9., €']{1,12}"))
def test_no_text_fails(text: str) -> None:
    """Whatever stands in a price's column, a finite number or None comes out."""
    found = price(text)
    assert found is None or found >= 0 or text.strip().startswith("-")


def test_a_map_reads_prices() -> None:
    """A catalogue's price column is read so; what can't be read stays in extra."""
    fields = FieldMap.parse("id=sku,title=name,price=Preis")
    assert fields.product({"sku": "1", "name": "x", "Preis": "1.299,00 €"}).price == 1299.0
    odd = fields.product({"sku": "1", "name": "x", "Preis": "auf Anfrage"})
    assert (odd.price, odd.extra) == (None, {"Preis": "auf Anfrage"})
