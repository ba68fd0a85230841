"""How values travel: topics, retries, metrics, mail. What we know about news is in `pipeline/`."""
