"""Tells which documents expat takes for well-formed, for comparison.

On standard input, over and over: a length of 32 bits, little-endian, and so many bytes of XML. For each, one byte on
standard output: `y` when it is well-formed, namespaces included, `n` when it is not. Standard library only.
"""

import struct
import sys
from xml.parsers import expat


def is_well_formed(document):
    # What no document contains may stand between namespace and name.
    parser = expat.ParserCreate(namespace_separator="\x01")
    try:
        parser.Parse(document, True)
    except (expat.ExpatError, ValueError, LookupError):
        return False
    return True


def main():
    source, answers = sys.stdin.buffer, sys.stdout.buffer
    while header := source.read(4):
        (length,) = struct.unpack("<I", header)
        answers.write(b"y" if is_well_formed(source.read(length)) else b"n")
        answers.flush()


if __name__ == "__main__":
    main()
