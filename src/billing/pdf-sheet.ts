/** Text and bars on A4 pages, from the top of a page to its bottom, and on to the next. */
import type { Color, PDFFont, PDFPage } from "@cantoo/pdf-lib";

/** Points from the lower left corner. */
export const page = { width: 595, height: 842, left: 56, right: 539, top: 786, bottom: 64 };
export const grey = 0.42;

export type Face = "plain" | "bold" | "mono";
type Colour = (shade: number) => Color;

/** Lines of text from the top of a page to its bottom, and on to the next. */
export class Sheet {
  readonly #pages: PDFPage[] = [];
  #y = page.top;

  constructor(
    private readonly addPage: () => PDFPage,
    private readonly fonts: Readonly<Record<Face, PDFFont>>,
    private readonly colour: Colour,
  ) {
    this.#next();
  }

  /** Goes down, and to a new page where fewer than `room` points are left. */
  down(points: number, room = 0): void {
    this.#y -= points;
    if (this.#y < page.bottom + room) this.#next();
  }

  /** Writes at a position of the current line; `right` aligns the text's end there. */
  text(
    text: string,
    x: number,
    {
      face = "plain",
      size = 9.5,
      shade = 0,
      right = false,
    }: {
      face?: Face;
      size?: number;
      shade?: number;
      right?: boolean;
    } = {},
  ): void {
    const font = this.fonts[face];
    const drawn = text.replaceAll(/\s/g, " ");
    const at = right ? x - font.widthOfTextAtSize(drawn, size) : x;
    this.#page.drawText(drawn, { x: at, y: this.#y, size, font, color: this.colour(shade) });
  }

  /** Writes words in as many lines as they need. */
  paragraph(text: string, width: number, size = 9): void {
    const font = this.fonts.plain;
    let line = "";
    for (const word of text.split(" ").flatMap((w) => pieces(w, 88))) {
      const longer = line === "" ? word : `${line} ${word}`;
      if (font.widthOfTextAtSize(longer, size) > width && line !== "") {
        this.text(line, page.left, { size });
        this.down(12.5);
        line = word;
      } else line = longer;
    }
    this.text(line, page.left, { size });
    this.down(12.5);
  }

  rule(shade = 0.75): void {
    this.#page.drawLine({
      start: { x: page.left, y: this.#y + 9 },
      end: { x: page.right, y: this.#y + 9 },
      thickness: 0.6,
      color: this.colour(shade),
    });
  }

  /** A bar, its foot at a height above the current line. */
  bar(x: number, width: number, height: number): void {
    this.#page.drawRectangle({ x, y: this.#y, width, height, color: this.colour(0.35) });
  }

  /** Numbers the pages once all are there. */
  number(): void {
    this.#pages.forEach((p, i) => {
      const text = `${i + 1} / ${this.#pages.length}`;
      const font = this.fonts.plain;
      const x = page.right - font.widthOfTextAtSize(text, 8);
      p.drawText(text, { x, y: 36, size: 8, font, color: this.colour(grey) });
    });
  }

  get #page(): PDFPage {
    return this.#pages.at(-1)!;
  }

  #next(): void {
    this.#pages.push(this.addPage());
    this.#y = page.top;
  }
}

function pieces(word: string, length: number): string[] {
  return word.match(new RegExp(`.{1,${length}}`, "g")) ?? [""];
}
