"""How long Python's own check of an archive takes, for `cargo xtask bench`.

Usage: python testzip.py FILE RUNS

Prints the bytes of all entries when inflated, and the median of so many runs of `ZipFile.testzip`, in seconds.
"""

import statistics
import sys
import time
import zipfile


def run(path):
    begun = time.perf_counter()
    with zipfile.ZipFile(path) as archive:
        damaged = archive.testzip()
    took = time.perf_counter() - begun
    if damaged:
        sys.exit(f"{damaged} is damaged")
    return took


def main():
    path, runs = sys.argv[1], int(sys.argv[2])
    with zipfile.ZipFile(path) as archive:
        inflated = sum(entry.file_size for entry in archive.infolist())
    print(inflated, f"{statistics.median(run(path) for _ in range(runs)):.6f}")


main()
