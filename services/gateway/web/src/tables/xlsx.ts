// One sheet as an Excel workbook, written and read. Only who takes a file along, or brings one, fetches this.
import { strToU8, unzipSync, zipSync } from "fflate";
import { readSheet } from "read-excel-file/universal";
import { numberOf, type Cell } from "./cells";
import { currencyDigits } from "../format/money";

const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const PACKAGE = "http://schemas.openxmlformats.org/package/2006";
const OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml";

export const XLSX_TYPE = `${SHEET_TYPE}.sheet`;

const TYPES = `${HEAD}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="${SHEET_TYPE}.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="${SHEET_TYPE}.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="${SHEET_TYPE}.styles+xml"/></Types>`;
const RELATIONS = `${HEAD}<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>`;
const PARTS = `${HEAD}<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="rId1" Type="${OFFICE}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="${OFFICE}/styles" Target="styles.xml"/></Relationships>`;

/** The formats of cells, by their place: text, header, and numbers with none, two and three digits. */
const STYLES = `${HEAD}<styleSheet xmlns="${MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="0.000"/></numFmts><fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="5"><xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1" applyNumberFormat="1"/><xf numFmtId="1" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="2" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/><xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs></styleSheet>`;
const [TEXT, HEADER, WHOLE, TWO, THREE] = [0, 1, 2, 3, 4];

/** Excel keeps no more digits of a number than these. */
const MOST_DIGITS = 15;

// Characters that XML does not have, even written as numbers, and halves of characters.
const NO_XML = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/gu;

function escaped(text: string): string {
  return text.replace(NO_XML, "").replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

/** `A`, `Z`, `AA`: what a column is called. */
function letters(column: number): string {
  const rest = String.fromCharCode(65 + (column % 26));
  return column < 26 ? rest : letters(Math.floor(column / 26) - 1) + rest;
}

function styleOf(cell: Exclude<Cell, string | undefined>): number {
  const digits = "minor" in cell ? currencyDigits(cell.currency) : 0;
  return digits === 0 ? WHOLE : digits === 3 ? THREE : TWO;
}

function cellXml(cell: Cell, place: string, header: boolean): string {
  if (cell === undefined || cell === "") return "";
  const text = typeof cell === "string" ? cell : numberOf(cell);
  const exact = typeof cell !== "string" && text.replace(/[-.]/g, "").length <= MOST_DIGITS;
  if (exact) return `<c r="${place}" s="${styleOf(cell)}"><v>${text}</v></c>`;
  return `<c r="${place}" s="${header ? HEADER : TEXT}" t="inlineStr"><is><t xml:space="preserve">${escaped(text)}</t></is></c>`;
}

/** As wide as what is in it, within reason; a Chinese character is two letters wide. */
function widths(rows: Cell[][]): string {
  const sizes: number[] = [];
  for (const row of rows.slice(0, 200)) {
    row.forEach((cell, column) => {
      const text = cell === undefined ? "" : typeof cell === "string" ? cell : numberOf(cell);
      const size = [...text].reduce((sum, one) => sum + (one > "\u2e7f" ? 2 : 1), 2);
      sizes[column] = Math.max(sizes[column] ?? 8, Math.min(size, 50));
    });
  }
  return sizes.map((size, i) => `<col min="${i + 1}" max="${i + 1}" width="${size}" customWidth="1"/>`).join("");
}

/** The first row is the header. A name of a sheet has 31 characters at most, and none of a path. */
export function writeXlsx(name: string, rows: Cell[][]): Blob {
  const lines = rows.map((row, i) => `<row r="${i + 1}">${row.map((cell, column) => cellXml(cell, `${letters(column)}${i + 1}`, i === 0)).join("")}</row>`);
  const sheet = `${HEAD}<worksheet xmlns="${MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><cols>${widths(rows)}</cols><sheetData>${lines.join("")}</sheetData></worksheet>`;
  const title = escaped(name.replace(/[[\]:*?/\\]/g, " ").slice(0, 31));
  const workbook = `${HEAD}<workbook xmlns="${MAIN}" xmlns:r="${OFFICE}"><sheets><sheet name="${title}" sheetId="1" r:id="rId1"/></sheets></workbook>`;
  const files = {
    "[Content_Types].xml": TYPES,
    "_rels/.rels": RELATIONS,
    "xl/workbook.xml": workbook,
    "xl/_rels/workbook.xml.rels": PARTS,
    "xl/styles.xml": STYLES,
    "xl/worksheets/sheet1.xml": sheet,
  };
  const packed = zipSync(Object.fromEntries(Object.entries(files).map(([path, text]) => [path, strToU8(text)])));
  return new Blob([packed as Uint8Array<ArrayBuffer>], { type: XLSX_TYPE });
}

/** A file of a few megabytes can be made to unpack into all of the memory. */
const MOST_UNPACKED = 200 * 1024 * 1024;

/** The first sheet as text; what is no workbook is an error. */
export async function readXlsx(bytes: Uint8Array): Promise<string[][]> {
  let size = 0;
  const parts = unzipSync(bytes, {
    filter: ({ name, originalSize }) => {
      const wanted = /\.(xml|rels)$/.test(name);
      if (wanted) size += originalSize;
      if (size > MOST_UNPACKED) throw new Error("the workbook is too large");
      return wanted;
    },
  });
  // The reader unpacks what is large in workers that it makes of text, which the gateway's content
  // security policy forbids; it needs none for what is stored as it is.
  const stored = zipSync(parts, { level: 0 });
  const rows = await readSheet(new Blob([stored as Uint8Array<ArrayBuffer>]));
  return rows.map((row) => row.map(textOf));
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (value instanceof Date) return value.toISOString().slice(0, 10);
  if (typeof value !== "number") return String(value);
  // What was calculated in binary has a tail that nobody has typed.
  const exact = Number(value.toPrecision(MOST_DIGITS));
  return Math.abs(exact) < 1e21 && (exact === 0 || Math.abs(exact) > 1e-6) ? exact.toString() : "";
}
