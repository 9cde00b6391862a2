"""Writes a genuine workbook of numbers for `cargo xtask bench`: one sheet of about 60 MB, hardly anything but tags.

Usage: python sheet.py FILE
"""

import random
import sys

import xlsxwriter

ROWS, COLUMNS = 75_000, 20


def main():
    noise = random.Random(60)
    with xlsxwriter.Workbook(sys.argv[1], {"constant_memory": True}) as workbook:
        sheet = workbook.add_worksheet("Readings")
        for row in range(ROWS):
            for column in range(COLUMNS):
                sheet.write_number(row, column, noise.randrange(1_000_000) / 100)


main()
