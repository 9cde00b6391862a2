// Writes genuine Office files with the JavaScript libraries that people use.
//
// Usage: node genuine.mjs FOLDER
//
// The inspector must refuse none of them, and must find nothing in those whose name does not start with `flagged-`.

import { createWriteStream, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deflateSync } from "node:zlib";

import * as docx from "docx";
import exceljs from "exceljs";
import pptxgen from "pptxgenjs";

const PHRASE = "Zürich – Αθήνα – 東京 – مرحبا – 😀 & <angle> \"quotes\"";

/** A picture with enough detail not to compress into nothing, as PNG. */
function picture(width = 96, height = 64) {
  const rows = [];
  for (let y = 0; y < height; y++) {
    rows.push(0);
    for (let x = 0; x < width; x++) rows.push((x * 7 + y) % 256, (x * y) % 256, (x ^ y) % 256);
  }
  const chunk = (name, data) => {
    const body = Buffer.concat([Buffer.from(name, "latin1"), data]);
    const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    checksum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, checksum]);
  };
  const header = Buffer.from([...[width, height].flatMap((n) => [0, 0, n >> 8, n & 255]), 8, 2, 0, 0, 0]);
  const data = deflateSync(Buffer.from(rows));
  const signature = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", data), chunk("IEND", Buffer.alloc(0))]);
}

function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

// docx

const { Paragraph, TextRun } = docx;
const text = (content) => new Paragraph({ children: [new TextRun(content)] });
const document = (children, options = {}) => new docx.Document({ sections: [{ children, ...options.section }], ...options.file });

const TEXTS = {
  empty: () => document([]),
  styles: () =>
    document(
      [
        ...Object.values(docx.HeadingLevel).map((heading) => new Paragraph({ text: PHRASE, heading })),
        new Paragraph({
          children: [
            new TextRun({ text: "bold", bold: true }),
            new TextRun({ text: "struck", strike: true, color: "AA0000" }),
            new TextRun({ text: "small capitals", smallCaps: true, font: "Georgia", size: 30 }),
            new TextRun({ text: "hidden", vanish: true }),
          ],
        }),
      ],
      { file: { creator: "Ana Example", title: PHRASE, description: "A description", keywords: "a, b" } },
    ),
  lists: () =>
    document(
      Array.from({ length: 60 }, (_, n) => new Paragraph({ text: `${PHRASE} ${n}`, numbering: { reference: "steps", level: n % 3 } })),
      {
        file: {
          numbering: {
            config: [
              {
                reference: "steps",
                levels: [0, 1, 2].map((level) => ({ level, format: docx.LevelFormat.LOWER_ROMAN, text: `%${level + 1})` })),
              },
            ],
          },
        },
      },
    ),
  table: () => {
    const cell = (content) => new docx.TableCell({ children: [text(content)] });
    const row = (n) => new docx.TableRow({ children: [cell(`${n}`), cell(PHRASE), cell(`${n * n}`)], tableHeader: n === 0 });
    return document([new docx.Table({ rows: Array.from({ length: 80 }, (_, n) => row(n)) })]);
  },
  pictures: () =>
    document([
      new Paragraph({
        children: [
          new docx.ImageRun({ type: "png", data: picture(), transformation: { width: 96, height: 64 } }),
          new docx.ImageRun({
            type: "png",
            data: picture(300, 200),
            transformation: { width: 300, height: 200 },
            floating: { horizontalPosition: { offset: 1014400 }, verticalPosition: { offset: 1014400 } },
          }),
        ],
      }),
    ]),
  links: () =>
    document([
      new Paragraph({
        children: [
          new docx.ExternalHyperlink({ children: [new TextRun("web")], link: "https://example.com/ä?a=1&b=2" }),
          new docx.ExternalHyperlink({ children: [new TextRun("mail")], link: "mailto:ben@example.com" }),
          new docx.InternalHyperlink({ children: [new TextRun("inside")], anchor: "place" }),
        ],
      }),
      new Paragraph({ children: [new docx.Bookmark({ id: "place", children: [new TextRun(PHRASE)] })] }),
    ]),
  fields: () =>
    document([new docx.TableOfContents("Contents", { hyperlink: true, headingStyleRange: "1-5" }), text(PHRASE)], {
      section: {
        headers: { default: new docx.Header({ children: [text("Header")] }), first: new docx.Header({ children: [] }) },
        footers: {
          default: new docx.Footer({
            children: [new Paragraph({ children: [new TextRun({ children: [docx.PageNumber.CURRENT, " of ", docx.PageNumber.TOTAL_PAGES] })] })],
          }),
        },
      },
      file: { features: { updateFields: true } },
    }),
  comments: () =>
    document(
      [
        new Paragraph({
          children: [
            new docx.CommentRangeStart(0),
            new TextRun("commented"),
            new docx.CommentRangeEnd(0),
            new TextRun({ children: [new docx.CommentReference(0)] }),
          ],
        }),
      ],
      { file: { comments: { children: [{ id: 0, author: "Ben Example", date: new Date(0), children: [text(PHRASE)] }] } } },
    ),
  changes: () =>
    document(
      [
        new Paragraph({
          children: [
            new docx.InsertedTextRun({ text: "inserted", id: 1, author: "Ben Example", date: "2026-01-02T03:04:05Z" }),
            new docx.DeletedTextRun({ text: "deleted", id: 2, author: "Ben Example", date: "2026-01-02T03:04:05Z" }),
          ],
        }),
      ],
      { file: { features: { trackRevisions: true } } },
    ),
  footnotes: () =>
    document([new Paragraph({ children: [new TextRun("noted"), new docx.FootnoteReferenceRun(1)] })], {
      file: { footnotes: { 1: { children: [text(PHRASE)] } } },
    }),
  formulas: () =>
    document([
      new Paragraph({
        children: [
          new docx.Math({
            children: [
              new docx.MathFraction({ numerator: [new docx.MathRun("a|b")], denominator: [new docx.MathRun("c!")] }),
              new docx.MathRadical({ children: [new docx.MathRun("x")] }),
            ],
          }),
        ],
      }),
    ]),
  columns: () => document(Array.from({ length: 200 }, () => text(PHRASE)), { section: { properties: { column: { count: 2, space: 700 } } } }),
};

