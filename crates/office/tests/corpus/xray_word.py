"""Texts that show more than their words."""

import itertools

import docx
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

from genuine import field, hyperlink
from xray_parts import (
    ANA, BEN, CUSTOM, CUSTOM_ITEMS, CUSTOM_TYPE, MICROSOFT, OFFICE, TIME, XML, described, metadata, override,
    relationship, with_parts, workbook,
)


def run(text, properties="", element="t"):
    return f'<w:r><w:rPr>{properties}</w:rPr><w:{element} xml:space="preserve">{text}</w:{element}></w:r>'


def paragraph(document, content, properties=""):
    document.element.body.insert(
        len(document.element.body) - 1,
        parse_xml(f"<w:p {nsdecls('w')}><w:pPr>{properties}</w:pPr>{content}</w:p>"),
    )


NUMBERS = itertools.count(100)


def change(element, who, content=""):
    return f'<w:{element} w:id="{next(NUMBERS)}" w:author="{who}" w:date="{TIME}">{content}</w:{element}>'


def properties(path):
    document = docx.Document()
    core = described(document.core_properties)
    document.add_paragraph("Two words")
    document.save(path)
    app = (
        '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
        "<Template>Offer.dotx</Template><TotalTime>95</TotalTime><Pages>3</Pages><Words>99</Words>"
        "<Application>Writer</Application><Manager>Ben Example</Manager><Company>Example</Company>"
        "<HyperlinkBase>https://example.com/</HyperlinkBase></Properties>"
    ).encode()
    people = (
        '<w15:people xmlns:w15="http://schemas.microsoft.com/office/word/2012/wordml">'
        '<w15:person w15:author="Ben Example"><w15:presenceInfo w15:providerId="None" w15:userId="Ben Example"/>'
        "</w15:person></w15:people>"
    ).encode()
    with_parts(
        path,
        [("docProps/app.xml", lambda _: XML + app), ("word/people.xml", XML + people), ("docProps/custom.xml", XML + CUSTOM)],
        [
            override("word/people.xml", "application/vnd.openxmlformats-officedocument.wordprocessingml.people+xml"),
            override("docProps/custom.xml", CUSTOM_TYPE),
        ],
        [
            ("word/_rels/document.xml.rels", relationship("p", f"{MICROSOFT}/2011/relationships/people", "people.xml")),
            ("_rels/.rels", relationship("c", f"{OFFICE}/custom-properties", "docProps/custom.xml")),
            (
                "word/_rels/settings.xml.rels",
                relationship("t", f"{OFFICE}/attachedTemplate", "file:///C:/Users/ben/Offer.dotx", external=True),
            ),
        ],
    )
    extended = {
        "template": "Offer.dotx", "editing_minutes": "95", "manager": "Ben Example", "company": "Example",
        "hyperlink_base": "https://example.com/",
    }
    people_and_places = [
        {"label": "person", "text": "Ben Example"},
        {"label": "template", "text": "file:///C:/Users/ben/Offer.dotx"},
    ]
    return {
        "title": "Offer",
        "pages": 3,
        "words": 2,
        "sections": {
            "metadata": metadata(**core, **extended) + people_and_places,
            "custom_properties": CUSTOM_ITEMS,
            "picture_data": 1,
            "custom_xml": 1,
            "revision_ids": 10,
        },
    }


def changes(path):
    document = docx.Document()
    paragraph(document, run("Kept ") + change("ins", "Ana Example", run("new ") + run("text")))
    paragraph(document, change("del", "Ben Example", run("gone", element="delText")) + run("stays"))
    paragraph(document, change("moveFrom", "Ana Example", run("moved along")))
    paragraph(document, change("moveTo", "Ana Example", run("moved along")))
    paragraph(document, run("bold", "<w:b/>" + change("rPrChange", "Ben Example", "<w:rPr><w:vanish/></w:rPr>")))
    paragraph(document, run("centred"), '<w:jc w:val="center"/>' + change("pPrChange", "Ben Example", "<w:pPr/>"))
    paragraph(document, run("one"), f"<w:rPr>{change('ins', 'Ana Example')}</w:rPr>")
    inner = change("del", "Ben Example", run("both", element="delText"))
    paragraph(document, change("ins", "Ana Example", run("not ") + inner))
    table = document.add_table(rows=1, cols=1)
    table.rows[0]._tr.get_or_add_trPr().append(parse_xml(change("ins", "Ana Example").replace(" ", f" {nsdecls('w')} ", 1)))
    header = document.sections[0].header
    header.is_linked_to_previous = False
    header.paragraphs[0]._p.append(
        parse_xml(change("ins", "Ana Example", run("on top")).replace(" ", f" {nsdecls('w')} ", 1))
    )
    document.save(path)
    return {
        # Kept new text, stays, moved along, bold, centred, one, not.
        "words": 10,
        "sections": {
            "metadata": 5,
            "picture_data": 1,
            "custom_xml": 1,
            "revision_ids": 10,
            "tracked_changes": [
                {"label": "insertion", **ANA, "text": "new text"},
                {"label": "deletion", **BEN, "text": "gone"},
                {"label": "move", **ANA, "text": "moved along"},
                {"label": "move", **ANA, "text": "moved along"},
                {"label": "formatting", **BEN, "text": "bold"},
                {"label": "formatting", **BEN, "text": "centred"},
                {"label": "insertion", **ANA, "text": "¶"},
                {"label": "deletion", **BEN, "text": "both"},
                {"label": "insertion", **ANA, "text": "not both"},
                {"label": "insertion", **ANA, "text": ""},
                {"label": "insertion", **ANA, "place": "Header", "text": "on top"},
            ],
        },
    }


