"""Writes genuine Office files with the libraries that people use.

Usage: python genuine.py FOLDER

The inspector must refuse none of them. A name that starts with
`flagged-` belongs to a file in which the inspector has to flag something; all others must pass without
a finding.
"""

import io
import random
import re
import struct
import sys
import zipfile
from datetime import datetime
from pathlib import Path

import docx
import openpyxl
import xlsxwriter
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_COLOR_INDEX
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Inches, Pt
from openpyxl.chart import BarChart, LineChart, PieChart, Reference
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image as SheetImage
from openpyxl.formatting.rule import CellIsRule, ColorScaleRule, FormulaRule
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.table import Table
from PIL import Image
from pptx import Presentation
from pptx.chart.data import BubbleChartData, CategoryChartData, XyChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.enum.shapes import MSO_SHAPE, PROG_ID
from pptx.util import Inches as SlideInches

PHRASE = "Zürich – Αθήνα – 東京 – مرحبا – 😀 & <angle> \"quotes\""


def picture(kind="PNG", size=(320, 200)):
    """A picture with enough detail not to compress into nothing."""
    image = Image.new("RGB", size)
    image.putdata([((x * 7 + y) % 256, (x * y) % 256, (x ^ y) % 256) for y in range(size[1]) for x in range(size[0])])
    stream = io.BytesIO()
    image.save(stream, kind)
    stream.seek(0)
    return stream


# Word


def field(paragraph, instruction, result="1"):
    """A field of three runs, as Word writes it."""
    for kind in ("begin", "instr", "separate", "result", "end"):
        run = paragraph.add_run(result if kind == "result" else "")
        if kind == "instr":
            element = OxmlElement("w:instrText")
            element.set(qn("xml:space"), "preserve")
            element.text = instruction
            run._r.append(element)
        elif kind != "result":
            element = OxmlElement("w:fldChar")
            element.set(qn("w:fldCharType"), kind)
            run._r.append(element)


