"""Writes Office files with everything that a copy can be without, and looks at the copies.

Usage: python clean.py FOLDER           writes the files
       python clean.py FOLDER COPIES    opens every copy of them and compares it with its original

What `xray.py` writes is not repeated here: these are the cases in which taking something out is more than leaving it
away. Of a file whose name starts with `impossible-`, hidden sheets or slides cannot be taken out.
"""

import io
import re
import sys
import zipfile
from pathlib import Path

import docx
import openpyxl
import xlsxwriter
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from PIL import Image
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.enum.shapes import MSO_SHAPE
from pptx.util import Inches

from genuine import field, hyperlink, picture, replaced, strict, utf16
from xray_parts import OFFICE, override, relationship, with_parts

CHANGE = 'w:id="7" w:author="Ana Example" w:date="2026-01-02T03:04:05Z"'


# Word


def appended(document, text):
    """Adds an element of the body before the section properties."""
    document.element.body.insert(-1, parse_xml(text.replace(">", f" {nsdecls('w', 'r')}>", 1)))


def paragraph(text, mark="", kind=""):
    """A paragraph; `mark` is a change of its end, `kind` of its text."""
    properties = f"<w:pPr><w:rPr><w:{mark} {CHANGE}/></w:rPr></w:pPr>" if mark else ""
    tag = "delText" if kind in ("del", "moveFrom") else "t"
    run = f'<w:r><w:{tag} xml:space="preserve">{text}</w:{tag}></w:r>'
    return f"<w:p>{properties}{f'<w:{kind} {CHANGE}>{run}</w:{kind}>' if kind else run}</w:p>"


# What is read of the document when all its changes are accepted.
JOINED = ["one two three", "four", "moved", "five"]
ROWS = [["a", "c"], ["d", "f"]]


def word_joined(path):
    document = docx.Document()
    for text in (
        paragraph("one ", "del"),
        paragraph("gone", "del", "del"),
        paragraph("two ", "del", "ins"),
        paragraph("three"),
        paragraph("gone", "moveFrom", "moveFrom"),
        paragraph("four"),
        paragraph("moved", "moveTo", "moveTo"),
        paragraph("gone", "del", "del"),
    ):
        appended(document, text)
    cell = "<w:tc><w:tcPr>{}</w:tcPr><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:tc>".format
    deleted = f"<w:cellDel {CHANGE}/>"
    rows = [
        ("", [("", "a"), (deleted, "b"), (f"<w:cellIns {CHANGE}/>", "c")]),
        (f"<w:del {CHANGE}/>", [("", "x"), ("", "y")]),
        (f"<w:ins {CHANGE}/>", [("", "d"), (deleted, "e"), ("", "f")]),
    ]
    rows = "".join(f"<w:tr><w:trPr>{mark}</w:trPr>{''.join(cell(*each) for each in cells)}</w:tr>" for mark, cells in rows)
    grid = '<w:tblGrid><w:gridCol w:w="1"/><w:gridCol w:w="1"/></w:tblGrid>'
    appended(document, f'<w:tbl><w:tblPr><w:tblW w:w="0" w:type="auto"/></w:tblPr>{grid}{rows}</w:tbl>')
    appended(document, paragraph("five"))
    document.save(path)


def word_deleted_picture(path):
    document = docx.Document()
    seen, gone = document.add_paragraph(), document.add_paragraph()
    seen.add_run().add_picture(picture(), width=Inches(1))
    gone.add_run().add_picture(picture(size=(40, 30)), width=Inches(1))
    change = parse_xml(f"<w:del {nsdecls('w')} {CHANGE}/>")
    change.append(gone.runs[0]._r)
    gone._p.append(change)
    hyperlink(gone, "https://example.com/gone")
    document.add_comment(seen.runs, text="A remark", author="Ben Example")
    document.save(path)


def default_type(path, kind):
    """Gives the extension `xml` a type that some of its parts do have, as some writers do; the others name theirs."""
    with_parts(path, [("[Content_Types].xml", lambda types: re.sub(
        b'(<Default Extension="xml" ContentType=")[^"]*', rb"\1" + kind.encode(), types))])


