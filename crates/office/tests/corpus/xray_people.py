"""Files that tell of people in places where nobody looks: signatures, pictures, printers, views, add-ins."""

import base64
import io

import docx
import openpyxl
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from PIL import Image
from pptx import Presentation
from pptx.util import Inches

from genuine import field
from xray_parts import MICROSOFT, OFFICE, TIME, XML, metadata, override, relationship, with_parts, workbook

SIGNATURES = "http://schemas.openxmlformats.org/package/2006/relationships/digital-signature"
SIGNATURE_TYPE = "application/vnd.openxmlformats-package.digital-signature"
TENANT = "{99999999-8888-7777-6666-555555555555}"


def photograph(**more):
    """A picture with the details that a camera leaves; `more` is for Pillow."""
    stream = io.BytesIO()
    tags = Image.Exif()
    tags[0x0112], tags[0x010F], tags[0x0110], tags[0x013B] = 6, "Example", "Camera 9", "Ana Example"
    tags.get_ifd(0x8769)[0x9003] = "2026:03:04 05:06:07"
    tags.get_ifd(0x8825).update({1: "N", 2: (48.0, 12.0, 0.0)})
    Image.new("RGB", (24, 16), (10, 120, 60)).save(stream, exif=tags, **more)
    return io.BytesIO(stream.getvalue())


def picture_item(name, place=None):
    item = {"label": "with_location", "who": "Ana Example", "when": "2026-03-04T05:06:07", "text": f"{name} (Example Camera 9)"}
    return item | ({"place": place} if place else {})


def der(tag, *content):
    content = b"".join(content)
    return bytes([tag, len(content)]) + content


def certificate(name):
    """As much of a certificate as it takes to find a name in it."""
    subject = der(0x31, der(0x30, der(6, bytes([0x55, 4, 3])), der(12, name.encode())))
    fields = (der(2, b"\7"), der(0x30), der(0x30), der(0x30), der(0x30, subject))
    return base64.b64encode(der(0x30, der(0x30, *fields))).decode()


def signature(name, parts, remark):
    references = "".join(f'<Reference URI="/{part}?ContentType={kind}"/>' for part, kind in parts)
    return XML + (
        '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo/><SignatureValue>AA==</SignatureValue>'
        f"<KeyInfo><X509Data><X509Certificate>{certificate(name)}</X509Certificate></X509Data></KeyInfo>"
        f'<Object><Manifest>{references}</Manifest><SignatureProperties><SignatureProperty Target="#s">'
        '<mdssi:SignatureTime xmlns:mdssi="http://schemas.openxmlformats.org/package/2006/digital-signature">'
        f"<mdssi:Format>YYYY-MM-DDThh:mm:ssTZD</mdssi:Format><mdssi:Value>{TIME}</mdssi:Value></mdssi:SignatureTime>"
        "</SignatureProperty></SignatureProperties></Object><Object>"
        '<SignatureInfoV1 xmlns="http://schemas.microsoft.com/office/2006/digsig">'
        f"<SignatureComments>{remark}</SignatureComments></SignatureInfoV1></Object></Signature>"
    ).encode()


def signed(path):
    """Two signatures: of a part that is there, and of one that is not."""
    document = docx.Document()
    document.add_paragraph("Signed text")
    document.save(path)
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    with_parts(
        path,
        [
            ("_xmlsignatures/origin.sigs", b""),
            ("_xmlsignatures/sig1.xml", signature("Ana Example", [("word/document.xml", main)], "Approved")),
            ("_xmlsignatures/sig2.xml", signature("Ben Example", [("word/gone.xml", main)], "Read")),
        ],
        [
            f'<Default Extension="sigs" ContentType="{SIGNATURE_TYPE}-origin"/>',
            *(override(f"_xmlsignatures/sig{n}.xml", f"{SIGNATURE_TYPE}-xmlsignature+xml") for n in (1, 2)),
        ],
        [
            ("_rels/.rels", relationship("s", f"{SIGNATURES}/origin", "_xmlsignatures/origin.sigs")),
            *(("_xmlsignatures/_rels/origin.sigs.rels", relationship(f"s{n}", f"{SIGNATURES}/signature", f"sig{n}.xml")) for n in (1, 2)),
        ],
    )
    return {
        "words": 2,
        "sections": {
            "metadata": 5,
            "signatures": [
                {"label": "signature", "who": "Ana Example", "when": TIME, "text": "Approved"},
                {"label": "broken_signature", "who": "Ben Example", "when": TIME, "text": "Read"},
            ],
            "custom_xml": 1,
            "picture_data": 1,
            "revision_ids": 10,
        },
    }


