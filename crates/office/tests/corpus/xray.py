"""Writes Office files that show more than their text, and beside each what an X-ray of it has to say.

Usage: python xray.py FOLDER

Each file `a.docx` has its `a.docx.json`: the facts, and for each topic either all items in their order, or how many
there are. What is not in it must not be found. Each file is also there as strict Office Open XML and in UTF-16, and
says the same.
"""

import json
import shutil
import sys
from pathlib import Path

import xray_excel
import xray_people
import xray_powerpoint
import xray_word
from genuine import replaced, strict, utf16

FILES = {
    "word-properties.docx": xray_word.properties,
    "word-changes.docx": xray_word.changes,
    "word-comments.docx": xray_word.comments,
    "word-hidden.docx": xray_word.hidden,
    "word-outside.docx": xray_word.outside,
    "excel-hidden.xlsx": xray_excel.hidden,
    "excel-threads.xlsx": xray_excel.threads,
    "writer.xlsx": xray_excel.writer,
    "powerpoint.pptx": xray_powerpoint.presentation,
    "people-signed.docx": xray_people.signed,
    "people.docx": xray_people.word,
    "people.xlsx": xray_people.excel,
    "people.pptx": xray_people.powerpoint,
}


def main():
    folder = Path(sys.argv[1])
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, write in FILES.items():
        path = folder / name
        expected = json.dumps(write(str(path)), ensure_ascii=False, indent=1)
        for prefix, change in (("strict-", strict), ("utf16-", utf16)):
            replaced(path, folder / (prefix + name), change)
        for prefix in ("", "strict-", "utf16-"):
            (folder / f"{prefix}{name}.json").write_text(expected, "utf-8")


if __name__ == "__main__":
    main()