STORE = "{12345678-1234-1234-1234-123456789ABC}"


def word_bound(path):
    """A control and a field whose texts are older than what they stand for."""
    document = docx.Document()
    document.core_properties.title = "Real title"
    control = (
        '<w:sdt><w:sdtPr><w:text/><w:dataBinding w:prefixMappings="xmlns:x=\'{}\'" w:xpath="{}" w:storeItemID="{}"/></w:sdtPr>'
        "<w:sdtContent><w:r><w:t>{}</w:t></w:r></w:sdtContent></w:sdt>"
    )
    core = "http://schemas.openxmlformats.org/package/2006/metadata/core-properties"
    controls = [
        control.format("urn:example", "/x:offer[1]/x:price[1]", STORE, "stale price"),
        control.format(f"{core}' xmlns:d='http://purl.org/dc/elements/1.1/", "/x:coreProperties[1]/d:title[1]",
                       "{6C3C8BC8-F283-45AE-878A-BAB7291924A1}", "stale title"),
    ]
    appended(document, f"<w:p>{''.join(controls)}</w:p>")
    field(document.add_paragraph(), " TITLE ", "shown title")
    document.save(path)
    properties = f'<ds:datastoreItem xmlns:ds="http://schemas.openxmlformats.org/officeDocument/2006/customXml" ds:itemID="{STORE}"/>'
    with_parts(
        path,
        [("customXml/item7.xml", b'<offer xmlns="urn:example"><price>1,200 EUR</price></offer>'), ("customXml/itemProps7.xml", properties.encode())],
        [override("customXml/itemProps7.xml", "application/vnd.openxmlformats-officedocument.customXmlProperties+xml")],
        [
            ("word/_rels/document.xml.rels", relationship("x7", f"{OFFICE}/customXml", "../customXml/item7.xml")),
            ("customXml/_rels/item7.xml.rels", relationship("p7", f"{OFFICE}/customXmlProps", "itemProps7.xml")),
        ],
    )


def word_default_comments(path):
    word_deleted_picture(path)
    default_type(path, "application/vnd.openxmlformats-officedocument.wordprocessingml.comments+xml")


def word_default_properties(path):
    word_joined(path)
    default_type(path, "application/vnd.openxmlformats-package.core-properties+xml")


# Excel


def excel_default_comments(path):
    writer_mixed_drawing(path)
    default_type(path, "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml")


def excel_hidden(path):
    book = openpyxl.Workbook()
    first = book.active
    hidden, last = book.create_sheet("Hidden", 0), book.create_sheet("Last")
    for number, sheet in enumerate((first, hidden, last)):
        sheet.append([f"shared {number % 2}", f"own {sheet.title}", number])
    hidden["A1"].comment = Comment("A remark", "Ana Example")
    chart = BarChart()
    chart.add_data(Reference(hidden, min_col=3, min_row=1))
    hidden.add_chart(chart)
    hidden["D1"] = "=Last!C1"
    last["D1"] = "=Sheet!C1+C1"
    hidden.sheet_state = "veryHidden"
    hidden.print_area = "A1:C1"
    last.print_area = "A1:D1"
    book.defined_names["Secret"] = DefinedName("Secret", attr_text="Hidden!$A$1")
    book.defined_names["Open"] = DefinedName("Open", attr_text="Last!$A$1")
    book.active = 2
    book.save(path)


def excel_list(path):
    """The usual reason for a hidden sheet: the choices of a cell."""
    book = openpyxl.Workbook()
    choices = book.create_sheet("Choices")
    choices.append(["a", "b"])
    choices.sheet_state = "hidden"
    validation = DataValidation(type="list", formula1="Choices!$A$1:$B$1")
    book.active.add_data_validation(validation)
    validation.add("A1")
    book.save(path)


def writer_mixed_drawing(path):
    with xlsxwriter.Workbook(path) as book:
        for name in ("Mixed", "Notes"):
            sheet = book.add_worksheet(name)
            sheet.write_comment("A1", "A remark", {"author": "Ana Example"})
        book.get_worksheet_by_name("Mixed").insert_button("C3", {"caption": "Press"})


