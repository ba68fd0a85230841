"""Hostile input: collections of others, kept here with their licences, and what must hold for any input.

`blns.jsonl`, `json.jsonl` and `html5lib.jsonl` come from packages (see LICENCES); `found.jsonl` holds what
`make fuzz` has found. One JSON object a line: a name, and the case as `text` or `base64`.
"""
