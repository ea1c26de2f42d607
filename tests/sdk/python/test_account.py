"""Accounts, keys, tokens, addresses, balance, and who may ask for what."""

import pytest
from twilio.rest import Client
from world import NUMBER, refused

judges = pytest.mark.judges


@judges("accounts", "good")
def test_accounts(world):
    main = world.client.api.v2010.accounts(world.account).fetch()
    assert (main.sid, main.owner_account_sid, main.status, main.type) == (world.account, world.account, "active", "Full")
    assert main.auth_token == world.token and "messages" in main.subresource_uris
    sub = world.client.api.v2010.accounts.create(friendly_name="Blue Kite")
    assert (sub.friendly_name, sub.owner_account_sid, sub.status) == ("Blue Kite", world.account, "active")
    renamed = world.client.api.v2010.accounts(sub.sid).update(friendly_name="Kite")
    assert renamed.friendly_name == "Kite"
    accounts = world.client.api.v2010.accounts
    assert [account.sid for account in accounts.list(friendly_name="Kite")] == [sub.sid]
    assert {account.sid for account in accounts.list(status="active")} == {world.account, sub.sid}
    assert world.client.api.v2010.accounts(sub.sid).update(status="suspended").status == "suspended"


@judges("accounts", "good")
def test_a_subaccount_is_reached_by_its_own_and_by_its_parent(world):
    sub = world.client.api.v2010.accounts.create()
    own = world.client_as(sub.sid, sub.auth_token)
    mine = own.incoming_phone_numbers.create(area_code="510")
    through_parent = world.client_as(world.account, world.token, sub.sid)
    assert [number.sid for number in through_parent.incoming_phone_numbers.list()] == [mine.sid]
    assert own.messages.create(to="+14155550123", from_=mine.phone_number, body="Hi").account_sid == sub.sid
    moved = world.client.incoming_phone_numbers(world.number_sid()).update(account_sid=sub.sid)
    assert moved.account_sid == sub.sid and moved.phone_number == NUMBER
    assert refused(lambda: own.api.v2010.accounts(world.account).fetch()).code == 20404
    assert refused(lambda: own.api.v2010.accounts.create()).code == 20403


@judges("accounts", "refused")
def test_a_suspended_account_does_nothing(world):
    sub = world.client.api.v2010.accounts.create()
    sub.update(status="suspended")
    error = refused(lambda: world.client_as(sub.sid, sub.auth_token).messages.create(to=NUMBER, from_=NUMBER, body="x"))
    assert (error.status, error.code) == (403, 20005)


@judges("accounts", "paging")
def test_accounts_in_pages(world):
    made = [world.client.api.v2010.accounts.create(friendly_name=str(n)).sid for n in range(4)]
    page = world.client.api.v2010.accounts.page(page_size=2)
    read = [account.sid for account in page]
    while page.next_page_url:
        page = page.next_page()
        read += [account.sid for account in page]
    assert read == made[::-1] + [world.account]


@judges("balance", "good")
def test_balance(world):
    balance = world.client.balance.fetch()
    assert (balance.account_sid, balance.currency) == (world.account, "USD") and float(balance.balance) > 0


@judges("keys", "good")
@pytest.mark.parametrize("kind, new", [("keys", "new_keys"), ("signing_keys", "new_signing_keys")])
def test_keys(world, kind, new):
    made = getattr(world.client, new).create(friendly_name="worker")
    assert made.sid.startswith("SK") and len(made.secret) == 32
    keys = getattr(world.client, kind)
    assert keys(made.sid).fetch().friendly_name == "worker"
    assert keys(made.sid).update(friendly_name="renamed").friendly_name == "renamed"
    assert made.sid in [key.sid for key in keys.list()]
    by_key = world.client_as(made.sid, made.secret, world.account)
    assert by_key.messages.list() == []
    assert keys(made.sid).delete() is True
    assert refused(lambda: keys(made.sid).fetch()).code == 20404
    assert refused(lambda: by_key.messages.create(to=NUMBER, body="x", from_=NUMBER)).code == 20003


@judges("keys", "refused")
def test_a_standard_key_reaches_no_accounts_and_keys(world):
    made = world.client.new_keys.create()
    by_key = world.client_as(made.sid, made.secret, world.account)
    for call in (
        lambda: by_key.new_keys.create(),
        lambda: by_key.api.v2010.accounts(world.account).fetch(),
        lambda: by_key.accounts.v1.secondary_auth_token().create(),
    ):
        assert (refused(call).status, refused(call).code) == (401, 20003)


@judges("keys", "paging")
@pytest.mark.parametrize("kind", ["keys", "signing_keys"])
def test_keys_in_pages(world, kind):
    made = [world.client.new_keys.create(friendly_name=str(n)).sid for n in range(4)]
    page = getattr(world.client, kind).page(page_size=2)
    read = [key.sid for key in page]
    while page.next_page_url:
        page = page.next_page()
        read += [key.sid for key in page]
    assert read == made[::-1] + [world.key[0]]


