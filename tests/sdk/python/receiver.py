"""A server of the customer's: takes webhooks, checks nothing itself, answers what it is told to."""

import threading
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

EMPTY = (200, "text/xml", "<Response/>")


@dataclass
class Hook:
    """A webhook as it came."""

    method: str
    url: str
    headers: dict
    pairs: list = field(default_factory=list)
    body: str = ""

    @property
    def path(self):
        return urlsplit(self.url).path

    @property
    def params(self):
        return dict(self.pairs)

    @property
    def signature(self):
        return self.headers.get("x-twilio-signature", "")

    @property
    def token(self):
        return self.headers.get("i-twilio-idempotency-token", "")


class Receiver:
    def __init__(self):
        self.lock = threading.Lock()
        self.hooks = []
        self.answers = {}
        self.files = {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                outer.answer(self, b"")

            def do_POST(self):
                outer.answer(self, self.rfile.read(int(self.headers.get("content-length", 0))))

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.base = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, request, body):
        path = urlsplit(request.path).path
        if path in self.files:
            status, (kind, content) = 200, self.files[path]
        else:
            url = self.base + request.path
            encoded = urlsplit(request.path).query if request.command == "GET" else body.decode()
            headers = {name.lower(): value for name, value in request.headers.items()}
            pairs = parse_qsl(encoded, keep_blank_values=True)
            with self.lock:
                self.hooks.append(Hook(request.command, url, headers, pairs, body.decode()))
                queue = self.answers.get(path)
                status, kind, content = queue.popleft() if queue else EMPTY
            content = content.encode()
        request.send_response(status)
        request.send_header("Content-Type", kind)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content)

    def url(self, path):
        return self.base + path

    def will_answer(self, path, *answers):
        """The next answers at a path: TwiML, or (status, content type, body)."""
        full = [(200, "text/xml", one) if isinstance(one, str) else one for one in answers]
        with self.lock:
            self.answers.setdefault(path, deque()).extend(full)

    def serve(self, path, kind, content):
        """A file under a path, for MediaUrl; fetching it is no webhook."""
        self.files[path] = (kind, content)
        return self.url(path)

    def take(self, path=None):
        """The webhooks since the last time, in the order they came."""
        with self.lock:
            taken = [hook for hook in self.hooks if path in (None, hook.path)]
            self.hooks = [hook for hook in self.hooks if hook not in taken]
        return taken

    def clear(self):
        with self.lock:
            self.hooks, self.answers, self.files = [], {}, {}

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def statuses(hooks, sid=None):
    """The statuses that callbacks told, in the order they came."""
    told = [hook.params for hook in hooks if "MessageStatus" in hook.params]
    return [params["MessageStatus"] for params in told if sid in (None, params["MessageSid"])]
