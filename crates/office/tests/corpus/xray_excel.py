"""Workbooks that show more than their cells."""

from datetime import datetime

import openpyxl
import xlsxwriter
from openpyxl.comments import Comment
from openpyxl.packaging.custom import IntProperty, StringProperty

from xray_parts import ANA, BEN, CUSTOM_ITEMS, MICROSOFT, OFFICE, TIME, XML, metadata, override, relationship, with_parts


def hidden(path):
    book = openpyxl.Workbook()
    book.properties.creator = "Ana Example"
    book.properties.lastModifiedBy = "Ben Example"
    sheet = book.active
    sheet.title = "Prices & more"
    sheet.append(["Two words", "Four words – in here", "東京", 17])
    for row in (5, 6, 9):
        sheet.row_dimensions[row].hidden = True
    sheet.column_dimensions["C"].hidden = True
    sheet.column_dimensions.group("F", "H", hidden=True)
    sheet["A1"].comment = Comment("Check this", "Ana Example")
    sheet["B2"].comment = Comment("Done", "Ben Example")
    sheet["A3"].hyperlink = "https://example.com/"
    sheet["A4"].hyperlink = "#Costs!A1"
    book.create_sheet("Costs").sheet_state = "hidden"
    deep = book.create_sheet("Margins")
    deep.sheet_state = "veryHidden"
    deep.sheet_format.zeroHeight = True
    book.custom_doc_props.append(StringProperty(name="Client", value="Example & Co"))
    book.custom_doc_props.append(IntProperty(name="Rating", value=7))
    book.save(path)
    folder = (
        b'<mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><mc:Choice Requires="x15">'
        b'<x15ac:absPath xmlns:x15ac="http://schemas.microsoft.com/office/spreadsheetml/2010/11/ac" url="C:\\Users\\ben\\"/>'
        b"</mc:Choice></mc:AlternateContent><bookViews>"
    )
    with_parts(path, [("xl/workbook.xml", lambda data: data.replace(b"<bookViews>", folder))])
    return {
        "sheets": 3,
        # A hyperlink without a text shows its target.
        "words": 10,
        "sections": {
            "metadata": 5,
            "comments": [
                {"who": "Ana Example", "place": "Sheet “Prices & more”, A1", "text": "Check this"},
                {"who": "Ben Example", "place": "Sheet “Prices & more”, B2", "text": "Done"},
            ],
            "hidden_sheets": [{"label": "hidden", "text": "Costs"}, {"label": "very_hidden", "text": "Margins"}],
            "hidden_cells": {
                "count": 8,
                "items": [
                    {"label": "rows_and_columns", "place": "Sheet “Prices & more”", "text": "3 rows, 4 columns"},
                    {"label": "rows_and_columns", "place": "Sheet “Margins”", "text": "all unused rows"},
                ],
            },
            "external_links": [
                {"label": "hyperlink", "place": "Sheet “Prices & more”", "text": "https://example.com/"}
            ],
            "custom_properties": CUSTOM_ITEMS,
        },
    }