GLOSSARY = (
    f'<w:glossaryDocument {nsdecls("w")}><w:docParts>'
    '<w:docPart><w:docPartPr><w:name w:val="Signature block"/></w:docPartPr><w:docPartBody><w:p><w:r><w:t>Regards, Ana</w:t></w:r></w:p>'
    "</w:docPartBody></w:docPart>"
    '<w:docPart><w:docPartPr><w:name w:val="Stand-in"/><w:types><w:type w:val="bbPlcHdr"/></w:types></w:docPartPr><w:docPartBody><w:p>'
    "<w:r><w:t>Click here</w:t></w:r></w:p></w:docPartBody></w:docPart></w:docParts></w:glossaryDocument>"
).encode()


def word(path):
    document = docx.Document()
    described = document.add_paragraph()
    described.add_run().add_picture(photograph(format="JPEG"), width=Inches(1))
    described._p.xpath(".//wp:docPr")[0].set("descr", "C:\\Users\\ana\\Pictures\\cat.jpg")
    document.add_paragraph()._p.append(parse_xml(
        f'<w:permStart {nsdecls("w")} w:id="1" w:ed="ana@example.com"/>'))
    document.paragraphs[-1]._p.append(parse_xml(f'<w:permEnd {nsdecls("w")} w:id="1"/>'))
    field(document.add_paragraph(), ' LINK Word.Document.8 "C:\\\\Plans\\\\a b.docx" ', "plan")
    document.settings.element.append(parse_xml(
        f'<w:docVars {nsdecls("w")}><w:docVar w:name="path" w:val="H:\\clients"/></w:docVars>'))
    document.styles["Normal"].element.get_or_add_rPr().append(parse_xml(
        f'<w:rPrChange {nsdecls("w")} w:id="9" w:author="Ben Example" w:date="{TIME}"><w:rPr/></w:rPrChange>'))
    core = document.core_properties
    core.version, core.identifier, core.title = "7", "INT-42", ""
    document.save(path)
    label = f'<clbl:labelList xmlns:clbl="http://schemas.microsoft.com/office/2020/mipLabelMetadata"><clbl:label id="{{1}}" enabled="1" siteId="{TENANT}"/></clbl:labelList>'
    with_parts(
        path,
        [("docMetadata/LabelInfo.xml", XML + label.encode()), ("word/glossary/document.xml", XML + GLOSSARY)],
        [
            override("docMetadata/LabelInfo.xml", "application/vnd.ms-office.classificationlabels+xml"),
            override("word/glossary/document.xml", "application/vnd.openxmlformats-officedocument.wordprocessingml.document.glossary+xml"),
        ],
        [
            ("_rels/.rels", relationship("l", f"{MICROSOFT}/2020/02/relationships/classificationlabels", "docMetadata/LabelInfo.xml")),
            ("word/_rels/document.xml.rels", relationship("g", f"{OFFICE}/glossaryDocument", "glossary/document.xml")),
        ],
    )
    return {
        "words": 1,
        "sections": {
            "metadata": {"count": 9, "items": [
                *metadata(author="python-docx", created="2013-12-23T23:15:00Z", modified="2013-12-23T23:15:00Z", revision="1",
                          description="generated by python-docx", version="7", identifier="INT-42"),
                {"label": "may_edit", "text": "ana@example.com"},
                {"label": "picture_path", "text": "C:\\Users\\ana\\Pictures\\cat.jpg"},
            ]},
            "tracked_changes": [{"label": "formatting", "who": "Ben Example", "when": TIME, "place": "Styles", "text": ""}],
            "hidden_text": [{"label": "building_block", "text": "Signature block: Regards, Ana"}],
            "external_links": [{"label": "other", "text": "C:\\Plans\\a b.docx"}],
            "custom_properties": [
                {"label": "sensitivity_label", "text": f"{{1}} of {TENANT}"},
                {"label": "document_variable", "text": "path = H:\\clients"},
            ],
            "custom_xml": 1,
            "picture_data": 2,
            "revision_ids": 10,
        },
    }