def writer_hidden(path):
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("Shown").write_row(0, 0, ["shown", "both"])
        hidden = book.add_worksheet("Hidden")
        hidden.write_row(0, 0, ["secret", "both"])
        hidden.insert_image("B2", "picture.png", {"image_data": picture()})
        hidden.add_table("D1:E3", {"name": "Secrets"})
        hidden.hide()


# PowerPoint


def powerpoint_hidden(path):
    presentation = Presentation()
    slides = [presentation.slides.add_slide(presentation.slide_layouts[5]) for _ in range(4)]
    for number, page in enumerate(slides):
        page.shapes.title.text = f"Slide {number}"
        page.shapes.add_picture(picture(), 0, 0)
        page.notes_slide.notes_text_frame.text = f"Notes {number}"
    data = CategoryChartData()
    data.categories = ["a"]
    data.add_series("secret", (1,))
    slides[1].shapes.add_chart(XL_CHART_TYPE.PIE, 0, 0, Inches(3), Inches(3), data)
    slides[1]._element.set("show", "0")
    jump = slides[0].shapes.add_shape(MSO_SHAPE.OVAL, 0, 0, Inches(1), Inches(1))
    jump.click_action.target_slide = slides[1]
    slides[3]._element.set("show", "false")
    presentation.save(path)


def powerpoint_all_hidden(path):
    presentation = Presentation()
    presentation.slides.add_slide(presentation.slide_layouts[5])._element.set("show", "0")
    presentation.save(path)


FILES = {
    "word-joined.docx": word_joined,
    "word-deleted-picture.docx": word_deleted_picture,
    "word-bound.docx": word_bound,
    "word-default-comments.docx": word_default_comments,
    "word-default-properties.docx": word_default_properties,
    "excel-default-comments.xlsx": excel_default_comments,
    "excel-hidden-unused.xlsx": excel_hidden,
    "impossible-excel-list.xlsx": excel_list,
    "writer-mixed-drawing.xlsx": writer_mixed_drawing,
    "writer-hidden.xlsx": writer_hidden,
    "powerpoint-hidden.pptx": powerpoint_hidden,
    "impossible-powerpoint.pptx": powerpoint_all_hidden,
}


def write(folder):
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in FILES.items():
        make(str(folder / name))
        if not name.startswith("impossible-"):
            replaced(folder / name, folder / f"strict-{name}", strict)
            replaced(folder / name, folder / f"utf16-{name}", utf16)


# The copies


def check_parts(original, copy):
    """What is in both archives and differs, or is gone, must have been named by the copy's report."""
    changed = set(Path(f"{copy}.changed").read_text().splitlines())
    with zipfile.ZipFile(original) as old, zipfile.ZipFile(copy) as new:
        assert new.testzip() is None
        def is_kept(name):
            # Where backslashes divide the names, the report has slashes all the same.
            return name.replace("\\", "/") not in changed

        kept = [name for name in old.namelist() if is_kept(name)]
        assert [name for name in new.namelist() if is_kept(name)] == kept, "other parts, or another order"
        for name in kept:
            before, after = old.getinfo(name), new.getinfo(name)
            assert old.read(name) == new.read(name), name
            assert (before.compress_type, before.compress_size, before.date_time) == (
                after.compress_type, after.compress_size, after.date_time), name


def check_word(path):
    document = docx.Document(path)
    if path.name.endswith("word-joined.docx"):
        paragraphs = [each.text for each in document.paragraphs]
        assert paragraphs == JOINED, paragraphs
        rows = [[cell.text for cell in row.cells] for row in document.tables[0].rows]
        assert rows == ROWS, rows
    if path.name.endswith("word-bound.docx"):
        texts = [text.text for text in document.element.body.iter(f"{{{document.element.nsmap['w']}}}t")]
        assert texts == ["1,200 EUR", "Real title", "shown title"], texts
        assert "instrText" not in document.element.xml
    if path.name.endswith("word-deleted-picture.docx"):
        assert len(document.inline_shapes) == 1
        assert len([each for each in document.part.package.iter_parts() if "/media/" in each.partname]) == 1


