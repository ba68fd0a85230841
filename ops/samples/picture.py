"""`python -m ops.samples.picture`: draw mail.png, the first mail of the demo's articles. Needs Chromium."""

import re
import tempfile
from pathlib import Path

from click.testing import CliRunner

from agents.alerts import preview
from ops.grafana.preview import screenshot

HERE = Path(__file__).parent
WIDTH, HEIGHT = 760, 2205  # of the picture


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        arguments = [
            "--to",
            name,
            "--subscribers",
            str(HERE / "subscribers.yaml"),
            str(HERE / "articles.jsonl"),
        ]
        done = CliRunner().invoke(preview, arguments, catch_exceptions=False)
        if done.exit_code:
            raise SystemExit(done.output)
        first = min(folder.glob("*.html"))
        light = re.sub(r"@media \(prefers-color-scheme: dark\)", "@media not all", first.read_text("utf-8"))
        first.write_text(light, "utf-8")
        screenshot(first, HERE / "mail.png", WIDTH, HEIGHT)


if __name__ == "__main__":
    main()
