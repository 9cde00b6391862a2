"""Writes a genuine presentation of a given size for `cargo xtask bench`.

Usage: python deck.py FILE MEBIBYTES

python-pptx makes the presentation, with a small film on its slide; the film is then exchanged for one that fills the
file up. Films are stored in a package, not deflated, so the size of the file is that of the film and a little more.
"""

import io
import random
import sys
import zipfile

from pptx import Presentation
from pptx.util import Inches

FILM_HEAD = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom"
STEP = 1 << 20


def presentation():
    """A presentation with one slide and one film of no length."""
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = "A year in moving pictures"
    slide.shapes.add_movie(io.BytesIO(FILM_HEAD), Inches(1), Inches(2), Inches(8), Inches(4.5), mime_type="video/mp4")
    stream = io.BytesIO()
    deck.save(stream)
    return stream


def film(size):
    """Bytes that no compression makes smaller, the same in every run."""
    noise = random.Random(512)
    yield FILM_HEAD
    for _ in range(size // STEP):
        yield noise.randbytes(STEP)


def main():
    target, mebibytes = sys.argv[1], int(sys.argv[2])
    with zipfile.ZipFile(presentation()) as small, zipfile.ZipFile(target, "w") as large:
        for entry in small.infolist():
            if not entry.filename.endswith(".mp4"):
                large.writestr(entry, small.read(entry), zipfile.ZIP_DEFLATED)
                continue
            stored = zipfile.ZipInfo(entry.filename, entry.date_time)
            with large.open(stored, "w", force_zip64=False) as out:
                for piece in film(mebibytes * STEP):
                    out.write(piece)


main()