def check_excel(path):
    book = openpyxl.load_workbook(path)
    if path.name.startswith("asked-"):
        assert all(sheet.sheet_state == "visible" for sheet in book.worksheets)
    if path.name == "asked-excel-hidden-unused.xlsx":
        assert book.sheetnames == ["Sheet", "Last"] and book.active.title == "Last"
        assert list(book.defined_names) == ["Open"] and book["Last"].print_area == "'Last'!$A$1:$D$1"
        assert [cell.value for cell in book["Last"][1]] == ["shared 0", "own Last", 2, "=Sheet!C1+C1"]
    if path.name == "asked-writer-hidden.xlsx":
        texts = zipfile.ZipFile(path).read("xl/sharedStrings.xml")
        assert b"secret" not in texts and [cell.value for cell in book["Shown"][1]] == ["shown", "both"]


def check_powerpoint(path):
    presentation = Presentation(path)
    titles = [page.shapes.title.text for page in presentation.slides if page.shapes.title is not None]
    if path.name == "asked-powerpoint-hidden.pptx":
        assert titles == ["Slide 0", "Slide 2"], titles
        assert not [name for name in zipfile.ZipFile(path).namelist() if "chart" in name or "notesSlides" in name]


# What `xray_people.py` writes into places where nobody looks.
PEOPLE = ("Ana Example", "Ben Example", "ana@example.com", "Users\\ana", "\\\\server", "H:\\clients", "INT-42", "99999999-8888",
          "S-1-5-21", "Camera 9", "openpyxl", "Personal View")


def told(archive, inside=""):
    """The names and paths that are anywhere in a file or in the files inside it."""
    for name in archive.namelist():
        content = archive.read(name)
        for word in PEOPLE:
            if any(word.encode(encoding) in content for encoding in ("utf-8", "utf-16-le", "utf-16-be")):
                yield f"{inside}{name}: {word}"
        if content.startswith(b"PK\3\4"):
            yield from told(zipfile.ZipFile(io.BytesIO(content)), f"{inside}{name}/")


def seen(archive, name):
    """The pixels of a picture, and how it is turned."""
    picture = Image.open(io.BytesIO(archive.read(name)))
    turned = picture.getexif().get(0x0112)
    return picture.convert("RGB").tobytes(), picture.size, turned, picture.info.get("icc_profile")


def check_people(original, path):
    is_signed, was_asked = "signed" in path.name, path.name.startswith("asked-")
    if "people" not in path.name or (is_signed and not was_asked):
        return
    with zipfile.ZipFile(original) as old, zipfile.ZipFile(path) as copy:
        left = list(told(copy))
        assert not left, left
        for name in copy.namelist():
            if name.endswith((".jpg", ".png", ".tiff")):
                assert seen(old, name) == seen(copy, name), name


CHECKS = {".docx": check_word, ".xlsx": check_excel, ".pptx": check_powerpoint}


def check(corpus, copies):
    originals = {path.name: path for folder in ("genuine", "xray", "clean") for path in (corpus / folder).glob("*.???x")}
    done = 0
    for copy in sorted(copies.glob("*.???x")):
        original = originals[copy.name.removeprefix("asked-")]
        try:
            check_parts(original, copy)
            check_people(original, copy)
            # The libraries read neither strict files nor UTF-16 in all of their parts, nor names with backslashes, nor shows.
            if not any(word in copy.name for word in ("strict-", "utf16-", "bom-", "backslashes-", "-show")):
                CHECKS[copy.suffix](copy)
        except Exception as error:
            raise SystemExit(f"{copy.name}: {type(error).__name__}: {error}") from error
        done += 1
    print(f"{done} copies have the parts of their originals, and open")


if __name__ == "__main__":
    if len(sys.argv) == 2:
        write(Path(sys.argv[1]))
    else:
        check(Path(sys.argv[1]), Path(sys.argv[2]))
