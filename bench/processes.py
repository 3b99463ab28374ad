"""What a process, and the whole machine, has used: from /proc, so on Linux only. Elsewhere all of it is 0."""

import os
from pathlib import Path

_PROC = Path("/proc")
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""


def cpu_seconds(pid: int) -> float:
    """Return the CPU time of a process, and of its children that have ended."""
    fields = _read(_PROC / str(pid) / "stat").rpartition(") ")[2].split()
    return sum(map(int, fields[11:15])) / _TICKS


def memory_mib(pid: int) -> float:
    """Return the memory of a process in main memory: its resident set."""
    pages = _read(_PROC / str(pid) / "statm").split()[1:2]
    return sum(map(int, pages)) * _PAGE / 2**20


def peak_memory_mib(pid: int) -> float:
    """Return the most memory that a process has had in main memory."""
    lines = _read(_PROC / str(pid) / "status").splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


def busy_seconds() -> float:
    """Return the CPU time that the machine has used since it was started, on all its cores."""
    fields = _read(_PROC / "stat").partition("\n")[0].split()[1:]
    used = fields[:3] + fields[5:7]  # user, nice, system; irq, softirq
    return sum(map(int, used)) / _TICKS
