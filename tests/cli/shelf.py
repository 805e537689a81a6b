"""A loopback server of stored answers, and the pulses of every scheme as their beacons' servers send them."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from ledger.inspection.beacon import Beacon, verify_pulse
from ledger.inspection.curby import CURBY_Q_SCHEME, CURBY_RNG_SCHEME
from ledger.inspection.twine import from_base64url
from tests.inspection.own_nist import own_pulse, published
from tests.shared import vectors

GENESIS = 1_698_336_000


class Shelf:
    """Stored answers by path: a status, headers and pieces of a body, sent as they are."""

    def __init__(self):
        self.answers = {}
        self.asked = []
        self.url = ""

    def put(self, path, body, status=200, **headers):
        pieces = body if isinstance(body, list) else [body]
        self.answers[path] = (status, headers, pieces)

    def put_json(self, path, value):
        self.put(path, json.dumps(value).encode())


@contextmanager
def served(late_s=0.0):
    """A loopback server; a late one has its address at once and listens after so many seconds."""
    shelf = Shelf()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            shelf.asked.append(self.path)
            status, headers, pieces = shelf.answers.get(self.path, (404, {}, [b"not found"]))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            for piece in pieces:
                self.wfile.write(piece)
                self.wfile.flush()

        def log_message(self, *_):
            pass

    def serve():
        server.server_activate()
        server.serve_forever(poll_interval=0.01)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler, bind_and_activate=False)
    server.server_bind()
    shelf.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Timer(late_s, serve)
    thread.start()
    try:
        yield shelf
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def drand_case(chain):
    lines = vectors("randomness", "drand_rounds.jsonl").read_text().splitlines()
    case = next(c for c in map(json.loads, lines) if c["chain"] == chain and c["round"] > 1)
    chains = json.loads(vectors("randomness", "drand_chains.json").read_text())
    said = next(c for c in chains if c["chain"] == chain)
    beacon = Beacon(
        chain, said["scheme"], bytes.fromhex(said["public_key"]), said["genesis_time"], said["period"]
    )
    names = ("round", "signature", "previous_signature", "randomness")
    told = {name: case[name] for name in names if case[name] is not None}
    return beacon, case["round"], told, case["randomness"]


def curby_objects():
    return json.loads(vectors("randomness", "curby_objects.json").read_text())


def curby(index):
    cases = curby_objects()
    case = next(c for c in cases if c["value"]["data"]["content"].get("index") == index)
    (chain,) = (c for c in cases if c["kind"] == "chain" and c["chain_cid"] == case["chain_cid"])
    key = from_base64url(chain["value"]["data"]["content"]["key"]["n"])
    scheme = CURBY_Q_SCHEME if index == 128 else CURBY_RNG_SCHEME
    return Beacon("curby", scheme, key, GENESIS, 60, case["chain_cid"]), case["value"]


def nist_case():
    """A real pulse's fields signed by the tests' key, as the server would send them."""
    beacon, pulse = own_pulse()
    told = {**published()[1]["pulse"], "signatureValue": pulse.signature.hex().upper()}
    told["outputValue"] = verify_pulse(beacon, pulse).hex().upper()
    return beacon, pulse, {"pulse": told}
