"""What the machine has: the CPUs that this process may use (affinity mask, its container's quota), and their kind."""

from __future__ import annotations

import math
import os
import platform
from pathlib import Path

CGROUP = Path("/sys/fs/cgroup")
CPUINFO = Path("/proc/cpuinfo")

FEATURES = ("avx2", "avx512f", "avx_vnni", "avx512_vnni", "amx_int8", "asimd", "asimddp", "i8mm")
"""By the names of Linux. int8 is several times as fast as fp32 where there is one for its dot products: avx_vnni,
avx512_vnni, amx_int8; asimddp or i8mm on ARM."""


def available_cpus(cgroup: Path = CGROUP) -> int:
    """CPUs that the process may keep busy: the smaller of its affinity mask and its cgroup's quota (v2 or v1)."""
    affinity = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = _quota(cgroup)
    return max(1, min(affinity, math.ceil(quota) if quota else affinity))


def _quota(cgroup: Path) -> float | None:
    try:
        limit, period = (cgroup / "cpu.max").read_text().split()  # v2: "200000 100000" or "max 100000"
        return None if limit == "max" else int(limit) / int(period)
    except (OSError, ValueError):
        pass
    try:
        limit_us = int((cgroup / "cpu" / "cpu.cfs_quota_us").read_text())  # v1: -1 for none
        return limit_us / int((cgroup / "cpu" / "cpu.cfs_period_us").read_text()) if limit_us > 0 else None
    except (OSError, ValueError, ZeroDivisionError):
        return None


def cpu_name(cpuinfo: Path = CPUINFO) -> str:
    """What the system calls the processor."""
    names = [value for key, value in _cpu_fields(cpuinfo) if key == "model name"]
    return names[0] if names else platform.processor() or platform.machine()


def cpu_features(cpuinfo: Path = CPUINFO) -> tuple[str, ...]:
    """The processor's instructions that decide how fast int8 and fp32 are, of those in ``FEATURES``.

    ONNX Runtime looks for the same and takes the fastest kernels that it finds; nothing has to be chosen.
    """
    flags = {flag for key, value in _cpu_fields(cpuinfo) if key in ("flags", "Features") for flag in value.split()}
    return tuple(feature for feature in FEATURES if feature in flags)


def _cpu_fields(cpuinfo: Path) -> list[tuple[str, str]]:
    try:
        lines = cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:  # no Linux
        return []
    pairs = [line.partition(":") for line in lines]
    return [(key.strip(), value.strip()) for key, _, value in pairs]
