"""One stage under atheris: `python -m tests.hostile.coverage STAGE CORPUS OPTIONS…` (libFuzzer's)."""

import sys

import atheris

with atheris.instrument_imports(include=["pipeline", "agents.chain", "agents.unknown"]):
    from tests.hostile import cases

if __name__ == "__main__":
    stage = next(each for each in cases.STAGES if each.__name__ == sys.argv[1])
    stage(b"Turkey sent weapons to Libya.")  # loads what is loaded once
    atheris.Setup([sys.argv[0], *sys.argv[2:]], stage)
    atheris.Fuzz()