// exceljs

const rows = (sheet, count = 30) => {
  sheet.addRow(["Name", "Count", "Price", "Date"]);
  for (let n = 0; n < count; n++) sheet.addRow([`${PHRASE} ${n}`, n, n * 1.25, new Date(Date.UTC(2026, 0, 1 + (n % 28)))]);
};

const WORKBOOKS = {
  empty: (book) => book.addWorksheet("Sheet"),
  values: (book) => rows(book.addWorksheet("Übersicht")),
  formulas: (book) => {
    const sheet = book.addWorksheet("a|b");
    rows(sheet);
    ["SUM(B2:B31)", "'a|b'!B2", 'IF(B2>1,"a|b!","c")', 'TEXT(D2,"yyyy|mm")&"!"'].forEach((formula, n) => {
      sheet.getCell(40 + n, 1).value = { formula, result: 1 };
    });
    sheet.getCell("A50").value = { sharedFormula: "A40", result: 1 };
    book.definedNames.add("'a|b'!$C$2:$C$31", "Prices");
  },
  comments: (book) => {
    const sheet = book.addWorksheet("Comments");
    rows(sheet);
    sheet.getCell("A2").note = PHRASE;
    sheet.getCell("A3").note = { texts: [{ font: { bold: true }, text: "Ben Example: " }, { text: PHRASE }] };
  },
  links: (book) => {
    const sheet = book.addWorksheet("Links");
    sheet.getCell("A1").value = { text: PHRASE, hyperlink: "https://example.com/?a=1&b=2" };
    sheet.getCell("A2").value = { text: "mail", hyperlink: "mailto:ana@example.com" };
    sheet.getCell("A3").value = { text: "inside", hyperlink: "#'Links'!A1" };
  },
  pictures: (book) => {
    const sheet = book.addWorksheet("Pictures");
    const image = book.addImage({ buffer: picture(), extension: "png" });
    sheet.addImage(image, "B2:D6");
    sheet.addBackgroundImage(image);
  },
  rules: (book) => {
    const sheet = book.addWorksheet("Rules");
    rows(sheet);
    sheet.getCell("E2").dataValidation = { type: "list", allowBlank: true, formulae: ['"a,b|c,d"'] };
    sheet.addConditionalFormatting({
      ref: "B2:B31",
      rules: [
        { type: "expression", formulae: ["MOD(ROW(),2)=0"], style: { font: { bold: true } } },
        { type: "dataBar", cfvo: [{ type: "min" }, { type: "max" }], color: { argb: "FF00AA00" } },
      ],
    });
    sheet.autoFilter = "A1:D1";
    sheet.views = [{ state: "frozen", xSplit: 1, ySplit: 1 }];
  },
  hidden: (book) => {
    ["visible", "hidden", "veryHidden"].forEach((state) => rows(book.addWorksheet(state, { state })));
    const sheet = book.getWorksheet("visible");
    sheet.getColumn(2).hidden = true;
    sheet.getRow(3).hidden = true;
  },
  table: (book) =>
    book.addWorksheet("Table").addTable({
      name: "Goods",
      ref: "A1",
      headerRow: true,
      totalsRow: true,
      columns: [{ name: "Name", filterButton: true }, { name: "Sum", totalsRowFunction: "sum" }],
      rows: Array.from({ length: 40 }, (_, n) => [`${PHRASE} ${n}`, n]),
    }),
  protected: async (book) => {
    const sheet = book.addWorksheet("Protected");
    rows(sheet);
    await sheet.protect("example", { selectLockedCells: true, spinCount: 1000 });
  },
};

