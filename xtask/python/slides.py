"""Writes a genuine presentation of about 50 MB for `cargo xtask bench`: what people send, not what packs best.

Usage: python slides.py FILE

Eighty slides by python-pptx, each with a title, text, a table, a photograph and a note; every fourth with a chart and
the workbook behind it. The photographs are JPEG files of noise, by Pillow, which no archive makes smaller.
"""

import io
import random
import sys

from PIL import Image
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

SLIDES = 80
SIZE = (1200, 780)
WORDS = "harbour quarter margin freight schedule tide crane ledger berth tonnage pilot delay".split()


def photograph(noise):
    picture = Image.frombytes("RGB", SIZE, noise.randbytes(SIZE[0] * SIZE[1] * 3))
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=80)
    stream.seek(0)
    return stream


def sentence(noise, words):
    return " ".join(noise.choice(WORDS) for _ in range(words)).capitalize() + "."


def add_chart(slide, noise):
    data = CategoryChartData()
    data.categories = [f"Week {week}" for week in range(1, 53)]
    for berth in ("North", "South"):
        data.add_series(berth, [noise.randrange(1000) for _ in range(52)])
    slide.shapes.add_chart(XL_CHART_TYPE.LINE, Inches(5), Inches(4), Inches(4), Inches(3), data)


def add_slide(deck, number, noise):
    slide = deck.slides.add_slide(deck.slide_layouts[1])
    slide.shapes.title.text = f"{number}. {sentence(noise, 4)}"
    slide.placeholders[1].text = "\n".join(sentence(noise, 12) for _ in range(6))
    table = slide.shapes.add_table(12, 6, Inches(0.5), Inches(4), Inches(4), Inches(3)).table
    for row in table.rows:
        for cell in row.cells:
            cell.text = str(noise.randrange(100_000))
    slide.shapes.add_picture(photograph(noise), Inches(5), Inches(1.5), Inches(3))
    slide.notes_slide.notes_text_frame.text = sentence(noise, 40)
    if number % 4 == 0:
        add_chart(slide, noise)


def main():
    noise = random.Random(50)
    deck = Presentation()
    for number in range(1, SLIDES + 1):
        add_slide(deck, number, noise)
    deck.save(sys.argv[1])


main()
