"""Lets LibreOffice write genuine Office files: from files of other writers, and from formats of its own.

Usage: python libreoffice.py SOFFICE GENUINE FOLDER

SOFFICE is the program. GENUINE is the folder that genuine.py and node/genuine.mjs have filled. Standard library only.
The program is started once for each format, because starting takes longer than converting.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PHRASE = "Zürich – Αθήνα – 東京 – 😀 &amp; &lt;angle&gt;"

# What is given to LibreOffice to write again: every writer library, and what is special about it.
TEXTS = """word-text word-pictures word-tables word-links-and-fields word-sections word-comments word-changes docxjs-styles
    docxjs-lists docxjs-footnotes docxjs-formulas docxjs-fields docxjs-comments docxjs-changes docxjs-pictures"""
WORKBOOKS = """excel-many-sheets excel-charts excel-everything writer-basic writer-charts writer-features exceljs-formulas
    exceljs-comments exceljs-links exceljs-pictures exceljs-rules exceljs-hidden exceljs-table"""
TALKS = """powerpoint-text powerpoint-charts powerpoint-shapes pptxgenjs-text pptxgenjs-pictures pptxgenjs-tables
    pptxgenjs-links pptxgenjs-masters pptxgenjs-chart-bar pptxgenjs-chart-pie"""

# Links to a place in the same workbook, which these writers write as links to outside. LibreOffice makes them links to
# the file that it was given.
FLAGGED = ("excel-everything", "exceljs-links")

# The two dialects of each format that LibreOffice writes.
FILTERS = {
    "docx": ("MS Word 2007 XML", "Office Open XML Text"),
    "xlsx": ("Calc MS Excel 2007 XML", "Calc Office Open XML"),
    "pptx": ("Impress MS PowerPoint 2007 XML", "Impress Office Open XML"),
}

NAMESPACES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in (("office", "office"), ("text", "text"), ("table", "table"), ("draw", "drawing"), ("style", "style"),
                         ("svg", "svg-compatible"), ("presentation", "presentation"))
) + ' xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:dc="http://purl.org/dc/elements/1.1/"'


def opendocument(kind, body):
    """A flat OpenDocument file, which is one XML file."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<office:document {NAMESPACES} office:version="1.3" office:mimetype="application/vnd.oasis.opendocument.{kind}">
<office:body><office:{kind}>{body}</office:{kind}></office:body></office:document>"""


def open_text():
    note = f"<text:note text:note-class='footnote'><text:note-body><text:p>{PHRASE}</text:p></text:note-body></text:note>"
    remark = "<office:annotation><dc:creator>Ben Example</dc:creator><text:p>A remark</text:p></office:annotation>"
    link = '<text:a xlink:href="https://example.com/?a=1&amp;b=2">a link</text:a>'
    paragraphs = "".join(f"<text:p>{PHRASE} {number} {link}{note}{remark}</text:p>" for number in range(20))
    return opendocument("text", f"<text:h text:outline-level='1'>{PHRASE}</text:h>{paragraphs}")


def open_table():
    cell = "<table:table-cell office:value-type='string'><text:p>{}</text:p></table:table-cell>"
    number = "<table:table-cell office:value-type='float' office:value='{0}'><text:p>{0}</text:p></table:table-cell>"
    formula = "<table:table-cell table:formula='of:=SUM([.B1:.B9])' office:value-type='float' office:value='36'/>"
    rows = "".join(f"<table:table-row>{cell.format(PHRASE)}{number.format(n)}{formula}</table:table-row>" for n in range(50))
    return opendocument("spreadsheet", f"<table:table table:name='Übersicht'>{rows}</table:table>")


def open_slides():
    frame = "<draw:frame svg:x='2cm' svg:y='2cm' svg:width='20cm' svg:height='5cm'><draw:text-box><text:p>{}</text:p></draw:text-box></draw:frame>"
    notes = f"<presentation:notes>{frame.format('Notes ' + PHRASE)}</presentation:notes>"
    pages = "".join(f"<draw:page draw:name='Page {n}'>{frame.format(PHRASE)}{notes}</draw:page>" for n in range(5))
    return opendocument("presentation", pages)


def rich_text():
    return r"{\rtf1\ansi{\b bold} {\i italic} \u252?\par{\field{\*\fldinst HYPERLINK ""https://example.com/""}{\fldrslt link}}\par\trowd\cellx3000\cellx6000 a\cell b\cell\row}"


def web_page():
    rows = "".join(f"<tr><td>{PHRASE}</td><td>{number}</td></tr>" for number in range(40))
    return f'<html><head><meta charset="utf-8"><title>Page</title></head><body><h1>{PHRASE}</h1><p><a href="https://example.com/">link</a></p><table>{rows}</table></body></html>'


def values():
    return "".join(f"Zürich,{number},{number / 3:.4f},2026-01-{number % 28 + 1:02}\n" for number in range(400))


SOURCES = {
    "docx": {"open.fodt": open_text, "rich.rtf": rich_text, "plain.txt": values, "page.html": web_page},
    "xlsx": {"open.fods": open_table, "values.csv": values},
    "pptx": {"open.fodp": open_slides},
}


def convert(soffice, home, target, sources, folder):
    """One call for all sources; LibreOffice goes on with the next when it cannot read one."""
    command = [soffice, f"-env:UserInstallation={(home / 'profile').as_uri()}", "--headless", "--norestore", "--convert-to", target]
    subprocess.run([*command, "--outdir", folder, *sources], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=600)


def main():
    soffice, genuine, folder = sys.argv[1], *map(Path, sys.argv[2:4])
    folder.mkdir(parents=True, exist_ok=True)
    missing = []
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        for (extension, names) in (("docx", TEXTS), ("xlsx", WORKBOOKS), ("pptx", TALKS)):
            own = [home / name for name in SOURCES[extension]]
            for path in own:
                path.write_text(SOURCES[extension][path.name](), encoding="utf-8")
            again = [genuine / f"{name}.{extension}" for name in names.split()]
            # The second dialect differs little: what LibreOffice made from its own formats shows it.
            for number, sources in enumerate(([*own, *again], own)):
                out = home / f"{extension}-{number}"
                convert(soffice, home, f"{extension}:{FILTERS[extension][number]}", sources, out)
                for source in sources:
                    made = out / f"{source.stem}.{extension}"
                    if made.is_file():
                        flagged = "flagged-" if source.stem in FLAGGED else ""
                        shutil.copyfile(made, folder / f"{flagged}libreoffice-{number + 1}-{source.stem}.{extension}")
                    else:
                        missing.append(source.name)
    if missing:
        sys.exit(f"LibreOffice wrote nothing from {', '.join(missing)}")


if __name__ == "__main__":
    main()
