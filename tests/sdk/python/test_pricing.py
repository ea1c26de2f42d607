"""Prices by country: of messages, of numbers, of calls."""

import pytest
from world import LONDON, MARIA, NUMBER, refused

judges = pytest.mark.judges


def by_kind(prices):
    return {one["number_type"]: one["current_price"] for one in prices}


@judges("pricing", "good")
def test_messages(world):
    messaging = world.client.pricing.v1.messaging
    assert {"US", "GB"} <= {one.iso_country for one in messaging.countries.list(page_size=20)}
    found = messaging.countries("US").fetch()
    assert (found.country, found.price_unit) == ("United States", "USD")
    assert {"local", "toll free", "shortcode"} <= set(by_kind(found.inbound_sms_prices))
    assert by_kind(found.outbound_sms_prices[0]["prices"])["local"] == "0.0083"
    sent = world.send(to=LONDON)
    world.advance(5)
    price = by_kind(messaging.countries("GB").fetch().outbound_sms_prices[0]["prices"])["local"]
    assert float(world.client.messages(sent.sid).fetch().price) == -float(price)


@judges("pricing", "good")
def test_numbers(world):
    numbers = world.client.pricing.v1.phone_numbers
    assert "US" in {one.iso_country for one in numbers.countries.list(page_size=20)}
    prices = by_kind(numbers.countries("US").fetch().phone_number_prices)
    assert (prices["local"], prices["toll free"]) == ("1.15", "2.15")
    world.buy()
    (rent,) = world.client.usage.records.today.list(category="phonenumbers-local")
    assert (rent.count, str(rent.price)) == ("1", prices["local"])


@judges("pricing", "good")
def test_calls(world):
    voice = world.client.pricing.v1.voice
    assert len(voice.countries.list(page_size=20)) > 20
    country = voice.countries("US").fetch()
    assert country.outbound_prefix_prices[0]["prefixes"] == ["1"] and country.inbound_call_prices
    other, own = (voice.numbers(number).fetch() for number in (MARIA, NUMBER))
    assert other.inbound_call_price is None and own.inbound_call_price["number_type"] == "local"
    assert other.outbound_call_price["current_price"] == "0.0140"


@judges("pricing", "good")
def test_calls_by_origin_and_trunks(world):
    pricing = world.client.pricing.v2
    for countries in (pricing.voice.countries, pricing.countries):
        assert len(countries.list(page_size=20)) > 20
    assert pricing.voice.countries("GB").fetch().outbound_prefix_prices[0]["destination_prefixes"] == ["44"]
    assert pricing.countries("GB").fetch().terminating_prefix_prices[0]["origination_prefixes"] == ["ALL"]
    call = pricing.voice.numbers(NUMBER).fetch(origination_number=MARIA)
    assert (call.origination_number, call.outbound_call_prices[0]["base_price"]) == (MARIA, "0.0140")
    trunk = pricing.numbers(NUMBER).fetch(origination_number=MARIA)
    assert trunk.originating_call_price["number_type"] == "local" and trunk.terminating_prefix_prices


@judges("pricing", "refused")
def test_what_has_no_price(world):
    pricing = world.client.pricing
    for one in (
        pricing.v1.messaging.countries("XX"), pricing.v1.phone_numbers.countries("IN" * 2),
        pricing.v1.voice.numbers("hello"), pricing.v2.numbers("hello"),
    ):
        assert refused(one.fetch).status == 404
    wrong = pricing.v2.voice.numbers(NUMBER)
    assert refused(lambda: wrong.fetch(origination_number="hello")).code == 20001
