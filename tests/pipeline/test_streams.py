"""The labelled, ordered streams: raw articles through all rows in memory, each decision as listed."""

from pathlib import Path

import msgspec
import pytest
import yaml

from agents.replay import Replay
from agents.stage import Given
from agents.topology import DECISIONS
from pipeline.knowledge import load
from tests.gold import streams as labelled

GOLD = Path(__file__).parent.parent / "gold"
STREAMS = yaml.safe_load((GOLD / "streams.yaml").read_text("utf-8"))


def decisions(stream):
    replay = Replay(Given(load(), ()))
    for row in labelled.raw([stream]):
        for sent in replay.carry(msgspec.json.encode(row)):
            if sent.topic == DECISIONS.name:
                yield msgspec.json.decode(sent.value)


@pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream["id"])
def test_a_labelled_stream_is_decided_as_listed(stream, capsys):
    wrong = labelled.check([stream], decisions(stream))
    assert not wrong, capsys.readouterr().out
