"""The dashboards as code: `panels` says what they show, `build` makes Grafana's JSON of it."""
