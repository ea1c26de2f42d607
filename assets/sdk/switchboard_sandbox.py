"""Points Twilio's Python SDK, as it is, at a Switchboard sandbox: copy this file beside your tests.

    from switchboard_sandbox import SandboxHttpClient
    client = twilio.rest.Client(account_sid, auth_token, http_client=SandboxHttpClient(base))

`base`, `accountSid` and `authToken` are in the line that `switchboard sandbox --json` prints. Without a
base the environment's TWILIO_BASE_URL is taken.
"""

import os
import re

from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.http.http_client import TwilioHttpClient

# https://{product}.twilio.com, https://{product}.{edge}.{region}.twilio.com
_HOST = re.compile(r"^https://([a-z]+)\.(?:[a-z0-9-]+\.)*twilio\.com(?=/)")


def sandbox_url(base, url):
    """Where the sandbox has what Twilio has at this URL; other URLs, such as the sandbox's own, stay."""
    return _HOST.sub(lambda host: base.rstrip("/") + "/" + host.group(1), url)


class SandboxHttpClient(TwilioHttpClient):
    """The SDK's own HTTP client, with its options (`timeout`, ...), for another host."""

    def __init__(self, base=None, **options):
        super().__init__(**options)
        self.base = base or os.environ["TWILIO_BASE_URL"]
        if self.session is not None:
            # A proxy for the world outside cannot reach this machine's loopback.
            self.session.trust_env = False

    def request(self, method, url, *args, **options):
        return super().request(method, sandbox_url(self.base, url), *args, **options)


class AsyncSandboxHttpClient(AsyncTwilioHttpClient):
    """The same for the SDK's `..._async` methods."""

    def __init__(self, base=None, **options):
        super().__init__(**options)
        self.base = base or os.environ["TWILIO_BASE_URL"]

    async def request(self, method, url, *args, **options):
        return await super().request(method, sandbox_url(self.base, url), *args, **options)