def threads(path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Plan"
    sheet["A1"] = "Budget"
    sheet["A1"].comment = Comment("[Threaded comment]\n\nToo high?", "tc={00000000-0000-0000-0000-000000000001}")
    sheet["B1"].comment = Comment("An old note", "Ana Example")
    book.save(path)
    namespace = "http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments"
    threads = (
        f'<ThreadedComments xmlns="{namespace}">'
        f'<threadedComment ref="A1" dT="{TIME}" personId="{{P1}}" id="{{00000000-0000-0000-0000-000000000001}}"><text>Too high?</text></threadedComment>'
        f'<threadedComment ref="A1" dT="{TIME}" personId="{{P2}}" id="{{2}}" parentId="{{00000000-0000-0000-0000-000000000001}}"><text>No.</text></threadedComment>'
        "</ThreadedComments>"
    ).encode()
    persons = (
        f'<personList xmlns="{namespace}"><person displayName="Ana Example" id="{{P1}}" userId="ana@example.com"/>'
        f'<person displayName="Ben Example" id="{{P2}}" userId="ben@example.com"/></personList>'
    ).encode()
    connections = (
        '<connections xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        '<connection id="1" name="Sales" type="5" refreshedVersion="6"><dbPr connection="Provider=SQLOLEDB;Data Source=db.example.com;Password=secret" command="x"/></connection>'
        '<connection id="2" name="Rates" type="4" refreshedVersion="6"><webPr url="https://example.com/rates"/></connection>'
        "</connections>"
    ).encode()
    revisions = (
        '<headers xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" guid="{1}">'
        f'<header guid="{{1}}" dateTime="{TIME}" maxSheetId="2" userName="Ben Example"><sheetIdMap count="1"><sheetId val="1"/></sheetIdMap></header></headers>'
    ).encode()
    with_parts(
        path,
        [
            ("xl/threadedComments/threadedComment1.xml", XML + threads),
            ("xl/persons/person.xml", XML + persons),
            ("xl/connections.xml", XML + connections),
            ("xl/revisions/revisionHeaders.xml", XML + revisions),
        ],
        [
            override("xl/threadedComments/threadedComment1.xml", "application/vnd.ms-excel.threadedcomments+xml"),
            override("xl/persons/person.xml", "application/vnd.ms-excel.person+xml"),
            override("xl/connections.xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.connections+xml"),
            override(
                "xl/revisions/revisionHeaders.xml",
                "application/vnd.openxmlformats-officedocument.spreadsheetml.revisionHeaders+xml",
            ),
        ],
        [
            (
                "xl/worksheets/_rels/sheet1.xml.rels",
                relationship("t", f"{MICROSOFT}/2017/10/relationships/threadedComment", "../threadedComments/threadedComment1.xml"),
            ),
            ("xl/_rels/workbook.xml.rels", relationship("p", f"{MICROSOFT}/2017/10/relationships/person", "persons/person.xml")),
            ("xl/_rels/workbook.xml.rels", relationship("c", f"{OFFICE}/connections", "connections.xml")),
            ("xl/_rels/workbook.xml.rels", relationship("r", f"{OFFICE}/revisionHeaders", "revisions/revisionHeaders.xml")),
        ],
    )
    return {
        "sheets": 1,
        "words": 1,
        "sections": {
            "metadata": 3,
            "comments": [
                {"who": "Ana Example", "place": "Sheet “Plan”, B1", "text": "An old note"},
                {**ANA, "place": "Sheet “Plan”, A1", "text": "Too high?"},
                {"label": "reply", **BEN, "place": "Sheet “Plan”, A1", "text": "No."},
            ],
            "tracked_changes": [{"label": "revision_log", **BEN, "text": ""}],
            "connections": [
                {"label": "database", "text": "Sales: Provider=SQLOLEDB;Data Source=db.example.com"},
                {"label": "web", "text": "Rates: https://example.com/rates"},
            ],
        },
    }


def writer(path):
    book = xlsxwriter.Workbook(path)
    book.set_properties({
        "title": "Offer", "author": "Ana Example", "manager": "Ben Example", "company": "Example",
        "created": datetime(2026, 3, 4, 5, 6, 7),
    })
    book.set_custom_property("Client", "Example & Co")
    book.set_custom_property("Rating", 7)
    sheet = book.add_worksheet("Plan")
    sheet.write("A1", "one two")
    sheet.write_rich_string("A2", book.add_format({"bold": True}), "Strong", "room ", book.add_format(), "portal")
    sheet.write_comment("A1", "Check this", {"author": "Ana Example"})
    sheet.set_column("C:D", None, None, {"hidden": True})
    sheet.set_row(3, None, None, {"hidden": True})
    sheet.write_url("A5", "https://example.com/", string="web")
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": "=Plan!$A$1:$A$2"})
    sheet.insert_chart("F1", chart)
    book.add_worksheet("Costs").hide()
    book.add_worksheet("Margins").very_hidden()
    book.close()
    return {
        "title": "Offer",
        "sheets": 3,
        "words": 5,
        "sections": {
            "metadata": metadata(
                title="Offer", author="Ana Example", last_modified_by="Ana Example", created=TIME, modified=TIME,
                manager="Ben Example", company="Example", titles="Plan, Costs",
            ),
            "comments": [{"who": "Ana Example", "place": "Sheet “Plan”, A1", "text": "Check this"}],
            "hidden_sheets": [{"label": "hidden", "text": "Costs"}, {"label": "very_hidden", "text": "Margins"}],
            "hidden_cells": {
                "count": 3,
                "items": [{"label": "rows_and_columns", "place": "Sheet “Plan”", "text": "1 row, 2 columns"}],
            },
            "external_links": [{"label": "hyperlink", "place": "Sheet “Plan”", "text": "https://example.com/"}],
            "custom_properties": CUSTOM_ITEMS,
        },
    }
