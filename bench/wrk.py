"""The load generator: wrk, with one signed body that it sends again and again."""

import hmac
import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

_LATENCY = re.compile(r"^\s+(50|99)%\s+([\d.]+)(us|ms|s)$", re.MULTILINE)
_MILLISECONDS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


@dataclass(frozen=True, slots=True)
class Load:
    """What wrk saw in one round; latencies in milliseconds."""

    per_second: float
    p50: float
    p99: float
    answers: int
    failures: int


def wrk(url: str, script: Path, *, connections: int, seconds: int) -> Load:
    """Send for some seconds over so many connections."""
    program = shutil.which("wrk") or sys.exit("bench: wrk is missing: apt-get install wrk")
    command = [program, "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", str(script)]
    done = subprocess.run([*command, url], capture_output=True, text=True, check=True)  # noqa: S603 wrk's path
    said = done.stdout
    at = {f"p{share}": float(n) * _MILLISECONDS[unit] for share, n, unit in _LATENCY.findall(said)}
    answers = int(_number(said, r"(\d+) requests in"))
    failures = int(_number(said, r"Non-2xx or 3xx responses: (\d+)"))
    failures += sum(map(int, re.findall(r"(?:connect|read|write|timeout) (\d+)", said)))
    return Load(_number(said, r"Requests/sec:\s+([\d.]+)"), at["p50"], at["p99"], answers, failures)


def signed_script(path: Path, body: bytes, secret: str) -> Path:
    """Write the script that makes wrk post ``body`` with its signature."""
    signature = hmac.new(secret.encode(), body, "sha256").hexdigest()
    path.write_text(
        'wrk.method = "POST"\n'
        f"wrk.body = {json.dumps(body.decode())}\n"
        'wrk.headers["Content-Type"] = "application/json"\n'
        f'wrk.headers["X-Webhook-Signature"] = "{signature}"\n'
    )
    return path


def bearer_script(path: Path, token: str) -> Path:
    """Write the script that makes wrk read with a token."""
    path.write_text(f'wrk.headers["Authorization"] = "Bearer {token}"\n')
    return path


def _number(said: str, pattern: str) -> float:
    found = re.search(pattern, said)
    return float(found.group(1)) if found else 0.0
