import signal
import subprocess
import sys
import threading
import time

import click
import pytest

from agents import worker as module
from agents.worker import BACKOFF, Child, Supervisor

ENDS = [sys.executable, "-c", "raise SystemExit(3)"]
STAYS = [sys.executable, "-c", "import time; time.sleep(60)"]
DEAF = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(15, signal.SIG_IGN); print(flush=True); time.sleep(60)",
]


def wait_for(process):
    process.wait(10)
    return process.returncode


def test_a_child_that_dies_is_started_anew_after_a_pause(capsys):
    child = Child("g", ENDS)
    child.tend(100.0)
    wait_for(child.process)
    child.tend(101.0)
    assert "g ended with exit code 3; started anew in 1 s" in capsys.readouterr().err
    child.tend(101.5)
    assert child.process is None
    child.tend(101.0 + BACKOFF[0])
    assert child.process is not None
    wait_for(child.process)


def test_the_pause_grows_and_is_forgotten_after_a_steady_run():
    child = Child("g", [])
    dues = []
    for died in (1.0, 2.0, 3.0, 4.0, 5.0, 6.0):
        child._died(1, died)
        dues.append(child.due - died)
    assert dues == [1.0, 2.0, 5.0, 10.0, 10.0, 10.0]
    child.started = 10.0
    child._died(-9, 10.0 + module.STEADY + 1)
    assert child.due - child.started - module.STEADY - 1 == BACKOFF[0]


def test_a_child_that_refuses_its_settings_ends_the_worker():
    with pytest.raises(click.ClickException, match="g cannot be started with these settings"):
        Child("g", [])._died(module.WRONG, 0.0)


def test_a_signal_stops_all_children():
    children = [Child("a", STAYS), Child("b", STAYS)]
    supervisor = Supervisor(children, stop_timeout=10)
    before = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    threading.Timer(0.5, signal.raise_signal, [signal.SIGTERM]).start()
    try:
        supervisor.run()
    finally:
        for number, handler in zip((signal.SIGTERM, signal.SIGINT), before, strict=True):
            signal.signal(number, handler)
    assert [child.process.returncode for child in children] == [-signal.SIGTERM] * 2


def test_a_child_that_does_not_stop_is_killed_in_time():
    child = Child("a", DEAF)
    child.process = subprocess.Popen(DEAF, stdout=subprocess.PIPE)
    child.process.stdout.readline()
    start = time.monotonic()
    Supervisor([child], stop_timeout=0.3).stop()
    assert time.monotonic() - start < 5
    assert child.process.returncode == -signal.SIGKILL
