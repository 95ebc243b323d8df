"""What Ctrl-C and SIGTERM do to a command that can be resumed."""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import Any

from sim.commands.call import INTERRUPTED
from sim.commands.progress import tell

MESSAGE = "ended at once. What is finished is kept; the same command resumes."


def listen(as_json: bool) -> None:
    """Let the first of these signals end what is in hand in good order, and the next one end the process at once.

    A signal that is ignored, as that of Ctrl-C is in the background, stays so.
    """
    caught: list[int] = []

    def interrupt(number: int, frame: Any) -> None:
        caught.append(number)
        if len(caught) == 1:
            raise KeyboardInterrupt
        tell(f"steppe: {MESSAGE}")
        if as_json:
            tell(json.dumps({"error": MESSAGE, "status": INTERRUPTED}), sys.stdout)
        os._exit(INTERRUPTED)

    for number in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, interrupt)