@judges("tokens", "good")
def test_rotation_of_the_auth_token(world, receiver, signed):
    sub = world.client.api.v2010.accounts.create()
    own = world.client_as(sub.sid, sub.auth_token)
    second = own.accounts.v1.secondary_auth_token().create()
    assert second.account_sid == sub.sid and len(second.secondary_auth_token) == 32
    by_second = world.client_as(sub.sid, second.secondary_auth_token)
    number = by_second.incoming_phone_numbers.create(area_code="510", sms_url=receiver.url("/sms"))
    world.text("+14155550123", number.phone_number, "Hi")
    (hook,) = receiver.take("/sms")
    assert signed(hook, sub.auth_token) and not signed(hook, second.secondary_auth_token)
    promoted = by_second.accounts.v1.auth_token_promotion().update()
    assert promoted.auth_token == second.secondary_auth_token
    assert refused(lambda: own.messages("SM" + "0" * 32).fetch()).code == 20003
    world.text("+14155550123", number.phone_number, "Hi again")
    (hook,) = receiver.take("/sms")
    assert signed(hook, promoted.auth_token) and not signed(hook, sub.auth_token)


@judges("tokens", "good")
def test_a_secondary_token_is_made_once_and_taken_back(world):
    sub = world.client.api.v2010.accounts.create()
    own = world.client_as(sub.sid, sub.auth_token)
    second = own.accounts.v1.secondary_auth_token().create()
    error = refused(lambda: own.accounts.v1.secondary_auth_token().create())
    assert (error.status, error.code) == (409, 20409)
    assert own.accounts.v1.secondary_auth_token().delete() is True
    by_second = world.client_as(sub.sid, second.secondary_auth_token)
    assert refused(lambda: by_second.balance.fetch()).code == 20003


@judges("addresses", "good")
def test_addresses(world):
    given = {
        "customer_name": "Harbor Dental", "street": "1 Pier Road", "city": "Oakland", "region": "CA",
        "postal_code": "94607", "iso_country": "US", "friendly_name": "Front desk", "street_secondary": "Suite 2",
    }
    made = world.client.addresses.create(**given, emergency_enabled=True, auto_correct_address=False)
    assert {name: getattr(made, name) for name in given} == given
    assert made.emergency_enabled is True and made.validated is False and made.account_sid == world.account
    moved = world.client.addresses(made.sid).update(street="2 Pier Road")
    assert (moved.street, moved.city) == ("2 Pier Road", "Oakland")
    assert world.client.addresses(made.sid).fetch().street == "2 Pier Road"
    assert [one.sid for one in world.client.addresses.list(iso_country="US", customer_name="Harbor Dental")] == [made.sid]
    assert world.client.addresses.list(iso_country="DE") == [] == world.client.addresses.list(emergency_enabled=False)
    assert world.client.addresses(made.sid).delete() is True
    assert refused(lambda: world.client.addresses(made.sid).fetch()).code == 20404


@judges("addresses", "paging")
def test_addresses_in_pages(world):
    for n in range(5):
        world.client.addresses.create(
            customer_name=str(n), street="1 Pier Road", city="Oakland", region="CA", postal_code="94607",
            iso_country="US",
        )
    page = world.client.addresses.page(page_size=2)
    read = [one.customer_name for one in page]
    while page.next_page_url:
        page = page.next_page()
        read += [one.customer_name for one in page]
    assert read == ["4", "3", "2", "1", "0"]


@judges("credentials", "good")
def test_both_forms_of_credentials(world):
    by_token = world.client.api.v2010.accounts(world.account).fetch()
    sid, secret = world.key
    by_key = world.client_as(sid, secret, world.account).api.v2010.accounts(world.account).fetch()
    assert by_token.sid == by_key.sid


@judges("credentials", "good")
def test_an_edge_and_a_region_lead_to_the_same_sandbox(world):
    client = Client(world.account, world.token, http_client=world.http, region="ie1", edge="dublin")
    sent = client.messages.create(to="+14155550123", from_=NUMBER, body="Hi")
    assert world.client.messages(sent.sid).fetch().sid == sent.sid
    assert client.messaging.v1.services.list() == []


@judges("credentials", "refused")
@pytest.mark.parametrize("which", ["token", "key", "nobody", "crossed"])
def test_wrong_credentials(world, which):
    sid, secret = world.key
    user, password = {
        "token": (world.account, "wrong"), "key": (sid, "wrong"), "nobody": ("AC" + "0" * 32, world.token),
        "crossed": (sid, world.token),
    }[which]
    client = world.client_as(user, password, world.account)
    error = refused(lambda: client.messages.create(to=NUMBER, from_=NUMBER, body="x"))
    assert (error.status, error.code) == (401, 20003) and error.msg.endswith(": Authenticate")
    error = refused(lambda: client.messaging.v1.services.create(friendly_name="x"))
    assert (error.status, error.code) == (401, 20003)


@judges("credentials", "refused")
def test_no_credentials(world):
    answer = world.http.request("GET", world.path("Messages"))
    assert answer.status_code == 401 and answer.headers["WWW-Authenticate"] == 'Basic realm="Twilio API"'
    assert '"code":20003' in answer.text and "No credentials provided" in answer.text


@judges("credentials", "refused")
def test_an_account_sid_that_is_none_is_404(world):
    client = world.client_as(world.account, world.token, "invalid_sid")
    assert (refused(lambda: client.messages("SM" + "0" * 32).fetch()).code) == 20404
