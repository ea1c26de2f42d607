"""Every parameter that Twilio describes is taken, and shown again where the answer has it."""

import pytest
from world import ABSENT, MARIA, NUMBER

judges = pytest.mark.judges

NUMBER_SETTINGS = {
    "friendly_name": "Desk", "sms_url": "https://desk.example/sms", "sms_method": "GET",
    "sms_fallback_url": "https://desk.example/late", "sms_fallback_method": "GET",
    "sms_application_sid": "AP" + ABSENT, "status_callback": "https://desk.example/status",
    "status_callback_method": "GET", "voice_url": "https://desk.example/voice", "voice_method": "GET",
    "voice_fallback_url": "https://desk.example/voice-late", "voice_fallback_method": "GET",
    "voice_application_sid": "AP" + ABSENT, "voice_caller_id_lookup": True, "voice_receive_mode": "voice",
    "emergency_status": "Inactive", "emergency_address_sid": "AD" + ABSENT, "trunk_sid": "TK" + ABSENT,
    "identity_sid": "RI" + ABSENT, "address_sid": "AD" + ABSENT, "bundle_sid": "BU" + ABSENT,
}
SEARCH = {
    "sms_enabled": True, "mms_enabled": True, "voice_enabled": True, "fax_enabled": False, "beta": False,
    "exclude_all_address_required": True, "exclude_local_address_required": True,
    "exclude_foreign_address_required": True, "page_size": 5,
}
PLACE = {
    "area_code": 510, "contains": "510", "near_number": "+15105550100", "near_lat_long": "37.8,-122.3",
    "distance": 50, "in_postal_code": "94607", "in_region": "CA", "in_rate_center": "OAKLAND", "in_lata": "722",
    "in_locality": "Oakland",
}


def shown(resource, given):
    return {name: getattr(resource, name) for name in given}


@judges("numbers", "good")
@pytest.mark.parametrize("kind", [None, "local", "toll_free"])
def test_a_number_is_bought_with_every_setting(world, kind):
    offers = world.client.available_phone_numbers("US")
    offer = getattr(offers, kind or "local").list(limit=1)[0].phone_number
    numbers = world.client.incoming_phone_numbers
    bought = (getattr(numbers, kind) if kind else numbers).create(
        phone_number=offer, api_version="2010-04-01", **NUMBER_SETTINGS
    )
    assert shown(bought, NUMBER_SETTINGS) == NUMBER_SETTINGS
    if kind:
        found = getattr(numbers, kind).list(
            friendly_name="Desk", phone_number=offer, beta=False, origin="twilio", page_size=1
        )
        assert [one.sid for one in found] == [bought.sid]


@judges("numbers", "good")
def test_every_setting_can_change(world):
    changed = world.configure(api_version="2010-04-01", **NUMBER_SETTINGS)
    assert shown(changed, NUMBER_SETTINGS) == NUMBER_SETTINGS
    code = world.client.short_codes.list(page_size=1)[0].sid
    assert world.client.short_codes(code).update(api_version="2010-04-01").sid == code
    filters = {"friendly_name": "x", "phone_number": "1", "beta": True, "origin": "twilio", "page_size": 1}
    assert world.client.incoming_phone_numbers.mobile.list(**filters) == []


@judges("available", "good")
@pytest.mark.parametrize(
    "kind", ["local", "toll_free", "mobile", "national", "voip", "shared_cost", "machine_to_machine"]
)
def test_every_filter_of_a_search(world, kind):
    offers = getattr(world.client.available_phone_numbers("US"), kind)
    assert bool(offers.list(limit=5, **SEARCH)) == (kind in ("local", "toll_free"))
    # A place is where only local numbers are.
    assert bool(offers.list(limit=5, **SEARCH, **PLACE)) == (kind == "local")


@judges("available", "good")
def test_a_page_of_countries(world):
    assert [one.country_code for one in world.client.available_phone_numbers.page(page_size=5)] == ["US"]


@judges("messages", "good")
def test_content_and_application(world):
    world.text(f"whatsapp:{MARIA}", f"whatsapp:{NUMBER}", "Hi")
    sent = world.client.messages.create(
        to=f"whatsapp:{MARIA}", from_=f"whatsapp:{NUMBER}",
        content_sid=world.client.content.v1.contents.list()[0].sid,
        content_variables='{"1":"noon"}', application_sid="AP" + ABSENT,
    )
    assert sent.status == "queued"


@judges("addresses", "good")
def test_every_line_of_an_address_can_change(world):
    made = world.client.addresses.create(
        customer_name="Kim", street="1 Road", city="Oakland", region="CA", postal_code="94607", iso_country="US"
    )
    lines = {
        "customer_name": "Lee", "street": "2 Road", "city": "Denver", "region": "CO", "postal_code": "80202",
        "friendly_name": "Home", "street_secondary": "Floor 2", "emergency_enabled": True,
    }
    moved = world.client.addresses(made.sid).update(**lines, auto_correct_address=True)
    assert shown(moved, lines) == lines
    assert [one.sid for one in world.client.addresses.list(friendly_name="Home", page_size=1)] == [made.sid]


@judges("services", "good")
def test_every_setting_of_a_service_can_change(world):
    made = world.service()
    settings = {
        "friendly_name": "Counter", "inbound_request_url": "https://desk.example/sms", "inbound_method": "GET",
        "fallback_url": "https://desk.example/late", "fallback_method": "GET",
        "status_callback": "https://desk.example/status", "sticky_sender": False, "mms_converter": False,
        "smart_encoding": False, "scan_message_content": "enable", "fallback_to_long_code": False,
        "area_code_geomatch": False, "validity_period": 60, "synchronous_validation": True, "usecase": "poll",
        "use_inbound_webhook_on_number": True,
    }
    changed = world.client.messaging.v1.services(made.sid).update(**settings)
    assert shown(changed, settings) == settings


@judges("pool", "paging")
@pytest.mark.parametrize("kind", ["short_codes", "alpha_senders", "channel_senders", "destination_alpha_senders"])
def test_other_senders_come_in_pages(world, kind):
    page = getattr(world.service(), kind).page(page_size=20)
    assert list(page) == [] and page.next_page_url is None
