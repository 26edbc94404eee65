"""Tells people what came of a run: on the job's page, to its next steps, to a channel of a chat."""

from parity.telling.night import tell_night, tell_silence
from parity.telling.tell import Told, tell

__all__ = ["Told", "tell", "tell_night", "tell_silence"]
