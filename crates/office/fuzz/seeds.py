"""Fills the fuzzer's corpus with what it would hardly find itself: whole files, parts and packages.

Usage: python seeds.py FOLDER...

The folders are those that genuine.py and crafted.py have filled. Standard library only.
"""

import hashlib
import re
import sys
import zipfile
import zlib
from pathlib import Path

HERE = Path(__file__).parent
# The fuzzer mutates small inputs best.
LARGEST_FILE = 48 << 10
LARGEST_PART = 16 << 10
KINDS = (".docx", ".xlsx", ".pptx")


def keep(target, content):
    folder = HERE / "corpus" / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / hashlib.sha256(content).hexdigest()[:16]).write_bytes(content)


def package(kind, parts, names):
    """The parts in the form that targets/package.rs takes apart."""
    sections = [bytes([names.index(name)]) + content for name, content in parts if name in names]
    return b"\xff".join([bytes([kind]), *(section for section in sections if b"\xff" not in section)])


def parts(path):
    try:
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                if entry.file_size <= LARGEST_PART:
                    yield entry.filename, archive.read(entry)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError, zlib.error):
        return  # Crafted files are broken on purpose.


def main():
    target = (HERE / "targets/package.rs").read_text()
    names = re.findall(r'^    "(.*)",$', target, re.MULTILINE)
    for folder in sys.argv[1:]:
        for path in sorted(Path(folder).rglob("*.*x")):
            content = path.read_bytes()
            if len(content) <= LARGEST_FILE:
                keep("zip", content)
                keep("inspection", content)
            found = list(parts(path))
            keep("package", package(KINDS.index(path.suffix), found, names))
            for name, part in found:
                if name.endswith((".xml", ".rels", ".vml")):
                    keep("xml", part)


if __name__ == "__main__":
    main()
