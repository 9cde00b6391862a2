"""Writes files that must be refused or flagged, one or more for each reason.

Usage: python crafted.py FOLDER

Standard library only. A name is `CODE--what-was-done.EXTENSION`: the inspector must report CODE. In the
subfolder `strict` the files must be refused under the strict policy only.
"""

import io
import struct
import sys
import zipfile
import zlib
from pathlib import Path

HEAD = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MICROSOFT = "http://schemas.microsoft.com/office/2006/relationships"
OOXML = "application/vnd.openxmlformats-officedocument."
WORD = OOXML + "wordprocessingml.document.main+xml"
EXCEL = OOXML + "spreadsheetml.sheet.main+xml"
POWERPOINT = OOXML + "presentationml.presentation.main+xml"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
S = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
P = "http://schemas.openxmlformats.org/presentationml/2006/main"
A = "http://schemas.openxmlformats.org/drawingml/2006/main"


# Packages


def types(overrides, defaults=()):
    parts = "".join(f'<Override PartName="{name}" ContentType="{kind}"/>' for name, kind in overrides)
    extensions = {"rels": "application/vnd.openxmlformats-package.relationships+xml", "xml": "application/xml", **dict(defaults)}
    names = "".join(f'<Default Extension="{name}" ContentType="{kind}"/>' for name, kind in extensions.items())
    return HEAD + f'<Types xmlns="{PACKAGE}/content-types">{names}{parts}</Types>'.encode()


def rels(*relationships):
    rows = ""
    for number, (kind, target, *mode) in enumerate(relationships, 1):
        kind = kind if "/" in kind else f"{OFFICE}/{kind}"
        external = ' TargetMode="External"' if mode else ""
        rows += f'<Relationship Id="rId{number}" Type="{kind}" Target="{target}"{external}/>'
    return HEAD + f'<Relationships xmlns="{PACKAGE}/relationships">{rows}</Relationships>'.encode()


def body(content=""):
    return HEAD + f'<w:document xmlns:w="{W}"><w:body><w:p>{content}</w:p></w:body></w:document>'.encode()


def word(content="", links=(), parts=None, overrides=(), defaults=(), main=WORD):
    """A Word document of the fewest parts, as a list of (name, bytes)."""
    files = [
        ("[Content_Types].xml", types([("/word/document.xml", main), *overrides], defaults)),
        ("_rels/.rels", rels(("officeDocument", "word/document.xml"))),
        ("word/document.xml", content if isinstance(content, bytes) else body(content)),
    ]
    if links:
        files.append(("word/_rels/document.xml.rels", rels(*links)))
    return files + list((parts or {}).items())


def excel(cell="<v>1</v>", links=(), parts=None, overrides=(), workbook="", defaults=(), main=EXCEL):
    sheet = f'<worksheet xmlns="{S}"><sheetData><row r="1"><c r="A1">{cell}</c></row></sheetData></worksheet>'
    book = f'<workbook xmlns="{S}" xmlns:r="{OFFICE}"><sheets><sheet name="a" sheetId="1" r:id="rId1"/></sheets>{workbook}</workbook>'
    return [
        ("[Content_Types].xml", types([
            ("/xl/workbook.xml", main), ("/xl/worksheets/sheet1.xml", OOXML + "spreadsheetml.worksheet+xml"), *overrides,
        ], defaults)),
        ("_rels/.rels", rels(("officeDocument", "xl/workbook.xml"))),
        ("xl/workbook.xml", HEAD + book.encode()),
        ("xl/_rels/workbook.xml.rels", rels(("worksheet", "worksheets/sheet1.xml"), *links)),
        ("xl/worksheets/sheet1.xml", HEAD + sheet.encode()),
        *(parts or {}).items(),
    ]


def powerpoint(content="", links=(), parts=None, overrides=(), main=POWERPOINT):
    slide = f'<p:sld xmlns:p="{P}" xmlns:a="{A}"><p:cSld><p:spTree>{content}</p:spTree></p:cSld></p:sld>'
    files = [
        ("[Content_Types].xml", types([
            ("/ppt/presentation.xml", main), ("/ppt/slides/slide1.xml", OOXML + "presentationml.slide+xml"), *overrides,
        ])),
        ("_rels/.rels", rels(("officeDocument", "ppt/presentation.xml"))),
        ("ppt/presentation.xml", HEAD + f'<p:presentation xmlns:p="{P}"/>'.encode()),
        ("ppt/_rels/presentation.xml.rels", rels(("slide", "slides/slide1.xml"))),
        ("ppt/slides/slide1.xml", HEAD + slide.encode()),
    ]
    if links:
        files.append(("ppt/slides/_rels/slide1.xml.rels", rels(*links)))
    return files + list((parts or {}).items())


# Archives


class Archive:
    """A writer that can lie. `local` and `central` override fields of the two headers of one entry."""

    def __init__(self):
        self.data = bytearray()
        self.entries = []

    def add(self, name, content=b"", method=8, flags=0, local=None, central=None, raw=None, after=b"", extra=b"",
            central_extra=b"", attributes=0, descriptor=None):
        name = name.encode() if isinstance(name, str) else name
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        packed = raw if raw is not None else packer.compress(content) + packer.flush() if method == 8 else content
        fields = {"name": name, "flags": flags, "method": method, "crc": zlib.crc32(content), "packed": len(packed),
                  "size": len(content), "extra": extra}
        mine = {**fields, **(local or {})}
        offset = len(self.data)
        self.data += struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, mine["flags"], mine["method"], 0, 33, mine["crc"],
                                 mine["packed"], mine["size"], len(mine["name"]), len(mine["extra"]))
        self.data += mine["name"] + mine["extra"] + packed
        if descriptor is not None:
            self.data += descriptor(zlib.crc32(content), len(packed), len(content))
        self.data += after
        theirs = {**fields, "extra": central_extra, "offset": offset, "disk": 0, "attributes": attributes, **(central or {})}
        self.entries.append(theirs)
        return self

    def directory(self):
        return b"".join(
            struct.pack("<4sHHHHHHIIIHHHHHII", b"PK\1\2", 20, 20, e["flags"], e["method"], 0, 33, e["crc"], e["packed"],
                        e["size"], len(e["name"]), len(e["extra"]), 0, e["disk"], 0, e["attributes"], e["offset"])
            + e["name"] + e["extra"] for e in self.entries)

    def finish(self, before_end=b"", between=b"", after=b"", **end):
        start = len(self.data) + len(between)
        directory = self.directory()
        fields = {"disk": 0, "first": 0, "here": len(self.entries), "total": len(self.entries), "size": len(directory),
                  "start": start, "comment": b"", **end}
        return bytes(self.data) + between + directory + before_end + struct.pack(
            "<4sHHHHIIH", b"PK\5\6", fields["disk"], fields["first"], fields["here"], fields["total"], fields["size"],
            fields["start"], len(fields["comment"])) + fields["comment"] + after


def archive(files, **finish):
    writer = Archive()
    for name, content in files:
        writer.add(name, content)
    return writer.finish(**finish)


def lying(last=("word/media/image1.png", b"picture " * 50), files=None, **options):
    """A document with one entry more, which is written with the given options."""
    writer = Archive()
    for name, content in files or word():
        writer.add(name, content)
    return writer.add(*last, **options).finish()


# Compound files


