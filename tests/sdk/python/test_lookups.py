"""Lookups v2: whether a number can be, whose line it is, how risky."""

import pytest
from world import LONDON, MARIA

judges = pytest.mark.judges
PACKAGES = [
    "caller_name", "sim_swap", "call_forwarding", "line_status", "line_type_intelligence", "identity_match",
    "reassigned_number", "sms_pumping_risk", "phone_number_quality_score", "pre_fill",
]


def look(world, number, **options):
    return world.client.lookups.v2.phone_numbers(number).fetch(**options)


@judges("lookups", "good")
def test_a_number_is_known(world):
    found = look(world, MARIA)
    assert (found.valid, found.country_code, found.calling_country_code) == (True, "US", "1")
    assert (found.national_format, found.phone_number, found.validation_errors) == ("(415) 555-0123", MARIA, [])
    assert all(getattr(found, name) is None for name in PACKAGES)
    london = look(world, LONDON)
    assert (london.country_code, london.calling_country_code) == ("GB", "44")
    assert look(world, "4155550142").phone_number == "+14155550142"
    assert look(world, "020 7183 8750", country_code="GB").phone_number == LONDON


@judges("lookups", "good")
@pytest.mark.parametrize(
    "number, error",
    [
        ("+1415555", "TOO_SHORT"), ("+1415555012345", "TOO_LONG"), ("+9991234567", "INVALID_COUNTRY_CODE"),
        ("hello", "NOT_A_NUMBER"), ("+14155550000", "INVALID_BUT_POSSIBLE"),
    ],
)
def test_what_cannot_be_is_no_error(world, number, error):
    found = look(world, number)
    assert (found.valid, found.validation_errors) == (False, [error])


@judges("lookups", "good")
@pytest.mark.parametrize(
    "number, kind",
    [(MARIA, "mobile"), ("+14155550001", "landline"), ("+14155550002", "nonFixedVoip"), ("+18005550123", "tollFree")],
)
def test_a_line_has_a_kind(world, number, kind):
    line = look(world, number, fields="line_type_intelligence").line_type_intelligence
    assert (line["type"], bool(line["carrier_name"]), line["error_code"]) == (kind, True, None)
    assert (line["mobile_country_code"] == "310") == (kind == "mobile")


@judges("lookups", "good")
@pytest.mark.parametrize("number, pumps", [(MARIA, False), ("+14155550003", True)])
def test_pumping_risk(world, number, pumps):
    risk = look(world, number, fields="sms_pumping_risk,phone_number_quality_score", partner_sub_id="p").sms_pumping_risk
    assert (risk["sms_pumping_risk_score"] >= 75) == risk["number_blocked"] == pumps
    assert risk["carrier_risk_category"] == ("high" if pumps else "low")


@judges("lookups", "good")
def test_every_package(world):
    found = look(
        world, MARIA, fields=",".join(["validation", *PACKAGES]), first_name="Maria", last_name="Lopez",
        address_line1="1 Road", address_line2="Floor 2", city="Oakland", state="CA", postal_code="94607",
        address_country_code="US", national_id="1", date_of_birth="19900101", last_verified_date="20260101",
        verification_sid="VE" + "0" * 32, partner_sub_id="p",
    )
    assert all(getattr(found, name) for name in PACKAGES)
    assert found.caller_name["caller_type"] == "CONSUMER" and found.line_status["status"] == "active"
    assert found.identity_match["first_name_match"] == "no_data_available"
    assert found.reassigned_number == {"last_verified_date": "20260101", "is_number_reassigned": "no", "error_code": None}
