"""The whole system on this machine, watched: for tests, the preview of dashboards and `make soak`."""