def hyperlink(paragraph, target):
    identifier = paragraph.part.relate_to(target, docx.opc.constants.RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    link = OxmlElement("w:hyperlink")
    link.set(qn("r:id"), identifier)
    run = OxmlElement("w:r")
    text = OxmlElement("w:t")
    text.text = target
    run.append(text)
    link.append(run)
    paragraph._p.append(link)


def word_empty(path):
    docx.Document().save(path)


def word_text(path):
    document = docx.Document()
    document.core_properties.author = "Ana"
    document.add_heading(PHRASE, 0)
    for level in range(1, 6):
        document.add_heading(f"Chapter {level}", level)
        for style in ("List Bullet", "List Number", "Intense Quote", "Normal"):
            paragraph = document.add_paragraph(PHRASE, style=style)
            run = paragraph.add_run(" bold")
            run.bold = True
            run.font.size = Pt(14)
            run.font.highlight_color = WD_COLOR_INDEX.YELLOW
    document.add_page_break()
    document.save(path)


def word_long(path):
    document = docx.Document()
    for number in range(3000):
        document.add_paragraph(f"Paragraph {number}: {PHRASE} {number * number}")
    document.save(path)


def word_pictures(path):
    document = docx.Document()
    for kind in ("PNG", "JPEG", "GIF", "BMP", "TIFF"):
        document.add_paragraph(kind)
        document.add_picture(picture(kind), width=Inches(3))
    document.save(path)


def word_tables(path):
    document = docx.Document()
    table = document.add_table(rows=40, cols=6, style="Light Grid Accent 1")
    for row in table.rows:
        for cell in row.cells:
            cell.text = PHRASE
    cell = table.cell(0, 0)
    for _ in range(6):
        cell = cell.add_table(rows=2, cols=2).cell(1, 1)
        cell.text = "nested"
    document.save(path)


def word_links_and_fields(path):
    document = docx.Document()
    paragraph = document.add_paragraph("Links: ")
    for target in ("https://example.com/a?b=c&d=e", "http://example.com/dde", "mailto:ana@example.com"):
        hyperlink(paragraph, target)
    for instruction in (" PAGE ", " NUMPAGES ", ' TOC \\o "1-3" \\h ', ' DATE \\@ "d MMMM yyyy" ', " MERGEFIELD Name ",
                        ' HYPERLINK "https://example.com/dde" ', ' IF 1 = 1 "DDE" "x" ', " SEQ Figure "):
        field(document.add_paragraph(), instruction)
    document.sections[0].footer.paragraphs[0].text = "Footer"
    field(document.sections[0].footer.paragraphs[0], " PAGE ")
    document.save(path)


def word_sections(path):
    document = docx.Document()
    for number in range(4):
        section = document.add_section()
        section.orientation = WD_ORIENT.LANDSCAPE if number % 2 else WD_ORIENT.PORTRAIT
        section.left_margin = Cm(1 + number)
        section.header.is_linked_to_previous = False
        section.header.paragraphs[0].text = f"{PHRASE} {number}"
        section.different_first_page_header_footer = True
        section.first_page_footer.paragraphs[0].text = "first"
    document.settings.odd_and_even_pages_header_footer = True
    document.save(path)


def word_comments(path):
    document = docx.Document()
    paragraph = document.add_paragraph("A remark on ")
    run = paragraph.add_run("this")
    document.add_comment(run, text=PHRASE, author="Ben", initials="B")
    document.save(path)


def word_bookmarks_and_changes(path):
    document = docx.Document()
    paragraph = document.add_paragraph("Kept ")
    for tag, text_tag in (("w:ins", "w:t"), ("w:del", "w:delText")):
        change = OxmlElement(tag)
        change.set(qn("w:id"), "7")
        change.set(qn("w:author"), "Ben")
        change.set(qn("w:date"), "2026-01-02T03:04:05Z")
        run = OxmlElement("w:r")
        text = OxmlElement(text_tag)
        text.text = "changed"
        run.append(text)
        change.append(run)
        paragraph._p.append(change)
    document.save(path)


def word_local_template(path):
    document = docx.Document()
    document.part._settings_part.relate_to(
        "file:///C:\\Templates\\Letter.dotx",
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate",
        is_external=True,
    )
    document.save(path)


def word_include_picture(path):
    document = docx.Document()
    field(document.add_paragraph(), ' INCLUDEPICTURE "logo.png" \\d ')
    document.save(path)


def word_file_link(path):
    document = docx.Document()
    hyperlink(document.add_paragraph(), "file:///C:\\Shared\\plan.docx")
    document.save(path)


def word_embedded_workbook(path):
    document = docx.Document()
    document.add_paragraph("A workbook inside.")
    workbook = io.BytesIO()
    openpyxl.Workbook().save(workbook)
    part = docx.opc.part.Part(
        docx.opc.packuri.PackURI("/word/embeddings/Microsoft_Excel_Worksheet.xlsx"),
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        workbook.getvalue(),
        document.part.package,
    )
    document.part.relate_to(part, "http://schemas.openxmlformats.org/officeDocument/2006/relationships/package")
    document.save(path)


# Excel, openpyxl


def sheet_rows(sheet, rows=20):
    sheet.append(["Name", "Count", "Price", "Date"])
    for number in range(rows):
        sheet.append([f"{PHRASE} {number}", number, number * 1.25, datetime(2026, 1, 1 + number % 28)])


def excel_empty(path):
    openpyxl.Workbook().save(path)


def excel_many_sheets(path):
    book = openpyxl.Workbook()
    for number in range(120):
        sheet = book.create_sheet(f"Sheet {number} ä")
        sheet["A1"] = number
        sheet.sheet_state = ("visible", "hidden", "veryHidden")[number % 3]
    book.save(path)


def excel_formulas(path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "a|b"
    sheet_rows(sheet)
    for number, formula in enumerate((
        "=SUM(B2:B21)", '=IF(B2>1,"a|b!","c")', "='a|b'!B2", '="x|y"&\'a|b\'!A2', "=VLOOKUP(1,B2:C9,2,FALSE)",
        '=TEXT(D2,"yyyy|mm")', "=B2&\"!\"", '=HYPERLINK("https://example.com","x")',
    )):
        sheet.cell(30 + number, 1, formula)
    book.defined_names["Prices"] = DefinedName("Prices", attr_text="'a|b'!$C$2:$C$21")
    book.save(path)


def excel_charts(path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet_rows(sheet)
    for number, chart in enumerate((BarChart(), LineChart(), PieChart())):
        chart.add_data(Reference(sheet, min_col=2, max_col=3, min_row=1, max_row=21), titles_from_data=True)
        chart.title = PHRASE
        sheet.add_chart(chart, f"F{1 + number * 16}")
    book.save(path)


def excel_everything(path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet_rows(sheet, 50)
    sheet["A1"].comment = Comment(PHRASE, "Ben")
    sheet["A2"].hyperlink = "https://example.com/ä?a=1&b=2"
    sheet["A3"].hyperlink = "mailto:ana@example.com"
    sheet["A4"].hyperlink = "#Sheet!B2"
    sheet.add_image(SheetImage(picture()), "H2")
    sheet.add_table(Table(displayName="Goods", ref="A1:D51"))
    validation = DataValidation(type="list", formula1='"a,b,c|d"')
    sheet.add_data_validation(validation)
    validation.add("E2:E20")
    sheet.conditional_formatting.add("B2:B20", CellIsRule(operator="lessThan", formula=["10"]))
    sheet.conditional_formatting.add("C2:C20", ColorScaleRule(start_type="min", end_type="max", start_color="FFFFFF", end_color="00FF00"))
    sheet.conditional_formatting.add("D2:D20", FormulaRule(formula=['ISERROR(A1)']))
    sheet.freeze_panes = "B2"
    sheet.row_dimensions[5].hidden = True
    sheet.column_dimensions["C"].hidden = True
    sheet.protection.sheet = True
    book.save(path)


def excel_streamed(path):
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    for number in range(5000):
        sheet.append([number, f"{PHRASE} {number}", number / 7])
    book.save(path)


def excel_external_link(path):
    book = openpyxl.Workbook()
    book.active["A1"] = "=1"
    link = openpyxl.workbook.external_link.ExternalLink(
        externalBook=openpyxl.workbook.external_link.external.ExternalBook(id="rId1")
    )
    link.file_link = openpyxl.packaging.relationship.Relationship(
        type="externalLinkPath", Target="Budget.xlsx", TargetMode="External", Id="rId1"
    )
    book._external_links.append(link)
    book.save(path)


# Excel, XlsxWriter


def writer_basic(path):
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Übersicht")
        sheet.write_row(0, 0, [PHRASE, 1, 2.5, True])
        sheet.write_formula(1, 0, '=SUM(B1:C1)&"|!"')
        sheet.write_url(2, 0, "https://example.com/a b")
        sheet.write_url(3, 0, "mailto:ana@example.com")
        sheet.write_url(4, 0, "internal:'Übersicht'!A1")
        sheet.write_rich_string(5, 0, "plain ", book.add_format({"bold": True}), "bold")
        sheet.write_comment(0, 0, PHRASE)


def writer_charts(path):
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Data")
        for row in range(30):
            sheet.write_row(row, 0, [row, row * row, 30 - row])
        for number, kind in enumerate(("area", "bar", "column", "line", "pie", "doughnut", "scatter", "radar", "stock")):
            chart = book.add_chart({"type": kind})
            for column in "ABC":
                chart.add_series({"values": f"=Data!${column}$1:${column}$30", "categories": "=Data!$A$1:$A$30"})
            sheet.insert_chart(2 + number * 16, 5, chart)
        chart = book.add_chart({"type": "line"})
        chart.add_series({"values": "=Data!$A$1:$A$30"})
        book.add_chartsheet("Chart").set_chart(chart)


def writer_button(path):
    """A button has the name of a macro, whether there is one or not."""
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet().insert_button("B2", {"caption": "Press"})


def writer_features(path):
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.insert_image("B2", "picture.png", {"image_data": picture(), "url": "https://example.com"})
        sheet.insert_textbox("H2", PHRASE)
        sheet.insert_checkbox("A1", True)
        sheet.data_validation("A9", {"validate": "list", "source": ["a", "b|c"]})
        sheet.conditional_format("A1:A9", {"type": "data_bar"})
        sheet.add_sparkline("C9", {"range": "Sheet1!A1:A9"})
        sheet.add_table("J1:L9", {"data": [[1, 2, 3]] * 8})
        sheet.set_header("&L&G", {"image_left": "picture.png", "image_data_left": picture()})
        sheet.set_background(picture())
        sheet.outline_settings(True)
        book.set_properties({"title": PHRASE, "author": "Ana"})
        book.set_custom_property("Checked", True)
        book.define_name("Sales", "=Sheet1!$A$1:$A$9")


def writer_constant_memory(path):
    with xlsxwriter.Workbook(path, {"constant_memory": True, "use_zip64": True}) as book:
        sheet = book.add_worksheet()
        for row in range(20000):
            sheet.write_row(row, 0, [row, f"{PHRASE} {row}", row / 3])


def writer_file_link(path):
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet().write_url("A1", "external:C:\\Shared\\plan.xlsx")


# PowerPoint


def slide(presentation, layout=5):
    return presentation.slides.add_slide(presentation.slide_layouts[layout])


def powerpoint_empty(path):
    Presentation().save(path)


def powerpoint_text(path):
    presentation = Presentation()
    for layout in range(11):
        page = slide(presentation, layout)
        for shape in page.placeholders:
            if shape.has_text_frame:
                shape.text_frame.text = PHRASE
        page.notes_slide.notes_text_frame.text = f"Notes {layout}"
    presentation.save(path)


def powerpoint_charts(path):
    presentation = Presentation()
    for kind in (XL_CHART_TYPE.COLUMN_CLUSTERED, XL_CHART_TYPE.LINE, XL_CHART_TYPE.PIE, XL_CHART_TYPE.AREA, XL_CHART_TYPE.RADAR):
        data = CategoryChartData()
        data.categories = ["ä", "b", "c"]
        data.add_series(PHRASE, (1, 2.5, 3))
        slide(presentation).shapes.add_chart(kind, 0, 0, SlideInches(6), SlideInches(4), data)
    points = XyChartData()
    series = points.add_series("points")
    for number in range(9):
        series.add_data_point(number, number * number)
    slide(presentation).shapes.add_chart(XL_CHART_TYPE.XY_SCATTER, 0, 0, SlideInches(6), SlideInches(4), points)
    bubbles = BubbleChartData()
    bubbles.add_series("bubbles").add_data_point(1, 2, 3)
    slide(presentation).shapes.add_chart(XL_CHART_TYPE.BUBBLE, 0, 0, SlideInches(6), SlideInches(4), bubbles)
    presentation.save(path)


def powerpoint_shapes(path):
    presentation = Presentation()
    page = slide(presentation, 6)
    for number, kind in enumerate((MSO_SHAPE.RECTANGLE, MSO_SHAPE.CLOUD, MSO_SHAPE.CHEVRON)):
        shape = page.shapes.add_shape(kind, SlideInches(number), 0, SlideInches(1), SlideInches(1))
        shape.text_frame.text = PHRASE
        shape.click_action.hyperlink.address = "https://example.com"
    jump = page.shapes.add_shape(MSO_SHAPE.OVAL, 0, SlideInches(3), SlideInches(1), SlideInches(1))
    jump.click_action.target_slide = slide(presentation)
    page.shapes.add_table(5, 5, 0, 0, SlideInches(5), SlideInches(3))
    page.shapes.add_picture(picture("JPEG"), 0, 0)
    page.shapes.add_picture(picture("PNG"), 0, 0)
    group = page.shapes.add_group_shape()
    group.shapes.add_textbox(0, 0, 99, 99).text_frame.text = "grouped"
    page._element.set("show", "0")
    presentation.save(path)


def powerpoint_movie(path):
    presentation = Presentation()
    movie = io.BytesIO(random.Random(7).randbytes(1 << 20))
    slide(presentation).shapes.add_movie(movie, 0, 0, 99, 99, poster_frame_image=picture(), mime_type="video/mp4")
    presentation.save(path)


def powerpoint_embedded(path):
    presentation = Presentation()
    workbook, text, talk = io.BytesIO(), io.BytesIO(), io.BytesIO()
    openpyxl.Workbook().save(workbook)
    docx.Document().save(text)
    Presentation().save(talk)
    page = slide(presentation)
    for stream, program in ((workbook, PROG_ID.XLSX), (text, PROG_ID.DOCX), (talk, PROG_ID.PPTX)):
        stream.seek(0)
        page.shapes.add_ole_object(stream, program, 0, 0)
    presentation.save(path)


def powerpoint_embedded_deep(path):
    """A document in a presentation in a presentation in a presentation."""
    inner, program = io.BytesIO(), PROG_ID.DOCX
    docx.Document().save(inner)
    for _ in range(3):
        presentation, outer = Presentation(), io.BytesIO()
        inner.seek(0)
        slide(presentation).shapes.add_ole_object(inner, program, 0, 0)
        presentation.save(outer)
        inner, program = outer, PROG_ID.PPTX
    Path(path).write_bytes(inner.getvalue())


# What packs a hundredfold and more


def word_white_picture(path):
    document = docx.Document()
    white = io.BytesIO()
    Image.new("RGB", (2000, 2000), "white").save(white, "BMP")
    white.seek(0)
    document.add_picture(white)
    document.save(path)


def word_long_table(path):
    document = docx.Document()
    document.add_table(1500, 6)
    document.save(path)


# The same content in other archives


def rewrite(source, target, **options):
    """Copies the entries into a new archive."""
    stored = options.get("stored", False)
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED) as new:
        names = old.namelist()
        for name in reversed(names) if options.get("reverse") else names:
            if options.get("folders") and "/" in name and name.rsplit("/", 1)[0] + "/" not in new.namelist():
                new.writestr(name.rsplit("/", 1)[0] + "/", b"")
            divided = name.replace("/", options.get("separator", "/"))
            entry = zipfile.ZipInfo(divided, (2026, 1, 2, 3, 4, 6))
            # Backslashes come from Windows.
            entry.create_system = 0 if divided != name else entry.create_system
            entry.extra = options.get("extra", b"")
            with new.open(entry, "w", force_zip64=options.get("zip64", False)) as entry:
                entry.write(old.read(name))


# Room to grow, as Office leaves it; the times of Windows and of Unix.
EXTRAS = (
    struct.pack("<HH40s", 0xA220, 40, b"\x28\xa0"),
    struct.pack("<HHIHHQQQ", 0x000A, 32, 0, 1, 24, *[132_000_000_000_000_000] * 3),
    struct.pack("<HHBI", 0x5455, 5, 1, 1_767_000_000),
)


class Unseekable(io.RawIOBase):
    """Makes zipfile write data descriptors."""

    def __init__(self, target):
        self.target = target

    def writable(self):
        return True

    def write(self, data):
        return self.target.write(data)


def other_archives(folder):
    source = folder / "word-text.docx"
    rewrite(source, folder / "archive-stored.docx", stored=True)
    rewrite(source, folder / "archive-reversed.docx", reverse=True)
    rewrite(source, folder / "archive-folders.docx", folders=True)
    rewrite(source, folder / "archive-zip64-local.docx", zip64=True)
    for name in ("word-pictures.docx", "excel-everything.xlsx", "powerpoint-charts.pptx"):
        rewrite(folder / name, folder / f"backslashes-{name}", separator="\\")
    left = folder / "archive-mac.docx"
    rewrite(source, left)
    with zipfile.ZipFile(left, "a") as archive:
        # macOS keeps the attributes of each file in an archive beside it.
        for name in archive.namelist():
            path, _, file = name.rpartition("/")
            archive.writestr(f"__MACOSX/{path}/._{file}".replace("//", "/"), b"\0\5\x16\7\0\2\0\0Mac OS X        " + bytes(60))
    rewrite(source, folder / "archive-extras.docx", extra=b"".join(EXTRAS))
    for name, options in (("archive-descriptors", {}), ("archive-descriptors-zip64", {"zip64": True}), ("archive-descriptors-stored", {"stored": True})):
        with open(folder / f"{name}.docx", "wb") as target:
            rewrite(source, Unseekable(target), **options)
    (folder / "archive-line-end.docx").write_bytes(source.read_bytes() + b"\n")


def replaced(source, target, change):
    """Copies an archive with every XML part changed."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, change(data) if name.endswith((".xml", ".rels")) else data)


# No writer library and no LibreOffice writes the strict form. It differs by its namespaces (ECMA-376 part 1 against part
# 4), which Office and LibreOffice read either way.
STRICT = [
    (b"http://schemas.openxmlformats.org/officeDocument/2006/relationships", b"http://purl.oclc.org/ooxml/officeDocument/relationships"),
    (b"http://schemas.openxmlformats.org/wordprocessingml/2006/main", b"http://purl.oclc.org/ooxml/wordprocessingml/main"),
    (b"http://schemas.openxmlformats.org/spreadsheetml/2006/main", b"http://purl.oclc.org/ooxml/spreadsheetml/main"),
    (b"http://schemas.openxmlformats.org/presentationml/2006/main", b"http://purl.oclc.org/ooxml/presentationml/main"),
    (b"http://schemas.openxmlformats.org/drawingml/2006/main", b"http://purl.oclc.org/ooxml/drawingml/main"),
]


def strict(data):
    for transitional, replacement in STRICT:
        data = data.replace(transitional, replacement)
    return data


def show(data):
    """A slide show under the name of a presentation."""
    return data.replace(b"presentationml.presentation.main", b"presentationml.slideshow.main")


def utf16(data):
    text = re.sub(r"encoding=(['\"])[^'\"]*\1", 'encoding="UTF-16"', data.decode("utf-8-sig"))
    return text.encode("utf-16")


# Files with much in them, whose parts are written again as other programs would write them.
RICH = (
    "word-comments.docx", "word-changes.docx", "word-links-and-fields.docx", "word-pictures.docx", "excel-charts.xlsx",
    "excel-everything.xlsx", "writer-features.xlsx", "powerpoint-charts.pptx", "powerpoint-shapes.pptx", "powerpoint-text.pptx",
)


def other_texts(folder):
    for name in RICH:
        replaced(folder / name, folder / f"strict-{name}", strict)
        replaced(folder / name, folder / f"utf16-{name}", utf16)
    replaced(folder / "powerpoint-shapes.pptx", folder / "flagged-show.pptx", show)
    for name in ("word-links-and-fields.docx", "excel-everything.xlsx", "powerpoint-text.pptx"):
        replaced(folder / name, folder / f"bom-{name}", lambda data: b"\xef\xbb\xbf" + data)


def other_names(folder):
    """Parts whose names are not ASCII: encoded, as the packaging convention asks, and as some programs write them."""
    for name, picture_name in (("names-encoded.docx", "media/Bild-%C3%A4.png"), ("names-plain.docx", "media/Bild-ä.png")):
        with zipfile.ZipFile(folder / "word-pictures.docx") as old, zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as new:
            for part in old.namelist():
                data = old.read(part).replace(b"media/image1.png", picture_name.encode())
                new.writestr(part.replace("media/image1.png", picture_name), data)


FILES = {
    "word-empty.docx": word_empty,
    "word-text.docx": word_text,
    "word-long.docx": word_long,
    "word-pictures.docx": word_pictures,
    "word-tables.docx": word_tables,
    "word-links-and-fields.docx": word_links_and_fields,
    "word-sections.docx": word_sections,
    "word-comments.docx": word_comments,
    "word-changes.docx": word_bookmarks_and_changes,
    "word-embedded-workbook.docx": word_embedded_workbook,
    "flagged-local-template.docx": word_local_template,
    "flagged-include-picture.docx": word_include_picture,
    "flagged-file-link.docx": word_file_link,
    "excel-empty.xlsx": excel_empty,
    "excel-many-sheets.xlsx": excel_many_sheets,
    "excel-formulas.xlsx": excel_formulas,
    "excel-charts.xlsx": excel_charts,
    "excel-everything.xlsx": excel_everything,
    "excel-streamed.xlsx": excel_streamed,
    "flagged-external-link.xlsx": excel_external_link,
    "writer-basic.xlsx": writer_basic,
    "writer-charts.xlsx": writer_charts,
    "writer-features.xlsx": writer_features,
    "flagged-writer-button.xlsx": writer_button,
    "writer-constant-memory.xlsx": writer_constant_memory,
    "flagged-writer-file-link.xlsx": writer_file_link,
    "powerpoint-empty.pptx": powerpoint_empty,
    "powerpoint-text.pptx": powerpoint_text,
    "powerpoint-charts.pptx": powerpoint_charts,
    "powerpoint-shapes.pptx": powerpoint_shapes,
    "powerpoint-movie.pptx": powerpoint_movie,
    "powerpoint-embedded.pptx": powerpoint_embedded,
    "powerpoint-embedded-deep.pptx": powerpoint_embedded_deep,
    "word-white-picture.docx": word_white_picture,
    "word-long-table.docx": word_long_table,
}


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, write in FILES.items():
        write(str(folder / name))
    other_archives(folder)
    other_texts(folder)
    other_names(folder)


if __name__ == "__main__":
    main()
