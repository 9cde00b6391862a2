"""What the X-ray scripts share: names of the format, properties that tell of people, and parts added to a file."""

import io
import zipfile
from datetime import datetime

import openpyxl

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MICROSOFT = "http://schemas.microsoft.com/office"
TIME = "2026-03-04T05:06:07Z"
ANA = {"who": "Ana Example", "when": TIME}
BEN = {"who": "Ben Example", "when": TIME}
XML = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
NO_RELATIONSHIPS = (
    XML + b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'
)

# The order in which properties are reported.
LABELS = (
    "author", "last_modified_by", "company", "manager", "created", "modified", "last_printed", "revision",
    "editing_minutes", "template", "title", "subject", "keywords", "category", "content_status", "description",
    "hyperlink_base", "version", "content_type", "identifier", "titles",
)


def metadata(**values):
    """Properties as they are reported."""
    return [{"label": label, "text": values[label]} for label in LABELS if label in values]


def described(properties):
    """Sets the core properties of a python-docx or python-pptx file; answers with what is to be said of them."""
    properties.author = "Ana Example"
    properties.last_modified_by = "Ben Example"
    properties.title = "Offer"
    properties.subject = "Prices"
    properties.keywords = "secret, draft"
    properties.comments = "For internal use"
    properties.category = "Sales"
    properties.content_status = "Draft"
    properties.revision = 12
    properties.created = properties.modified = properties.last_printed = datetime(2026, 3, 4, 5, 6, 7)
    return {
        "title": "Offer", "author": "Ana Example", "last_modified_by": "Ben Example", "subject": "Prices",
        "keywords": "secret, draft", "description": "For internal use", "category": "Sales",
        "content_status": "Draft", "revision": "12", "created": TIME, "modified": TIME, "last_printed": TIME,
    }


def with_parts(path, parts, types=(), relationships=()):
    """Adds parts to a file.

    `parts` are pairs of a name and a content, or what makes a new content of the old. `types` are elements for
    `[Content_Types].xml`, `relationships` are pairs of a relationship part and an element for it.
    """
    with zipfile.ZipFile(path) as old:
        contents = {name: old.read(name) for name in old.namelist()}
    for name, content in parts:
        contents[name] = content(contents[name]) if callable(content) else content
    for name, element in [("[Content_Types].xml", element) for element in types] + list(relationships):
        start, end, rest = contents.get(name, NO_RELATIONSHIPS).rpartition(b"</")
        contents[name] = start + element.encode() + end + rest
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in contents.items():
            new.writestr(name, content)


def override(name, content_type):
    return f'<Override PartName="/{name}" ContentType="{content_type}"/>'


def relationship(identifier, kind, target, external=False):
    mode = ' TargetMode="External"' if external else ""
    return f'<Relationship Id="{identifier}" Type="{kind}" Target="{target}"{mode}/>'


def workbook():
    stream = io.BytesIO()
    openpyxl.Workbook().save(stream)
    return stream.getvalue()


CUSTOM = (
    '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties" '
    'xmlns:vt="http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes">'
    '<property fmtid="{D5CDD505-2E9C-101B-9397-08002B2CF9AE}" pid="2" name="Client"><vt:lpwstr>Example &amp; Co</vt:lpwstr></property>'
    '<property fmtid="{D5CDD505-2E9C-101B-9397-08002B2CF9AE}" pid="3" name="Rating"><vt:i4>7</vt:i4></property>'
    "</Properties>"
).encode()
CUSTOM_TYPE = "application/vnd.openxmlformats-officedocument.custom-properties+xml"
CUSTOM_ITEMS = [{"text": "Client = Example & Co"}, {"text": "Rating = 7"}]
