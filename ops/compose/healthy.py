"""Is this worker healthy? Asks /healthz of each group it runs; exit 0 when all answer 200.

`python -m ops.compose.healthy`, with the worker's own settings: what the containers' health check runs.
"""

import sys
import urllib.error
import urllib.request

from agents.settings import Settings
from agents.topology import ROWS, chosen, groups

SECONDS = 2.0  # for each answer


def ports(settings: Settings) -> dict[str, int]:
    """Return the port of each group that runs: the first group's is `http_port`, the next has the next."""
    places = list(groups(ROWS))
    return {group: settings.http_port + places.index(group) for group in groups(chosen(settings.stages))}


def fault(port: int) -> str:
    """Return what is wrong with the group on `port`, or nothing."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=SECONDS):
            return ""
    except (urllib.error.URLError, OSError) as exc:
        return str(exc)


def main() -> int:
    settings = Settings.read()
    if not settings.http_port:
        print("CONDOTTA_HTTP_PORT is not set: nobody knows where to ask", file=sys.stderr)
        return 1
    faults = {group: why for group, port in ports(settings).items() if (why := fault(port))}
    for group, why in faults.items():
        print(f"{group}: {why}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