def comments(path):
    document = docx.Document()
    anchor = document.add_paragraph("Price").runs
    first = document.add_comment(anchor, text="Is this right?", author="Ana Example", initials="AE")
    second = document.add_comment(anchor, text="Yes.", author="Ben Example", initials="BE")
    second.add_paragraph("It is.")
    for comment in (first, second):
        comment._comment_elm.set(qn("w:date"), TIME)
    document.save(path)
    return {
        "words": 1,
        "sections": {
            "metadata": 5,
            "picture_data": 1,
            "custom_xml": 1,
            "revision_ids": 10,
            "comments": [{**ANA, "text": "Is this right?"}, {**BEN, "text": "Yes. It is."}],
        },
    }


def hidden(path):
    document = docx.Document()
    styles = document.styles.element
    for kind, name, base in (("character", "Veiled", ""), ("paragraph", "Aside", ""), ("paragraph", "Deeper", "Aside")):
        base = f'<w:basedOn w:val="{base}"/>' if base else "<w:rPr><w:vanish/></w:rPr>"
        styles.append(
            parse_xml(f'<w:style {nsdecls("w")} w:type="{kind}" w:styleId="{name}"><w:name w:val="{name}"/>{base}</w:style>')
        )
    paragraph(document, run("Shown ") + run("not ", "<w:vanish/>") + run("this", "<w:b/><w:vanish/>") + run(" again"))
    paragraph(document, run("by style", '<w:rStyle w:val="Veiled"/>'))
    paragraph(document, run("by base"), '<w:pStyle w:val="Deeper"/>')
    # Two styles that hide turn each other over; what the run says counts more than both.
    paragraph(document, run("twice", '<w:rStyle w:val="Veiled"/>'), '<w:pStyle w:val="Aside"/>')
    paragraph(document, run("direct", '<w:vanish w:val="0"/>'), '<w:pStyle w:val="Aside"/>')
    paragraph(document, run("page", "<w:webHidden/>"), "<w:rPr><w:vanish/></w:rPr>")
    document.save(path)
    return {
        "words": 5,
        "sections": {
            "metadata": 5,
            "picture_data": 1,
            "custom_xml": 1,
            "revision_ids": 10,
            "hidden_text": [{"text": "not this"}, {"text": "by style"}, {"text": "by base"}],
        },
    }


def outside(path):
    document = docx.Document()
    for _ in range(2):
        hyperlink(document.add_paragraph(), "https://example.com/a")
    hyperlink(document.add_paragraph(), "mailto:ana@example.com")
    hyperlink(document.add_paragraph(), "#Chapter")
    field(document.add_paragraph(), ' HYPERLINK "https://example.com/a" ', "same")
    field(document.add_paragraph(), ' HYPERLINK "https://example.com/b" ', "other")
    field(document.add_paragraph(), ' HYPERLINK \\l "Chapter" ', "here")
    settings = document.settings.element
    settings.append(
        parse_xml(f'<w:mailMerge {nsdecls("w")}><w:query w:val="SELECT * FROM Clients"/></w:mailMerge>')
    )
    document.part._settings_part.relate_to("file:///C:/clients.csv", f"{OFFICE}/mailMergeSource", is_external=True)
    document.part.relate_to("https://example.com/logo.png", f"{OFFICE}/image", is_external=True)
    for name, content_type, kind in (
        ("Sheet1.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "package"),
        ("oleObject1.bin", "application/vnd.openxmlformats-officedocument.oleObject", "oleObject"),
    ):
        part = Part(PackURI(f"/word/embeddings/{name}"), content_type, workbook(), document.part.package)
        identifier = document.part.relate_to(part, f"{OFFICE}/{kind}")
        if kind == "oleObject":
            ole = (
                f'<w:r {nsdecls("w")} xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:r="{OFFICE}"><w:object>'
                f'<o:OLEObject Type="Embed" ProgID="Example.Chart.2" ObjectID="_1" r:id="{identifier}"/></w:object></w:r>'
            )
            document.add_paragraph()._p.append(parse_xml(ole))
    document.save(path)
    return {
        "words": 7,
        "sections": {
            "metadata": 11,
            "picture_data": 1,
            "custom_xml": [
                {
                    "place": "customXml/item1.xml",
                    "text": "Sources http://schemas.openxmlformats.org/officeDocument/2006/bibliography",
                }
            ],
            "revision_ids": 10,
            "external_links": [
                {"label": "hyperlink", "text": "https://example.com/a"},
                {"label": "hyperlink", "text": "https://example.com/b"},
                {"label": "hyperlink", "text": "mailto:ana@example.com"},
                {"label": "picture", "text": "https://example.com/logo.png"},
            ],
            "connections": [
                {"label": "query", "text": "SELECT * FROM Clients"},
                {"label": "mail_merge", "text": "file:///C:/clients.csv"},
            ],
            "embedded_objects": [
                {"label": "workbook", "text": "Sheet1.xlsx"},
                {"label": "object", "text": "oleObject1.bin (Example.Chart.2)"},
            ],
        },
    }
