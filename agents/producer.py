"""The producer of commands, and of what stands beside the mailer: idempotent, acknowledged by all."""

from typing import Any

from aiokafka import AIOKafkaProducer

from agents.chain import MAX_RECORD
from agents.settings import Settings


def producer(settings: Settings, max_request_size: int = MAX_RECORD, **more: Any) -> Any:
    """Return a producer that is not started yet: a context."""
    return AIOKafkaProducer(
        **settings.client(), acks="all", enable_idempotence=True, max_request_size=max_request_size, **more
    )
