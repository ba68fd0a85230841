import os
import subprocess
import sys
from pathlib import Path

from agents.usage import Process, Usage, descendants, read

BUSY = "x = bytearray(30_000_000); print('up', flush=True); input()"


def samples(usage):
    found = [sample for family in usage.collect() for sample in family.samples]
    return {(each.name, each.labels["process"]): each.value for each in found}


def test_memory_and_time_of_a_process_and_of_its_children():
    child = subprocess.Popen(
        [sys.executable, "-c", BUSY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert child.stdout.readline() == "up\n"
        found = samples(Usage())
        assert found["condotta_memory_bytes", "self"] > 10_000_000
        assert found["condotta_memory_bytes", "children"] > 30_000_000
        assert found["condotta_cpu_seconds_total", "self"] > 0
    finally:
        child.communicate("\n")


def begin(folder, ident, parent, ticks=500):
    """Write what /proc tells of a process."""
    (folder / str(ident)).mkdir()
    fields = ["S", parent, 0, 1, 0, 0, 0, 0, 0, 0, 0, ticks, 0, 0, 0, 20, 0, 1, 0, 0, 0, 7]
    (folder / str(ident) / "stat").write_text(f"{ident} (a b) c) {' '.join(map(str, fields))}")


def test_a_child_that_ends_takes_no_time_back(tmp_path):
    usage = Usage(tmp_path, own=1)
    for ident, parent, ticks in ((1, 0, 100), (2, 1, 500), (3, 2, 500)):
        begin(tmp_path, ident, parent, ticks)
    before = samples(usage)["condotta_cpu_seconds_total", "children"]
    (tmp_path / "3" / "stat").unlink()
    assert before == 1000 / os.sysconf("SC_CLK_TCK")
    assert samples(usage)["condotta_cpu_seconds_total", "children"] == before


def test_a_stranger_is_looked_at_once_and_a_new_child_is_found(tmp_path, monkeypatch):
    usage, looks = Usage(tmp_path, own=1), []
    monkeypatch.setattr("agents.usage.read", lambda stat: looks.append(int(stat.split()[0])) or read(stat))
    for ident, parent in ((1, 0), (2, 1), *((stranger, 0) for stranger in range(100, 150))):
        begin(tmp_path, ident, parent)
    samples(usage)
    begin(tmp_path, 3, 2)
    looks.clear()
    found = samples(usage)["condotta_cpu_seconds_total", "children"]
    assert found == 1000 / os.sysconf("SC_CLK_TCK")
    assert sorted(looks) == [1, 2, 3]


def test_grandchildren_count_and_strangers_do_not():
    parents = {2: 1, 3: 2, 4: 9, 9: 0}
    processes = {ident: Process(parent, 0, 0.0, 0) for ident, parent in parents.items()}
    assert descendants(1, processes) == {2, 3}


def test_our_own_line_is_read():
    assert read(Path("/proc/self/stat").read_text()).parent == os.getppid()
