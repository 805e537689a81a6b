"""How is the application put on a port?

One process, uvloop and httptools, no access log: who asked what is nobody's to keep. Prints one line of JSON
once it listens, so that a program that asked for port 0 learns the port.
"""

import json
import logging
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
import uvicorn

from api.http.app import create_app
from api.http.wire import BoundedHeads
from api.wiring import Ledger

BACKLOG_CONNECTIONS = 2_048
KEEP_ALIVE_SECONDS = 30
GOODBYE_SECONDS = 20  # for requests that are being answered when the server ends
ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM)

log = structlog.get_logger("chipledger.server")


class _Server(uvicorn.Server):
    """Tells when it listens, and comes back when it is told to end."""

    def __init__(self, config: uvicorn.Config, listening: Callable[[], None]) -> None:
        super().__init__(config)
        self._listening = listening

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """As the server does, without raising the signal again: the ledger is still to be closed."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in ENDING_SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As the server starts, and then the word."""
        await super().startup(sockets)
        if self.started:
            self._listening()


def print_listening(origin: str, host: str, port: int) -> None:
    """The machine-readable line: `{"listening": "http://…", "port": n, "origin": …}`."""
    shown = f"[{host}]" if ":" in host else host
    line = {"listening": f"http://{shown}:{port}", "port": port, "origin": origin}
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def serve(
    ledger: Ledger,
    host: str | None = None,
    port: int | None = None,
    listening: Callable[[str, str, int], None] = print_listening,
) -> None:
    """Serve until a signal says to end; the ledger stays open. OSError where the port cannot be had."""
    host = ledger.settings.host if host is None else host
    port = ledger.settings.port if port is None else port
    log_operations()
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind((host, port))
        chosen = bound.getsockname()[1]
        server = _Server(uvicorn_config(ledger), lambda: listening(ledger.origin, host, chosen))
        if not sys.stderr.isatty():  # whoever sits at a terminal has the line on standard output
            log.info("listening", origin=ledger.origin, size=ledger.head().size, host=host, port=chosen)
        server.run(sockets=[bound])
        log.info("ended", origin=ledger.origin)


def uvicorn_config(ledger: Ledger) -> uvicorn.Config:
    """The server's settings."""
    return uvicorn.Config(
        create_app(ledger),
        loop="uvloop",
        http=BoundedHeads,
        ws="none",
        access_log=False,
        log_config=None,
        server_header=False,
        backlog=BACKLOG_CONNECTIONS,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GOODBYE_SECONDS,
    )


def log_operations() -> None:
    """Operations logs as JSON lines on the error stream, those of libraries from warnings up."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.dict_tracebacks,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )
