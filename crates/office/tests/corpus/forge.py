"""What crafted files are made of: packages of the fewest parts, archives and compound files, with a knob
for every field that a file can lie about.

Standard library only.
"""

import struct
import zlib

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


def native(name, content):
    """The stream in which the packager keeps a file."""
    path = b"C:\\files\\" + name
    data = struct.pack("<H", 2) + name + b"\0" + path + b"\0" + struct.pack("<HHI", 0, 3, len(path) + 1) + path + b"\0"
    data += struct.pack("<I", len(content)) + content
    return "\x01Ole10Native", struct.pack("<I", len(data)) + data


def packaged(name, content):
    """A file as the packager wraps it."""
    return compound([native(name, content)])
