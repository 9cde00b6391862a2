"""Tells what Python's zipfile sees in archives, for comparison.

For each path on a line of standard input: the number of entries; for each of them, in the order of their place in the
file, the lengths of its name and its content; then name and content of each. Numbers have 64 bits, little-endian.
Standard library only.
"""

import struct
import sys
import zipfile

UTF8 = 0x800


def main():
    for line in sys.stdin:
        with zipfile.ZipFile(line.rstrip("\n")) as archive:
            entries = sorted(archive.infolist(), key=lambda entry: entry.header_offset)
            # As the archive has it: zipfile has decoded it, and has cut it at a zero.
            names = [entry.orig_filename.encode("utf-8" if entry.flag_bits & UTF8 else "cp437") for entry in entries]
            contents = [archive.read(entry) for entry in entries]
        numbers = [len(entries), *(len(part) for entry in zip(names, contents) for part in entry)]
        sys.stdout.buffer.write(struct.pack(f"<{len(numbers)}Q", *numbers))
        for name, content in zip(names, contents):
            sys.stdout.buffer.write(name + content)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
