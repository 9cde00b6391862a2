"""Presentations that show more than their slides."""

import io

from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.enum.shapes import PROG_ID
from pptx.opc.package import Part
from pptx.opc.packuri import PackURI
from pptx.util import Inches

from xray_parts import ANA, BEN, MICROSOFT, OFFICE, TIME, XML, described, metadata, workbook


def slide_part(slide, name, content_type, kind, content):
    part = Part(PackURI(name), content_type, slide.part.package, XML + content.encode())
    slide.part.relate_to(part, kind)


def presentation(path):
    deck = Presentation()
    core = described(deck.core_properties)
    titles = deck.slide_layouts[5]
    slides = [deck.slides.add_slide(titles) for _ in range(4)]
    for number, slide in enumerate(slides):
        slide.shapes.title.text = f"Title {number + 1}"
    slides[0].notes_slide.notes_text_frame.text = "Say this\nand that"
    slides[1].notes_slide.notes_text_frame.text = ""
    slides[3].notes_slide.notes_text_frame.text = "Greet them"
    slides[2]._element.set("show", "0")
    veiled = slides[1].shapes.add_textbox(0, 0, Inches(2), Inches(1))
    veiled.text_frame.text = "Not for the audience"
    veiled._element.nvSpPr.cNvPr.set("hidden", "1")
    data = CategoryChartData()
    data.categories = ["a", "b"]
    data.add_series("s", (1, 2))
    slides[1].shapes.add_chart(XL_CHART_TYPE.PIE, 0, 0, Inches(3), Inches(3), data)
    slides[3].shapes.add_ole_object(io.BytesIO(workbook()), PROG_ID.XLSX, 0, 0)
    slides[3].shapes.title.text_frame.paragraphs[0].runs[0].hyperlink.address = "https://example.com/"
    slides[3].shapes.title.click_action.target_slide = slides[0]
    slides_namespace = "http://schemas.openxmlformats.org/presentationml/2006/main"
    modern = "http://schemas.microsoft.com/office/powerpoint/2018/8/main"
    drawing = "http://schemas.openxmlformats.org/drawingml/2006/main"
    slide_part(
        slides[0], "/ppt/comments/comment1.xml",
        "application/vnd.openxmlformats-officedocument.presentationml.comments+xml", f"{OFFICE}/comments",
        f'<p:cmLst xmlns:p="{slides_namespace}"><p:cm authorId="0" dt="{TIME}" idx="1"><p:pos x="1" y="1"/><p:text>Larger</p:text></p:cm></p:cmLst>',
    )
    slide_part(
        slides[1], "/ppt/comments/modernComment_1.xml",
        "application/vnd.ms-powerpoint.comments+xml", f"{MICROSOFT}/2018/10/relationships/comments",
        f'<p188:cmLst xmlns:p188="{modern}" xmlns:a="{drawing}"><p188:cm id="{{1}}" authorId="{{A}}" created="{TIME}"><p188:replyLst>'
        f'<p188:reply id="{{2}}" authorId="{{B}}" created="{TIME}"><p188:txBody><a:bodyPr/><a:p><a:r><a:t>Why?</a:t></a:r></a:p></p188:txBody></p188:reply></p188:replyLst>'
        "<p188:txBody><a:bodyPr/><a:p><a:r><a:t>Change</a:t></a:r></a:p><a:p><a:r><a:t>this</a:t></a:r></a:p></p188:txBody></p188:cm></p188:cmLst>",
    )
    slide_part(
        deck, "/ppt/commentAuthors.xml",
        "application/vnd.openxmlformats-officedocument.presentationml.commentAuthors+xml", f"{OFFICE}/commentAuthors",
        f'<p:cmAuthorLst xmlns:p="{slides_namespace}"><p:cmAuthor id="0" name="Ana Example" initials="AE" lastIdx="1" clrIdx="0"/></p:cmAuthorLst>',
    )
    slide_part(
        deck, "/ppt/authors.xml", "application/vnd.ms-powerpoint.authors+xml", f"{MICROSOFT}/2018/10/relationships/authors",
        f'<p188:authorLst xmlns:p188="{modern}"><p188:author id="{{A}}" name="Ana Example" initials="AE" userId="a" providerId="None"/>'
        '<p188:author id="{B}" name="Ben Example" initials="BE" userId="b" providerId="None"/></p188:authorLst>',
    )
    # The slides are shown in another order than that of their names.
    order = deck.slides._sldIdLst
    order.insert(0, order[3])
    deck.save(path)
    return {
        "title": "Offer",
        "slides": 4,
        "words": 6,
        "sections": {
            # Its own, the printer of the template that it is made from, and those of the two workbooks in it.
            "metadata": len(metadata(**core, editing_minutes="1", titles="Office Theme")) + 1 + 3 + 3,
            "picture_data": 1,
            "comments": [
                {**ANA, "place": "Slide 2", "text": "Larger"},
                {"label": "reply", **BEN, "place": "Slide 3", "text": "Why?"},
                {**ANA, "place": "Slide 3", "text": "Change this"},
            ],
            "speaker_notes": [
                {"place": "Slide 1", "text": "Greet them"},
                {"place": "Slide 2", "text": "Say this and that"},
            ],
            "hidden_text": [{"label": "shape", "place": "Slide 3", "text": "Not for the audience"}],
            "hidden_slides": [{"place": "Slide 4", "text": "Title 3"}],
            "external_links": [{"label": "hyperlink", "place": "Slide 1", "text": "https://example.com/"}],
            "embedded_objects": [
                {"label": "workbook", "place": "Slide 1", "text": "Microsoft_Excel_Sheet2.xlsx"},
                {"label": "workbook", "place": "Slide 3", "text": "Microsoft_Excel_Sheet1.xlsx"},
            ],
        },
    }
