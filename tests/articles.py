"""Every article and case of the tests as raw articles, one JSON object a line: `python -m tests.articles`.

python -m tests.articles | condotta knowledge check --articles -
"""

import json
from collections.abc import Iterator
from typing import Any

from tests import evaluation
from tests.gold import score


def raws() -> Iterator[dict[str, Any]]:
    for name in evaluation.SETS:
        yield from score.raw(evaluation.gold(name))
    for origin in evaluation.ORIGINS:
        for number, case in enumerate(evaluation.cases(origin)):
            yield {
                "id": f"{origin}-{number}", "source": "case.example", "body": case.sentence,
                "content_type": "text/plain", "language": case.lang,
                "published_at": f"{case.date}T08:00:00Z",
            }  # fmt: skip


if __name__ == "__main__":
    for raw in raws():
        print(json.dumps(raw, ensure_ascii=False))