def excel(path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Plan"
    sheet["A1"] = '=HYPERLINK("https://example.com/"&B1,"there")'
    sheet.append(["text"])
    book.save(path)
    printer = "\\\\server\\Laser 2".encode("utf-16-le").ljust(220, b"\0")
    view = "{AAAAAAAA-BBBB-CCCC-DDDD-EEEEEEEEEEEE}"
    views = (
        f'<customWorkbookViews><customWorkbookView name="Ana Example - Personal View" guid="{view}" personalView="1" '
        'windowWidth="9" windowHeight="9" activeSheetId="1"/></customWorkbookViews></workbook>'
    ).encode()
    name = view.strip("{}").replace("-", "_")
    names = f'<definedNames><definedName name="Z_{name}_.wvu.PrintArea" localSheetId="0" hidden="1">Plan!$A$1</definedName></definedNames>'
    added = (
        f'<protectedRanges><protectedRange sqref="A2" name="r" securityDescriptor="O:WDG:WDD:(A;;CC;;;S-1-5-21-1)"/></protectedRanges>'
        '<scenarios><scenario name="Best" user="Ana Example" comment="Created by Ana Example on 1/2/2026" count="1">'
        '<inputCells r="A2" val="1"/></scenario></scenarios>'
        f'<customSheetViews><customSheetView guid="{view}"/></customSheetViews>'
    ).encode()
    setup = b'<pageSetup orientation="landscape" r:id="p"/><customProperties><customPr name="addin" r:id="q"/></customProperties></worksheet>'
    cache = (
        f'<pivotCacheDefinition xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" refreshedBy="Ben Example" '
        f'refreshedDateIso="{TIME}" recordCount="40"><cacheSource type="worksheet"><worksheetSource ref="A1:B41" sheet="Data"/>'
        '</cacheSource><cacheFields count="1"><cacheField name="a"/></cacheFields></pivotCacheDefinition>'
    ).encode()

    def workbook_part(data):
        data = data.replace(b"</workbook>", views).replace(b"<definedNames />", b"").replace(b"<definedNames/>", b"")
        return data.replace(b"</sheets>", b"</sheets>" + names.encode())

    def sheet_part(data):
        data = data.replace(b"<worksheet ", f'<worksheet xmlns:r="{OFFICE}" '.encode())
        return data.replace(b"<pageMargins", added + b"<pageMargins").replace(b"</worksheet>", setup)

    with_parts(
        path,
        [
            ("xl/workbook.xml", workbook_part), ("xl/worksheets/sheet1.xml", sheet_part),
            ("xl/printerSettings/printerSettings1.bin", printer), ("xl/customProperty1.bin", b"x"),
            ("xl/pivotCache/pivotCacheDefinition1.xml", XML + cache),
        ],
        [
            '<Default Extension="bin" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.printerSettings"/>',
            override("xl/customProperty1.bin", "application/vnd.openxmlformats-officedocument.spreadsheetml.customProperty"),
            override("xl/pivotCache/pivotCacheDefinition1.xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.pivotCacheDefinition+xml"),
        ],
        [
            ("xl/worksheets/_rels/sheet1.xml.rels", relationship("p", f"{OFFICE}/printerSettings", "../printerSettings/printerSettings1.bin")),
            ("xl/worksheets/_rels/sheet1.xml.rels", relationship("q", f"{OFFICE}/customProperty", "../customProperty1.bin")),
            ("xl/_rels/workbook.xml.rels", relationship("c", f"{OFFICE}/pivotCacheDefinition", "pivotCache/pivotCacheDefinition1.xml")),
        ],
    )
    place = "Sheet “Plan”"
    return {
        "sheets": 1,
        "words": 1,
        "sections": {
            "metadata": 8,
            "external_links": [{"label": "hyperlink", "place": place, "text": "https://example.com/…"}],
            "cached_data": [{"label": "pivot_cache", "text": "Data A1:B41: 40 records"}],
            "custom_properties": [{"label": "sheet_property", "place": place, "text": "addin"}],
        },
    }


def powerpoint(path):
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    for kind in ("JPEG", "PNG", "TIFF"):
        slide.shapes.add_picture(photograph(format=kind), 0, 0)
    slide.shapes[0]._element.nvPicPr.cNvPr.set("descr", "\\\\server\\pictures\\cat.jpg")
    slide.shapes.add_ole_object(io.BytesIO(workbook()), "Excel.Sheet.12", 0, 0)
    deck.save(path)
    slides = "application/vnd.openxmlformats-officedocument.presentationml"
    namespace = 'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
    with_parts(
        path,
        [
            ("ppt/tags/tag1.xml", XML + f'<p:tagLst {namespace}><p:tag name="ADDIN" val="ana"/></p:tagLst>'.encode()),
            ("ppt/commentAuthors.xml", XML + f'<p:cmAuthorLst {namespace}><p:cmAuthor id="0" name="Ben Example" initials="B" lastIdx="1" clrIdx="0"/></p:cmAuthorLst>'.encode()),
            ("ppt/changesInfos/changesInfo1.xml", XML + b'<pc:chgInfo xmlns:pc="urn:pc"><pc:docChgLst><pc:chgData name="Ana Example" userId="ana@example.com" providerId="AD"/></pc:docChgLst></pc:chgInfo>'),
            ("ppt/revisionInfo.xml", XML + b'<p1510:revInfo xmlns:p1510="urn:p1510"><p1510:revLst><p1510:client id="{1}" v="3"/></p1510:revLst></p1510:revInfo>'),
        ],
        [
            override("ppt/tags/tag1.xml", f"{slides}.tags+xml"),
            override("ppt/commentAuthors.xml", f"{slides}.commentAuthors+xml"),
            override("ppt/changesInfos/changesInfo1.xml", "application/vnd.ms-powerpoint.changesinfo+xml"),
            override("ppt/revisionInfo.xml", "application/vnd.ms-powerpoint.revisioninfo+xml"),
        ],
        [
            ("ppt/_rels/presentation.xml.rels", relationship("t", f"{OFFICE}/tags", "tags/tag1.xml")),
            ("ppt/_rels/presentation.xml.rels", relationship("ca", f"{OFFICE}/commentAuthors", "commentAuthors.xml")),
            ("ppt/_rels/presentation.xml.rels", relationship("ci", f"{MICROSOFT}/2016/11/relationships/changesInfo", "changesInfos/changesInfo1.xml")),
            ("ppt/_rels/presentation.xml.rels", relationship("ri", f"{MICROSOFT}/2015/10/relationships/revisionInfo", "revisionInfo.xml")),
        ],
    )
    return {
        "slides": 1,
        "words": 0,
        "sections": {
            "metadata": 12,
            "picture_data": [
                picture_item("image1.jpg", "Slide 1"),
                picture_item("image2.png", "Slide 1"),
                # Pillow writes no more into this one.
                {"label": "details", "who": "Ana Example", "place": "Slide 1", "text": "image3.tiff (Example Camera 9)"},
                {"label": "details", "text": "thumbnail.jpeg"},
            ],
            "comments": [{"label": "author", "text": "Ben Example"}],
            "tracked_changes": [{"label": "revision_log", "who": "Ana Example", "text": "ana@example.com"}],
            "embedded_objects": [{"label": "object", "place": "Slide 1", "text": "oleObject1.bin (Excel.Sheet.12)"}],
            "custom_properties": [{"label": "tag", "text": "ADDIN = ana"}],
            "revision_ids": [{"label": "listed", "text": "1"}],
        },
    }