/** Written while it is made, with data descriptors. */
async function streamed(path) {
  const book = new exceljs.stream.xlsx.WorkbookWriter({ stream: createWriteStream(path), useStyles: true, useSharedStrings: true });
  const sheet = book.addWorksheet("Streamed");
  for (let n = 0; n < 3000; n++) sheet.addRow([n, `${PHRASE} ${n}`, n / 7]).commit();
  sheet.commit();
  await book.commit();
}

// pptxgenjs

const TALKS = {
  empty: (talk) => talk.addSlide(),
  text: (talk) => {
    for (let n = 0; n < 12; n++) {
      const slide = talk.addSlide();
      slide.addText(`${PHRASE} ${n}`, { x: 0.5, y: 0.5, w: 8, h: 1, fontSize: 20, bold: n % 2 === 0 });
      slide.addText(["one", "two", "three"].map((line) => ({ text: line, options: { bullet: true, breakLine: true } })), { x: 1, y: 2 });
      slide.addNotes(`${PHRASE}: notes ${n}`);
    }
  },
  pictures: (talk) => {
    const data = `image/png;base64,${picture().toString("base64")}`;
    const slide = talk.addSlide();
    slide.background = { data };
    slide.addImage({ data, x: 1, y: 1, w: 2, h: 2, hyperlink: { url: "https://example.com/" } });
    slide.addImage({ data, x: 4, y: 1, w: 2, h: 2, rounding: true, altText: PHRASE });
  },
  tables: (talk) =>
    talk.addSlide().addTable(
      Array.from({ length: 60 }, (_, n) => [{ text: `${n}` }, { text: PHRASE, options: { colspan: 2 } }]),
      { x: 0.5, y: 0.5, w: 8, autoPage: true },
    ),
  links: (talk) => {
    const slide = talk.addSlide();
    slide.addText([{ text: "web", options: { hyperlink: { url: "https://example.com/?a=1&b=2", tooltip: PHRASE } } }], { x: 1, y: 1 });
    slide.addText([{ text: "slide", options: { hyperlink: { slide: 2 } } }], { x: 1, y: 2 });
    talk.addSlide().addText(PHRASE, { x: 1, y: 1 });
  },
  shapes: (talk) => {
    const slide = talk.addSlide();
    [talk.ShapeType.rect, talk.ShapeType.ellipse, talk.ShapeType.cloud, talk.ShapeType.chevron].forEach((shape, n) =>
      slide.addShape(shape, { x: n * 2, y: 1, w: 1.5, h: 1.5, fill: { color: "0088CC" } }),
    );
  },
  masters: (talk) => {
    talk.defineSlideMaster({
      title: "MASTER",
      background: { color: "F0F0F0" },
      objects: [{ placeholder: { options: { name: "body", type: "body", x: 1, y: 1, w: 6, h: 3 }, text: "Here" } }],
      slideNumber: { x: 0.3, y: "90%" },
    });
    talk.addSection({ title: PHRASE });
    talk.addSlide({ masterName: "MASTER", sectionTitle: PHRASE }).addText(PHRASE, { placeholder: "body" });
    talk.addSlide({ masterName: "MASTER" }).hidden = true;
  },
  ...Object.fromEntries(
    ["area", "bar", "bar3d", "bubble", "doughnut", "line", "pie", "radar", "scatter"].map((kind) => [
      `chart-${kind}`,
      (talk) => {
        // The library writes quotation marks into attributes as they are.
        const points = { name: PHRASE.replaceAll('"', ""), labels: ["ä", "b", "c"], values: [1, 2.5, 3] };
        const series = kind === "scatter" || kind === "bubble" ? [{ name: "X", values: [1, 2, 3] }, { ...points, sizes: [4, 5, 6] }] : [points, { ...points, name: "second" }];
        talk.addSlide().addChart(talk.ChartType[kind], kind === "pie" ? series.slice(0, 1) : series, { x: 1, y: 1, w: 6, h: 4 });
      },
    ]),
  ),
};

const folder = process.argv[2];
mkdirSync(folder, { recursive: true });
for (const [name, make] of Object.entries(TEXTS)) {
  writeFileSync(join(folder, `docxjs-${name}.docx`), await docx.Packer.toBuffer(make()));
}
for (const [name, fill] of Object.entries(WORKBOOKS)) {
  const book = new exceljs.Workbook();
  Object.assign(book, { creator: "Ana Example", lastModifiedBy: "Ben Example", created: new Date(0), company: "Example" });
  await fill(book);
  await book.xlsx.writeFile(join(folder, `exceljs-${name}.xlsx`));
}
await streamed(join(folder, "exceljs-streamed.xlsx"));
for (const [name, fill] of Object.entries(TALKS)) {
  const talk = new pptxgen();
  Object.assign(talk, { author: "Ana Example", company: "Example", title: PHRASE });
  fill(talk);
  // The library writes an ampersand into the table of this workbook as it is.
  const flagged = name === "chart-bubble" ? "flagged-" : "";
  await talk.writeFile({ fileName: join(folder, `${flagged}pptxgenjs-${name}.pptx`), compression: name.startsWith("chart") });
}
