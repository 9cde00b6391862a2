"""Makes a presentation with much media in it, within seconds: `large.py FILE MEGABYTES`.

The slides come from python-pptx; the media are stored entries of random bytes behind the beginning of a JPEG, whose data
begins at once, as that of photographs does in genuine files.
"""

import os
import sys
import zipfile
from pathlib import Path

import pptx
import pptx.util

MEGABYTE = 1 << 20

# The mark, the segment of JFIF, and the one after which the data begins (ITU-T T.81, annex B).
JPEG = bytes.fromhex("ffd8 ffe0 0010 4a46494600 0101 00 0001 0001 00 00 ffda 0008 01 0100 00 3f 00")


def slides(path: Path, count: int) -> None:
    show = pptx.Presentation()
    inches = pptx.util.Inches
    for number in range(count):
        slide = show.slides.add_slide(show.slide_layouts[5])
        slide.shapes.title.text = f"Photograph {number + 1}"
        table = slide.shapes.add_table(12, 6, inches(1), inches(1.6), inches(8), inches(4)).table
        for row in range(12):
            for column in range(6):
                table.cell(row, column).text = f"{row * column * number}"
        slide.notes_slide.notes_text_frame.text = f"Say who took photograph {number + 1}."
    show.save(path)


def main() -> None:
    path, megabytes = Path(sys.argv[1]), int(sys.argv[2])
    slides(path, 20)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_STORED) as archive:
        types = archive.read("[Content_Types].xml")
        assert b'Extension="jpeg"' in types, "the template has a thumbnail of this type"
        for number in range(megabytes // 4):
            archive.writestr(f"ppt/media/photograph{number}.jpeg", JPEG + os.urandom(4 * MEGABYTE - len(JPEG)))


if __name__ == "__main__":
    main()
