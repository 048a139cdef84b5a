"""What a process holds in memory."""

from pathlib import Path


def resident_mib(pid: int) -> float:
    """Give a process's resident set in MiB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    line = next(line for line in lines if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024
