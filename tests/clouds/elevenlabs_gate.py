"""The stand-in made to hold a sentence back until the test lets it go."""

from __future__ import annotations

import threading

from tests.clouds.elevenlabs import ElevenLabsServer


class Gate:
    """Holds the service back at texts that begin so, after it counted them and before it answers."""

    def __init__(self, server: ElevenLabsServer, begins: str) -> None:
        self.reached, self.open = threading.Event(), threading.Event()

        def spoken(text: str) -> list[str]:
            if text.startswith(begins):
                self.reached.set()
                assert self.open.wait(30), "the test never opened the gate"
            return list(text)

        server.spoken_of = spoken
