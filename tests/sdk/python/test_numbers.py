"""Phone numbers: on offer, bought, configured, released."""

import pytest
from world import NUMBER, SPARE, refused

judges = pytest.mark.judges


@judges("available", "good")
def test_countries(world):
    (country,) = world.client.available_phone_numbers.list()
    assert (country.country_code, country.country, country.beta) == ("US", "United States", False)
    assert set(country.subresource_uris) >= {"local", "toll_free"}
    assert world.client.available_phone_numbers("US").fetch().country == "United States"


@judges("available", "good")
@pytest.mark.parametrize(
    "filters, holds",
    [
        ({"area_code": 510}, lambda one: one.phone_number.startswith("+1510")),
        ({"contains": "415"}, lambda one: "415" in one.phone_number),
        ({"contains": "5105550***"}, lambda one: one.phone_number.startswith("+15105550")),
        ({"in_region": "CA"}, lambda one: one.region == "CA"),
        ({"in_locality": "Oakland"}, lambda one: one.locality == "Oakland"),
        ({"in_postal_code": "94607"}, lambda one: one.postal_code == "94607"),
        ({"in_rate_center": "OAKLAND"}, lambda one: one.rate_center == "OAKLAND"),
        ({"in_lata": "834"}, lambda one: one.locality == "Honolulu"),
        ({"near_number": "+15105550100", "distance": 20}, lambda one: one.locality in ("Oakland", "San Francisco")),
        ({"near_lat_long": "40.7,-74.0", "distance": 10}, lambda one: one.locality == "New York"),
        ({"sms_enabled": True, "mms_enabled": True, "voice_enabled": True}, lambda one: one.capabilities["SMS"]),
        ({"exclude_all_address_required": True, "beta": False}, lambda one: one.address_requirements == "none"),
    ],
)
def test_local_numbers_by_every_filter(world, filters, holds):
    found = world.client.available_phone_numbers("US").local.list(limit=20, **filters)
    assert found and all(holds(one) for one in found) and {one.iso_country for one in found} == {"US"}


@judges("available", "good")
def test_what_nobody_offers(world):
    offers = world.client.available_phone_numbers("US")
    assert offers.local.list(fax_enabled=True) == []
    assert offers.local.list(in_region="ZZ") == [] == offers.local.list(contains="0000000")


@judges("available", "good")
@pytest.mark.parametrize("kind", ["toll_free", "mobile", "national", "voip", "shared_cost", "machine_to_machine"])
def test_every_kind_of_number(world, kind):
    found = getattr(world.client.available_phone_numbers("US"), kind).list(limit=5)
    prefixes = {one.phone_number[2:5] for one in found}
    assert prefixes <= {"800", "833", "844", "888"} and bool(found) == (kind == "toll_free")


@judges("available", "paging")
def test_a_page_of_offers_is_as_long_as_asked(world):
    page = list(world.client.available_phone_numbers("US").local.page(page_size=3))
    assert len(page) == 3 and len({one.phone_number for one in page}) == 3


@judges("available", "refused")
@pytest.mark.parametrize(
    "query, code",
    [
        ({"AreaCode": "51"}, 21451), ({"NearLatLong": "here"}, 20001), ({"NearNumber": "+49"}, 20001),
        ({"NearNumber": "+15105550100", "Distance": 501}, 20001),
    ],
)
def test_a_search_that_makes_no_sense(world, query, code):
    answer = world.client.request("GET", world.path("AvailablePhoneNumbers/US/Local"), params=query)
    assert answer.status_code == 400 and f'"code":{code}' in answer.text


@judges("numbers", "good")
def test_buy_configure_release(world):
    offer = world.client.available_phone_numbers("US").local.list(area_code=510, limit=1)[0]
    bought = world.client.incoming_phone_numbers.create(phone_number=offer.phone_number, friendly_name="Front desk")
    assert (bought.phone_number, bought.friendly_name) == (offer.phone_number, "Front desk")
    assert bought.sid.startswith("PN") and bought.capabilities["sms"] and bought.capabilities["mms"]
    assert bought.sms_url == "" and bought.sms_method == "POST" and bought.origin == "twilio"
    offers = world.client.available_phone_numbers("US").local.list(area_code=510)
    assert offer.phone_number not in [one.phone_number for one in offers]
    set_ = world.client.incoming_phone_numbers(bought.sid).update(
        sms_url="https://desk.example/sms", sms_method="GET", sms_fallback_url="https://desk.example/late",
        sms_fallback_method="GET", status_callback="https://desk.example/status", status_callback_method="GET",
        voice_url="https://desk.example/voice", voice_method="GET", friendly_name="Desk",
        voice_fallback_url="https://desk.example/voice-late", voice_fallback_method="GET",
        voice_caller_id_lookup=True, voice_receive_mode="voice", emergency_status="Inactive",
    )
    assert (set_.sms_url, set_.sms_method) == ("https://desk.example/sms", "GET")
    assert (set_.sms_fallback_url, set_.sms_fallback_method) == ("https://desk.example/late", "GET")
    assert (set_.status_callback, set_.status_callback_method) == ("https://desk.example/status", "GET")
    assert (set_.voice_url, set_.voice_method, set_.voice_caller_id_lookup) == ("https://desk.example/voice", "GET", True)
    assert (set_.friendly_name, set_.emergency_status) == ("Desk", "Inactive")
    assert world.client.incoming_phone_numbers(bought.sid).fetch().sms_url == "https://desk.example/sms"
    assert world.client.incoming_phone_numbers(bought.sid).update(sms_url="").sms_url == ""
    assert world.client.incoming_phone_numbers(bought.sid).delete() is True
    assert refused(lambda: world.client.incoming_phone_numbers(bought.sid).fetch()).code == 20404
    again = world.client.available_phone_numbers("US").local.list(area_code=510)
    assert offer.phone_number in [one.phone_number for one in again]


@judges("numbers", "good")
def test_buy_by_kind_and_by_area(world):
    numbers = world.client.incoming_phone_numbers
    free = world.client.available_phone_numbers("US").toll_free.list(limit=1)[0].phone_number
    local = world.client.available_phone_numbers("US").local.list(area_code=212, limit=1)[0].phone_number
    assert numbers.toll_free.create(phone_number=free).phone_number == free
    assert numbers.local.create(phone_number=local).phone_number == local
    assert numbers.create(area_code="510").phone_number.startswith("+1510")
    assert [one.phone_number for one in numbers.toll_free.list()] == [free]
    assert local in [one.phone_number for one in numbers.local.list()]
    assert free not in [one.phone_number for one in numbers.local.list()]
    assert numbers.mobile.list() == []
    assert refused(lambda: numbers.mobile.create(phone_number=local)).code == 21422


@judges("numbers", "good")
def test_list_by_every_filter(world):
    numbers = world.client.incoming_phone_numbers
    named = world.client.incoming_phone_numbers(world.number_sid(SPARE)).update(friendly_name="Spare")
    assert [one.sid for one in numbers.list(friendly_name="Spare")] == [named.sid]
    assert [one.phone_number for one in numbers.list(phone_number="5550100")] == [NUMBER]
    assert [one.phone_number for one in numbers.list(phone_number="+1415555019*")] == [SPARE]
    assert len(numbers.list(beta=False, origin="twilio")) == 2 and numbers.list(origin="hosted") == []


@judges("numbers", "paging")
def test_pages(world):
    made = [world.buy().sid for _ in range(4)]
    page = world.client.incoming_phone_numbers.page(page_size=4)
    read = [one.sid for one in page]
    while page.next_page_url:
        page = page.next_page()
        read += [one.sid for one in page]
    assert read[:4] == made[::-1] and len(read) == len(set(read)) == 6
