"""Stands in for the Python interpreter: has a warm process run `-m MODULE`, and ends as that ends.

    python -IS launcher.py SOCKET [-P] -m MODULE [ARGUMENT]...

To whoever started it, it is that process: it has its pipes, passes on the signals that ask to stop, and
takes it with it when it is killed. Imports little, since it is started for every process of every night.
"""

import json
import os
import signal
import socket
import sys

STOPS = (signal.SIGINT, signal.SIGTERM)


def main(address: str, arguments: list[str]) -> int:
    """Ask for the process, and wait for its end."""
    # What arrives before there is somebody to pass it on to has to wait.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
    asked = {
        "arguments": arguments[arguments.index("-m") + 1 :],
        "folder": os.path.realpath("."),
        "environment": dict(os.environ),
    }
    with socket.socket(socket.AF_UNIX) as warm:
        warm.connect(address)
        socket.send_fds(warm, [json.dumps(asked).encode() + b"\n"], [0, 1, 2])
        # Whoever holds the other ends of these waits for the process, not for us.
        for standard in (0, 1, 2):
            os.close(standard)
        with warm.makefile("r") as told:
            process = int(told.readline())
            for stop in STOPS:
                signal.signal(stop, lambda number, _frame: pass_on(process, number))
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)
            ended = int(told.readline() or -signal.SIGKILL)
    if ended < 0:
        if -ended in STOPS:
            signal.signal(-ended, signal.SIG_DFL)
        os.kill(os.getpid(), -ended)
    return ended


def pass_on(process: int, number: int) -> None:
    """Send a signal on, to a process that may have ended just now."""
    try:
        os.kill(process, number)
    except ProcessLookupError:
        return


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
