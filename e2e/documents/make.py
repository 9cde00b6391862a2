"""Makes the files that the browser tests deposit: `make.py FOLDER`.

`genuine/` holds documents as the usual libraries write them, `refused/` files that must not be taken.
Each refused file has exactly one thing wrong with it, so that the reason on the page can be compared.
"""

import io
import random
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import openpyxl
import openpyxl.drawing.image
import openpyxl.styles
import pptx
import pptx.util
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from PIL import Image, ImageDraw

INK, PAPER, ACCENT = (28, 31, 35), (251, 250, 247), (15, 92, 74)


def picture(width: int = 640, height: int = 360) -> io.BytesIO:
    """A bar chart as a PNG."""
    image = Image.new("RGB", (width, height), PAPER)
    draw = ImageDraw.Draw(image)
    for index, share in enumerate((0.45, 0.6, 0.5, 0.8)):
        left = width * (2 * index + 1) // 9
        draw.rectangle((left, int(height * (1 - share)), left + width // 9, height - 24), fill=ACCENT)
    draw.line((0, height - 24, width, height - 24), fill=INK, width=2)
    data = io.BytesIO()
    image.save(data, "PNG")
    data.seek(0)
    return data


def noise(width: int, height: int, seed: int) -> io.BytesIO:
    """A picture that does not compress, as photographs do not."""
    image = Image.frombytes("RGB", (width, height), random.Random(seed).randbytes(width * height * 3))
    data = io.BytesIO()
    image.save(data, "PNG", compress_level=1)
    data.seek(0)
    return data


def report(path: Path, title: str = "Quarterly report", paragraphs: int = 6) -> None:
    """A Word document with a table, a picture, a header and letters of several alphabets."""
    document = docx.Document()
    document.core_properties.title = title
    document.sections[0].header.paragraphs[0].text = "Example organisation"
    document.add_heading(title, 0)
    document.add_paragraph("Für die Gäste: Ελληνικά, Кириллица, 日本語, 𝔘𝔫𝔦𝔠𝔬𝔡𝔢.", style="Intense Quote")
    table = document.add_table(rows=1, cols=3, style="Light Grid Accent 1")
    for cell, text in zip(table.rows[0].cells, ("Region", "Plan", "Actual")):
        cell.text = text
    for row in (("North", "120", "131"), ("South", "95", "90"), ("Œst", "70", "88")):
        for cell, text in zip(table.add_row().cells, row):
            cell.text = text
    document.add_picture(picture(), width=docx.shared.Cm(12))
    for number in range(paragraphs):
        document.add_heading(f"Section {number + 1}", 1)
        document.add_paragraph("Revenue grew in line with the plan. " * 12)
    document.save(path)


def workbook(path: Path, title: str = "Figures", rows: int = 400) -> None:
    """An Excel workbook with formulas, formats, two sheets and a picture."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    sheet.append(["Month", "Größe", "Price", "Total"])
    for cell in sheet[1]:
        cell.font = openpyxl.styles.Font(bold=True)
    for row in range(2, rows + 2):
        sheet.append([f"2026-{row % 12 + 1:02}", row * 3, 9.5, f"=B{row}*C{row}"])
        sheet.cell(row, 4).number_format = "#,##0.00"
    notes = book.create_sheet("Notes")
    notes["A1"] = "Checked against the ledger"
    notes.add_image(openpyxl.drawing.image.Image(picture(320, 180)), "B3")
    book.save(path)


def slides(path: Path, title: str = "Présentation", photographs: int = 1) -> None:
    """A PowerPoint presentation with notes, a table and pictures."""
    show = pptx.Presentation()
    cover = show.slides.add_slide(show.slide_layouts[0])
    cover.shapes.title.text = title
    cover.placeholders[1].text = "Conseil d’administration · 董事会"
    cover.notes_slide.notes_text_frame.text = "Welcome everybody; the figures follow on the next slide."
    figures = show.slides.add_slide(show.slide_layouts[5])
    figures.shapes.title.text = "Figures"
    inches = pptx.util.Inches
    table = figures.shapes.add_table(3, 2, inches(1), inches(1.6), inches(4), inches(1.5)).table
    for row, texts in enumerate((("Region", "Share"), ("North", "45 %"), ("South", "55 %"))):
        for column, text in enumerate(texts):
            table.cell(row, column).text = text
    for number in range(photographs):
        slide = show.slides.add_slide(show.slide_layouts[6])
        slide.shapes.add_picture(noise(700, 500, number), inches(1), inches(1), width=inches(7))
    show.save(path)


def draft(path: Path, author: str = "Ana Example") -> None:
    """A Word document in the middle of its making: comments, tracked changes, and the names of those who made it."""
    document = docx.Document()
    properties = document.core_properties
    properties.title, properties.author, properties.last_modified_by = "Draft agreement", author, "Ben Example"
    document.add_heading("Draft agreement", 0)
    for number, text in enumerate(("The fee is due within 30 days.", "Either party may end it.", "Courts: Bern.")):
        paragraph = document.add_paragraph(text)
        document.add_comment(paragraph.runs, f"Is this still right? ({number + 1})", author=author, initials="AE")
    body = document.element.body
    body.insert(len(body) - 1, parse_xml(tracked("ins", "w:t", "It may be renewed once.")))
    body.insert(len(body) - 1, parse_xml(tracked("del", "w:delText", "It may not be renewed.")))
    document.save(path)


def tracked(change: str, text: str, words: str) -> str:
    """A paragraph that somebody has put in or crossed out."""
    mark = f'w:id="9{len(words)}" w:author="Ben Example" w:date="2026-11-02T09:30:00Z"'
    run = f'<w:r><{text} xml:space="preserve">{words}</{text}></w:r>'
    return f'<w:p {nsdecls("w")}><w:{change} {mark}>{run}</w:{change}></w:p>'


def pulling(path: Path) -> None:
    """A Word document that fetches a paragraph from another file when its fields are updated."""
    document = docx.Document()
    document.add_heading("Terms", 0)
    field = f'<w:p {nsdecls("w")}><w:fldSimple w:instr="INCLUDETEXT &quot;terms.docx&quot;"><w:r><w:t>As agreed.</w:t></w:r></w:fldSimple></w:p>'
    document.element.body.insert(1, parse_xml(field))
    document.save(path)


def embedding(path: Path) -> None:
    """A presentation with an OLE object that only its own program can read."""
    show = pptx.Presentation()
    slide = show.slides.add_slide(show.slide_layouts[6])
    inches = pptx.util.Inches
    slide.shapes.add_ole_object(io.BytesIO(compound_file("CONTENTS")), "Paint.Picture", inches(1), inches(1))
    show.save(path)


def changed(source: Path, path: Path, part: str, change: Callable[[bytes], bytes]) -> None:
    """Copies an Office file with one part changed."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            data = old.read(entry)
            new.writestr(entry.filename, change(data) if entry.filename == part else data)


def with_macro_type(types: bytes) -> bytes:
    plain = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    return types.replace(plain, b"application/vnd.ms-word.document.macroEnabled.main+xml")


def with_doctype(xml: bytes) -> bytes:
    end = xml.index(b"?>") + 2
    return xml[:end] + b'<!DOCTYPE w [<!ENTITY x "y">]>' + xml[end:]


def compound_file(*streams: str) -> bytes:
    """A compound file (MS-CFB): a header, one FAT sector and a directory that names at most two streams. Those of the
    frame that Office puts around an encrypted document are EncryptionInfo and EncryptedPackage."""
    free, end, fat_mark = b"\xff\xff\xff\xff", b"\xfe\xff\xff\xff", b"\xfd\xff\xff\xff"
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16)
    header += bytes.fromhex("3e000300feff09000600") + bytes(6)
    header += bytes(4) + (1).to_bytes(4, "little") + (1).to_bytes(4, "little") + bytes(4)
    header += (4096).to_bytes(4, "little") + end + bytes(4) + end + bytes(4) + bytes(4) + free * 108
    fat = fat_mark + end + end + free * 125

    def entry(name: str, kind: int, child: bytes = free, left: bytes = free) -> bytes:
        text = (name + "\0").encode("utf-16-le")
        head = text.ljust(64, b"\0") + len(text).to_bytes(2, "little") + bytes([kind, 1])
        return head + left + free + child + bytes(36) + end + bytes(8)

    directory = entry("Root Entry", 5, child=(1).to_bytes(4, "little"))
    first, second = (*streams, "", "")[:2]
    directory += entry(first, 2, left=(2).to_bytes(4, "little") if second else free)
    directory += entry(second, 2 if second else 0) + entry("", 0)
    return header + fat + directory + bytes(512)


def genuine(folder: Path) -> None:
    report(folder / "Quarterly report.docx")
    workbook(folder / "Übersicht – Zahlen 2026.xlsx")
    slides(folder / "Présentation du conseil.pptx", photographs=3)
    report(folder / "Annual accounts 2025.docx", "Annual accounts 2025", 40)
    report(folder / "Engagement letter.docx", "Engagement letter", 2)
    workbook(folder / "Budget 2027.xlsx", "Budget", 5000)
    workbook(folder / "Share register.xlsx", "Register", 60)
    slides(folder / "Kick-off workshop.pptx", "Kick-off", 0)
    slides(folder / "Site photographs.pptx", "Site photographs", 8)
    report(folder / "Minutes of the general meeting held on 3 November 2026, with all resolutions and annexes.docx", "Minutes", 12)
    draft(folder / "Draft agreement.docx")
    draft(folder / "Hostile draft.docx", """<img src="x" onerror="document.title='taken over'">""")
    pulling(folder / "Terms.docx")
    embedding(folder / "Sketch.pptx")


def crowded(source: Path, target: Path) -> None:
    """More parts than the portal looks into."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
        for number in range(10_000):
            new.writestr(f"word/media/{number}.png", b"")


def refused(folder: Path, good: Path) -> None:
    letter = good / "Engagement letter.docx"
    changed(letter, folder / "Macros.docx", "[Content_Types].xml", with_macro_type)
    changed(letter, folder / "Doctype.docx", "word/document.xml", with_doctype)
    crowded(letter, folder / "Crowded.docx")
    (folder / "Truncated.docx").write_bytes(letter.read_bytes()[:-300])
    (folder / "Protected.docx").write_bytes(compound_file("EncryptedPackage", "EncryptionInfo"))
    (folder / "Text.docx").write_text("This is only text.\n" * 40)
    (folder / "Slides.docx").write_bytes((good / "Kick-off workshop.pptx").read_bytes())
    (folder / "Notes.txt").write_text("Not an Office file, and it does not pretend to be one.\n")
    (folder / "Empty.xlsx").write_bytes(b"")


def main() -> None:
    target = Path(sys.argv[1])
    for name in ("genuine", "refused"):
        (target / name).mkdir(parents=True, exist_ok=True)
    genuine(target / "genuine")
    refused(target / "refused", target / "genuine")


if __name__ == "__main__":
    main()