def compound(streams):
    """A compound file with the given (name, bytes) streams beside each other; short ones in the mini stream."""
    end, free, sectors, table = 0xFFFFFFFE, 0xFFFFFFFF, [], []

    def store(content):
        """Writes a chain of sectors and answers with its first."""
        if not content:
            return end
        first = len(table)
        pieces = [content[at:at + 512].ljust(512, b"\0") for at in range(0, len(content), 512)]
        sectors.extend(pieces)
        table.extend([first + step + 1 for step in range(len(pieces) - 1)] + [end])
        return first

    def entry(name, kind, start, size, child=free, right=free):
        text = name.encode("utf-16-le")
        return struct.pack("<64sHBBIII16sI16sIQ", text, len(text) + 2 if text else 0, kind, 1, free, right, child, b"", 0, b"", start, size)

    mini, mini_table, places = b"", [], []
    for _, content in streams:
        if len(content) >= 4096:
            places.append(store(content))
            continue
        places.append(len(mini_table))
        count = (len(content) + 63) // 64
        mini_table += [len(mini_table) + step + 1 for step in range(count - 1)] + [end]
        mini += content.ljust(count * 64, b"\0")
    entries = [entry("Root Entry", 5, store(mini), len(mini), child=1)]
    for number, ((name, content), start) in enumerate(zip(streams, places), 1):
        entries.append(entry(name, 2, start, len(content), right=number + 1 if number < len(streams) else free))
    mini_start = store(struct.pack(f"<{len(mini_table)}I", *mini_table).ljust(512, b"\xff")) if mini_table else end
    start = store(b"".join(entries).ljust(512, b"\0"))
    # The table comes last and names itself.
    here = len(table)
    pages = (here + 128) // 127
    table += [0xFFFFFFFD] * pages
    table += [free] * (pages * 128 - len(table))
    named = [here + page for page in range(pages)]
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack(
        "<HHHHH6sIIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, b"", 0, pages, start, 0, 4096, mini_start, int(mini_start != end), end, 0, named[0])
    header += struct.pack(f"<{pages - 1}I", *named[1:])
    return header.ljust(512, b"\xff") + b"".join(sectors) + struct.pack(f"<{len(table)}I", *table)


def packaged(name, content):
    """A file as the packager wraps it."""
    path = b"C:\\files\\" + name
    data = struct.pack("<H", 2) + name + b"\0" + path + b"\0" + struct.pack("<HHI", 0, 3, len(path) + 1) + path + b"\0"
    data += struct.pack("<I", len(content)) + content
    return compound([("\x01Ole10Native", struct.pack("<I", len(data)) + data)])


# The files


def containers():
    good = archive(word())
    yield "empty_file--no-bytes.docx", b""
    yield "not_zip--text.docx", b"This is not an Office file.\n" * 20
    yield "not_zip--rtf.docx", b"{\\rtf1 text}"
    yield "not_zip--html.xlsx", b"<html><table></table></html>"
    yield "password_protected--encrypted-package.docx", compound([("EncryptionInfo", b"x"), ("EncryptedPackage", b"y" * 5000)])
    yield "legacy_format--doc.docx", compound([("WordDocument", b"x" * 5000)])
    yield "zip_truncated--half.docx", good[: len(good) // 2]
    yield "zip_truncated--end-cut.docx", good[:-4]
    yield "zip_truncated--no-directory.docx", good[: good.index(b"PK\1\2")]
    yield "zip_extra_data--before.docx", b"MZ" + bytes(100) + good
    yield "zip_extra_data--after.docx", good + b"<script>x</script>"
    yield "zip_extra_data--two-line-ends.docx", good + b"\n\n"
    yield "zip_extra_data--before-end.docx", archive(word(), before_end=b"hidden")
    yield "zip_extra_data--before-directory.docx", archive(word(), between=b"hidden")
    yield "zip_extra_data--between-entries.docx", lying(after=b"hidden bytes", files=None)
    yield "zip_extra_data--comment-with-second-end.docx", archive(word(), comment=b"PK\5\6" + bytes(18) + b"xx")
    writer = Archive()
    writer.data += b"hidden"
    for name, content in word():
        writer.add(name, content)
    yield "zip_extra_data--first-offset.docx", writer.finish()
    yield "zip_multi_disk--disk-number.docx", archive(word(), disk=1)
    yield "zip_multi_disk--entries-differ.docx", archive(word(), here=1)
    yield "zip_multi_disk--entry-on-disk-two.docx", lying(central={"disk": 2})
    yield "zip_extra_data--count-too-small.docx", archive(word(), here=2, total=2)
    yield "zip_header_mismatch--count-too-large.docx", archive(word(), here=9, total=9)


def headers():
    for field, value in (("crc", 1), ("size", 3), ("packed", 3), ("method", 0), ("flags", 0x800), ("name", b"word/other.png")):
        yield f"zip_header_mismatch--{field}.docx", lying(local={field: value})
    yield "zip_header_mismatch--no-descriptor.docx", lying(flags=8, local={"crc": 0, "size": 0, "packed": 0})
    yield "zip_header_mismatch--descriptor-lies.docx", lying(
        flags=8, local={"crc": 0, "size": 0, "packed": 0}, descriptor=lambda crc, packed, size: struct.pack("<4sIII", b"PK\7\x08", crc, packed, size + 1))
    yield "zip_header_mismatch--second-name.docx", lying(central_extra=struct.pack("<HHBI", 0x7075, 5 + 9, 1, 0) + b"other.png")
    yield "zip_damaged--checksum.docx", lying(local={"crc": 7}, central={"crc": 7})
    yield "zip_damaged--longer-than-declared.docx", lying(local={"size": 9}, central={"size": 9})
    yield "zip_damaged--shorter-than-declared.docx", lying(local={"size": 4000}, central={"size": 4000})
    yield "zip_damaged--not-deflate.docx", lying(raw=b"\xff" * 40)
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    yield "zip_damaged--data-after-deflate.docx", lying(raw=packer.compress(b"picture " * 50) + packer.flush() + b"hidden")
    yield "zip64_inconsistent--missing-field.docx", lying(central={"size": 0xFFFFFFFF})
    yield "zip64_inconsistent--needless-and-different.docx", lying(central_extra=struct.pack("<HHQ", 1, 8, 99999))
    locator = struct.pack("<4sIQI", b"PK\6\7", 0, 12, 1)
    yield "zip64_inconsistent--locator-astray.docx", archive(word(), before_end=locator)
    for flag in (0, 6, 13):
        yield f"zip_encrypted--flag-{flag}.docx", lying(flags=1 << flag)
    for method in (1, 9, 12, 14, 93, 99):
        yield f"zip_method--{method}.docx", lying(method=method)
    yield "zip_duplicate_name--same.docx", archive([*word(), ("word/document.xml", body("other"))])
    yield "zip_duplicate_name--case.docx", archive([*word(), ("Word/Document.xml", body("other"))])
    yield "zip_duplicate_name--percent.docx", archive([*word(), ("word/d%6Fcument.xml", body("other"))])
    for what, name in (("parent", "word/../../evil.xml"), ("absolute", "/word/document.xml"), ("backslash", "word\\evil.xml"),
                       ("control", "word/a\x01.xml"), ("drive", "C:/evil.xml"), ("zero", "word/a.xml\0.png"), ("dot", "./evil.xml"),
                       ("encoded", "%2e%2e/evil.xml"), ("empty-segment", "word//evil.xml"), ("direction", "word/\u202efdp.xml")):
        yield f"zip_unsafe_name--{what}.docx", archive([*word(), (name, b"<a/>")])
    yield "zip_special_file--link.docx", lying(attributes=0o120777 << 16)
    yield "zip_special_file--device.docx", lying(attributes=0o020666 << 16)
    # Two entries of the directory that name the same bytes, and one inside the data of another.
    writer = Archive()
    for name, content in word():
        writer.add(name, content)
    writer.entries.append({**writer.entries[-1], "name": b"word/again.xml"})
    yield "zip_overlap--same-offset.docx", writer.finish()
    inner = bytes(Archive().add("word/inner.xml", b"<a/>", method=0).data)
    writer = Archive()
    for name, content in word():
        writer.add(name, content)
    offset = len(writer.data) + 30 + len("word/media/a.bin")
    writer.add("word/media/a.bin", inner, method=0)
    writer.entries.append({**writer.entries[-1], "name": b"word/inner.xml", "crc": zlib.crc32(b"<a/>"), "packed": 4, "size": 4, "offset": offset})
    yield "zip_overlap--inside-data.docx", writer.finish()


def bombs():
    yield "bomb_ratio--zeros.docx", archive([*word(), ("word/media/image1.png", bytes(50 << 20))])
    yield "bomb_ratio--xml.docx", archive(word(body("<w:r/>" * 400_000)))
    yield "too_many_entries--ten-thousand.docx", archive([*word(), *((f"word/a{n}.xml", b"<a/>") for n in range(10_001))])


def markup():
    doctype = b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY x "y">]><w>&x;</w>'
    laughs = b'<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><a>&b;</a>'
    outside = b'<!DOCTYPE a SYSTEM "http://example.com/a.dtd"><a/>'
    yield "xml_doctype--entity.docx", archive(word(doctype))
    yield "xml_doctype--utf16.docx", archive(word(doctype.decode().encode("utf-16")))
    yield "xml_doctype--utf16-big.docx", archive(word(b"\xfe\xff" + doctype.decode().encode("utf-16-be")))
    yield "xml_doctype--expansion.xlsx", archive(excel(parts={"xl/sharedStrings.xml": laughs}))
    yield "xml_doctype--relationships.pptx", archive(powerpoint(parts={"ppt/slides/_rels/slide2.xml.rels": outside}))
    yield "xml_doctype--content-types.docx", archive([("[Content_Types].xml", outside), *word()[1:]])
    yield "xml_doctype--custom-xml.docx", archive(word(parts={"customXml/item1.xml": outside}))
    yield "xml_doctype--vml.xlsx", archive(excel(parts={"xl/drawings/vmlDrawing1.vml": outside}))
    yield "xml_encoding--utf7.docx", archive(word(b'<?xml version="1.0" encoding="UTF-7"?><a/>'))
    yield "xml_encoding--latin1.docx", archive(word(b'<?xml version="1.0" encoding="ISO-8859-1"?><a>\xe4</a>'))
    yield "xml_encoding--utf16-without-mark.docx", archive(word("<a/>".encode("utf-16-le")))
    yield "xml_encoding--utf32.docx", archive(word("<a/>".encode("utf-32")))
    yield "xml_malformed--open.docx", archive(word(f'<w:document xmlns:w="{W}"><w:body>'.encode()))
    yield "xml_malformed--two-roots.docx", archive(word(b"<a/><b/>"))
    yield "xml_too_complex--depth.docx", archive(word(b"".join(b"<a b='%d'>" % n for n in range(9000)) + b"</a>" * 9000))
    attributes = "".join(f' a{n}="1"' for n in range(2000))
    yield "xml_too_complex--attributes.docx", archive(word(f"<w:r{attributes}/>"))
    spaces = "".join(f' xmlns:a{n}="urn:{n}"' for n in range(2000))
    yield "xml_too_complex--namespaces.docx", archive(word(f"<w:r{spaces}/>"))


def packages():
    yield "content_types_missing--archive.docx", archive([("readme.txt", b"text")])
    yield "content_types_missing--opendocument.docx", archive([("mimetype", b"application/vnd.oasis.opendocument.text"), ("content.xml", b"<a/>")])
    decoy = types([("/word/document.xml", WORD), ("/Word/Document.xml", "application/vnd.ms-word.document.macroEnabled.main+xml")])
    yield "content_types_invalid--two-types.docx", archive([("[Content_Types].xml", decoy), *word()[1:]])
    foreign = types([("/word/document.xml", WORD)]).replace(b"<Override", b'<x:Override xmlns:x="urn:x"')
    yield "content_types_invalid--foreign.docx", archive([("[Content_Types].xml", foreign), *word()[1:]])
    yield "relationships_invalid--foreign.docx", archive(word(parts={"word/_rels/a.xml.rels": b'<Relationships xmlns="urn:x"/>'}))
    yield "main_part_missing--no-relationships.docx", archive([word()[0], word()[2]])
    yield "main_part_missing--no-part.docx", archive(word()[:2])
    yield "main_part_missing--external.docx", archive([word()[0], ("_rels/.rels", rels(("officeDocument", "word/document.xml", True))), word()[2]])
    two = rels(("officeDocument", "word/document.xml"), ("officeDocument", "word/other.xml"))
    yield "main_part_ambiguous--two.docx", archive([word()[0], ("_rels/.rels", two), *word()[2:]])
    strict = rels(("officeDocument", "word/document.xml"), ("http://purl.oclc.org/ooxml/officeDocument/relationships/officeDocument", "word/other.xml"))
    yield "main_part_ambiguous--strict-and-transitional.docx", archive([word()[0], ("_rels/.rels", strict), *word()[2:]])
    yield "kind_mismatch--workbook.docx", archive(excel())
    yield "kind_mismatch--document.pptx", archive(word())
    yield "kind_mismatch--presentation.xlsx", archive(powerpoint())
    yield "unknown_main_type--xml.docx", archive(word(main="application/xml"))
    micro = "application/vnd.ms-"
    for what, build, extension, main in (
        ("docm", word, "docx", micro + "word.document.macroEnabled.main+xml"),
        ("dotm", word, "docx", micro + "word.template.macroEnabledTemplate.main+xml"),
        ("xlsm", excel, "xlsx", micro + "excel.sheet.macroEnabled.main+xml"),
        ("xltm", excel, "xlsx", micro + "excel.template.macroEnabled.main+xml"),
        ("pptm", powerpoint, "pptx", micro + "powerpoint.presentation.macroEnabled.main+xml"),
        ("ppsm", powerpoint, "pptx", micro + "powerpoint.slideshow.macroEnabled.main+xml"),
        ("case", word, "docx", micro + "WORD.Document.MACROENABLED.main+xml; charset=utf-8"),
    ):
        yield f"macro_enabled_type--{what}.{extension}", archive(build(main=main))
    yield "template_type--dotx.docx", archive(word(main=OOXML + "wordprocessingml.template.main+xml"))
    yield "template_type--xltx.xlsx", archive(excel(main=OOXML + "spreadsheetml.template.main+xml"))
    yield "template_type--potx.pptx", archive(powerpoint(main=OOXML + "presentationml.template.main+xml"))
    yield "slideshow_type--ppsx.pptx", archive(powerpoint(main=OOXML + "presentationml.slideshow.main+xml"))
    yield "addin_type--xlam.xlsx", archive(excel(main=micro + "excel.addin.macroEnabled.main+xml"))
    yield "addin_type--ppam.pptx", archive(powerpoint(main=micro + "powerpoint.addin.macroEnabled.main+xml"))
    yield "binary_workbook_type--xlsb.xlsx", archive(excel(main=micro + "excel.sheet.binary.macroEnabled.main"))


def programs():
    vba = "application/vnd.ms-office.vbaProject"
    yield "macro_part--name.docx", archive(word(parts={"word/vbaProject.bin": b"x"}))
    yield "macro_part--type.docx", archive(word(parts={"word/data.bin": b"x"}, overrides=[("/word/data.bin", vba)]))
    yield "macro_part--default-type.xlsx", archive(excel(parts={"xl/data.bin": b"x"}, defaults=[("bin", vba)]))
    yield "macro_part--relationship.pptx", archive(powerpoint(links=[(MICROSOFT + "/vbaProject", "../data.dat")]))
    yield "macro_part--vba-data.docx", archive(word(parts={"word/vbaData.xml": b"<a/>"}))
    sheet = "application/vnd.ms-excel.macrosheet+xml"
    yield "macro_sheet--folder.xlsx", archive(excel(parts={"xl/macrosheets/sheet1.xml": b"<a/>"}))
    yield "macro_sheet--type.xlsx", archive(excel(parts={"xl/worksheets/sheet2.xml": b"<a/>"}, overrides=[("/xl/worksheets/sheet2.xml", sheet)]))
    yield "macro_sheet--international.xlsx", archive(excel(parts={"xl/a.xml": b"<a/>"}, overrides=[("/xl/a.xml", sheet.replace("macro", "intlmacro"))]))
    yield "macro_sheet--relationship.xlsx", archive(excel(links=[(MICROSOFT + "/xlMacrosheet", "a.xml")]))
    yield "active_x--type.docx", archive(word(parts={"word/a.xml": b"<a/>"}, overrides=[("/word/a.xml", "application/vnd.ms-office.activeX+xml")]))
    yield "active_x--relationship.pptx", archive(powerpoint(links=[("control", "../activeX1.xml")]))
    yield "active_x--folder.xlsx", archive(excel(parts={"xl/activeX/activeX1.bin": b"x"}))
    yield "alt_chunk--html.docx", archive(word(links=[("aFChunk", "chunk.html")], parts={"word/chunk.html": b"<html/>"}))
    yield "alt_chunk--rtf.docx", archive(word(links=[("aFChunk", "chunk.rtf")], parts={"word/chunk.rtf": b"{\\rtf1}"}))
    ole = compound([("\x01Ole", b"x" * 20), ("CONTENTS", b"y" * 5000)])
    yield "embedded_object--compound.docx", archive(word(parts={"word/embeddings/oleObject1.bin": ole}))
    yield "embedded_object--legacy-workbook.pptx", archive(powerpoint(parts={"ppt/embeddings/a.xls": compound([("Workbook", b"x")])}))
    yield "strict/embedded_object--compound.docx", archive(word(parts={"word/embeddings/oleObject1.bin": ole}))
    plain = io.BytesIO()
    with zipfile.ZipFile(plain, "w") as inner:
        inner.writestr("readme.txt", "text")
    yield "embedded_archive--zip.docx", archive(word(parts={"word/embeddings/a.zip": plain.getvalue()}))
    yield "embedded_archive--packaged.docx", archive(word(parts={"word/embeddings/oleObject1.bin": packaged(b"a.zip", plain.getvalue())}))
    yield "embedded_archive--binary-workbook.pptx", archive(powerpoint(parts={
        "ppt/embeddings/a.xlsb": archive(excel(main="application/vnd.ms-excel.sheet.binary.macroEnabled.main"))}))
    yield "strict/embedded_archive--zip.docx", archive(word(parts={"word/embeddings/a.zip": plain.getvalue()}))
    macros = archive(excel(parts={"xl/vbaProject.bin": b"x"}))
    yield "embedded_macro--project.docx", archive(word(parts={"word/embeddings/a.xlsx": macros}))
    yield "embedded_macro--type.docx", archive(word(parts={"word/embeddings/a.bin": archive(word(main="application/vnd.ms-word.document.macroEnabled.main+xml"))}))
    yield "embedded_macro--extension.pptx", archive(powerpoint(parts={"ppt/embeddings/a.docm": archive(word())}))
    yield "embedded_macro--compound.docx", archive(word(parts={"word/embeddings/oleObject1.bin": compound([("_VBA_PROJECT", b"x")])}))
    yield "embedded_macro--package-in-compound.docx", archive(word(parts={"word/embeddings/oleObject1.bin": compound([("Package", macros)])}))
    yield "password_protected--embedded.docx", archive(word(parts={"word/embeddings/a.xlsx": compound([("EncryptedPackage", b"x" * 5000)])}))
    yield "xml_doctype--embedded.docx", archive(word(parts={"word/embeddings/a.xlsx": archive(excel(parts={"xl/a.xml": b"<!DOCTYPE a><a/>"}))}))
    yield "bomb_ratio--embedded.docx", archive(word(parts={"word/embeddings/a.xlsx": archive(excel(parts={"xl/a.bin": bytes(8 << 20)}))}))
    yield "embedded_executable--name.docx", archive(word(parts={"word/embeddings/setup.exe": b"x"}))
    yield "embedded_executable--windows.docx", archive(word(parts={"word/embeddings/a.bin": b"MZ\x90\0" + bytes(80)}))
    yield "embedded_executable--linux.pptx", archive(powerpoint(parts={"ppt/media/image1.png": b"\x7fELF\2\1\1" + bytes(80)}))
    yield "embedded_executable--script.docx", archive(word(parts={"word/embeddings/a.js": b"WScript.Echo(1)"}))
    yield "embedded_executable--packaged.docx", archive(word(parts={"word/embeddings/oleObject1.bin": packaged(b"invoice.pdf.exe", b"MZ\x90\0")}))
    yield "embedded_executable--packaged-script.docx", archive(word(parts={"word/embeddings/oleObject1.bin": packaged(b"a.vbs", b"x = 1")}))
    deep = archive(word(parts={"word/embeddings/b.xlsx": archive(excel())}))
    yield "embedded_too_deep--three.pptx", archive(powerpoint(parts={"ppt/embeddings/a.docx": deep}))


def links():
    for what, target in (("web", "https://example.com/a.dotm"), ("entities", "&#104;ttps://example.com/a.dotm"), ("unc", "\\\\server\\a.dotm"),
                         ("file-unc", "file://server/share/a.dotm"), ("four-slashes", "file:////server/a.dotm"), ("scheme", "ftp://example.com/a.dotm")):
        yield f"remote_template--{what}.docx", archive(word(parts={"word/_rels/settings.xml.rels": rels(("attachedTemplate", target, True))}))
    yield "local_template--drive.docx", archive(word(parts={"word/_rels/settings.xml.rels": rels(("attachedTemplate", "file:///C:\\a.dotx", True))}))
    for kind in ("oleObject", "frame", "subDocument", "slideUpdateUrl"):
        yield f"external_object--{kind}.docx", archive(word(links=[(kind, "https://example.com/a.html!", True)]))
    yield "external_object--strict.docx", archive(word(links=[("http://purl.oclc.org/ooxml/officeDocument/relationships/oleObject", "mhtml:https://example.com/a!b", True)]))
    yield "external_link--workbook.xlsx", archive(excel(parts={"xl/externalLinks/_rels/externalLink1.xml.rels": rels(("externalLinkPath", "Budget.xlsx", True))}))
    yield "external_image--web.docx", archive(word(links=[("image", "https://example.com/a.png", True)]))
    yield "unc_path--image.docx", archive(word(links=[("image", "file://server/share/a.png", True)]))
    yield "unc_path--workbook.xlsx", archive(excel(parts={"xl/externalLinks/_rels/externalLink1.xml.rels": rels(("externalLinkPath", "file:///\\\\server\\a.xlsx", True))}))
    yield "mail_merge_source--list.docx", archive(word(parts={"word/_rels/settings.xml.rels": rels(("mailMergeSource", "file:///C:\\a.csv", True))}))
    connection = f'<connections xmlns="{S}"><connection id="1" type="5"><dbPr connection="Provider=x"/></connection></connections>'.encode()
    yield "data_connection--database.xlsx", archive(excel(parts={"xl/connections.xml": connection}, overrides=[("/xl/connections.xml", OOXML + "spreadsheetml.connections+xml")]))
    for what, target in (("script", "javascript:alert(1)"), ("file", "file:///C:\\a.docx"), ("scheme", "ms-msdt:/id")):
        yield f"unusual_hyperlink--{what}.docx", archive(word(links=[("hyperlink", target, True)]))


def fields_and_formulas():
    def run(text):
        return f"<w:r><w:instrText>{text}</w:instrText></w:r>"

    def mark(kind):
        return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'

    def field(*runs):
        return mark("begin") + "".join(runs) + mark("end")

    yield "dde_field--auto.docx", archive(word(field(run("DDEAUTO c:\\\\windows\\\\system32\\\\cmd.exe"))))
    yield "dde_field--runs.docx", archive(word(field(run("D"), run("D"), run("E "), run("excel"))))
    yield "dde_field--simple.docx", archive(word('<w:fldSimple w:instr=" dde excel x"/>'))
    yield "dde_field--quote.docx", archive(word(field(field(run("QUOTE 68 68 69")), run(" excel"))))
    yield "dde_field--header.docx", archive(word(parts={"word/header1.xml": body(field(run("DDE x")))}))
    yield "dde_field--entities.docx", archive(word(field(run("&#68;&#x44;E x"))))
    yield "dde_field--strict.docx", archive(word(body(field(run("DDE x"))).replace(W.encode(), b"http://purl.oclc.org/ooxml/wordprocessingml/main")))
    yield "dde_field--prefix.docx", archive(word(body(field(run("DDE x"))).replace(b"w:", b"z:").replace(b"xmlns:w", b"xmlns:z")))
    for name in ("INCLUDETEXT", "INCLUDEPICTURE", "LINK", "DATABASE", "RD"):
        yield f"pulling_field--{name.lower()}.docx", archive(word(field(run(f" {name} x"))))
    link = f'<externalLink xmlns="{S}"><ddeLink ddeService="cmd" ddeTopic="/c calc"/></externalLink>'.encode()
    yield "dde_link--service.xlsx", archive(excel(parts={"xl/externalLinks/externalLink1.xml": link}))
    yield "dde_formula--cell.xlsx", archive(excel("<f>cmd|'/C calc'!A0</f>"))
    yield "dde_formula--name.xlsx", archive(excel(workbook="<definedNames><definedName name=\"x\">cmd|'/C calc'!A0</definedName></definedNames>"))
    yield "dde_formula--entities.xlsx", archive(excel("<f>cmd&#124;&apos;/C calc&apos;&#33;A0</f>"))
    for what, code in (("program", "action_program"), ("macro?name=x", "action_macro")):
        name = what.split("?")[0]
        yield f"{code}--{name}.pptx", archive(powerpoint(f'<a:hlinkClick action="ppaction://{what}"/>'))
        yield f"{code}--{name}-hover.pptx", archive(powerpoint(f'<a:hlinkHover action=" PPACTION://{what}"/>'))


def main():
    folder = Path(sys.argv[1])
    (folder / "strict").mkdir(parents=True, exist_ok=True)
    for group in (containers, headers, bombs, markup, packages, programs, links, fields_and_formulas):
        for name, data in group():
            (folder / name).write_bytes(data)


if __name__ == "__main__":
    main()
