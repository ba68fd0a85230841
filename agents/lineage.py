"""No process outlives the one that it works for."""

import ctypes
import os
import signal
import sys
import threading
import time
from collections.abc import Callable

PR_SET_PDEATHSIG = 1
LOOK = 1.0  # seconds between looks


def die_with_parent(parent: int | None = None) -> None:
    """Have the kernel kill this process when its parent ends (Linux); elsewhere a thread looks.

    A parent named by its id may have ended before this was called; then this process ends as well.
    """
    parent = os.getppid() if parent is None else parent
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)
        return
    _when(lambda: os.getppid() != parent)


def end_without(process: int) -> None:
    """End when `process` is gone: the parent of a forkserver's child is the forkserver."""
    _when(lambda: not _alive(process))


def _when(gone: Callable[[], bool]) -> None:
    threading.Thread(target=_until, args=(gone,), daemon=True).start()


def _until(gone: Callable[[], bool]) -> None:
    while not gone():
        time.sleep(LOOK)
    os._exit(1)


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
