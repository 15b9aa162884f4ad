/** Text and bars on A4 pages, from the top of a page to its bottom, and on to the next. */
import type { Color, PDFPage } from "@cantoo/pdf-lib";
import type { Face, Fonts } from "./pdf-fonts.js";

/** Points from the lower left corner. */
export const page = { width: 595, height: 842, left: 56, right: 539, top: 786, bottom: 64 };
export const grey = 0.42;

type Colour = (shade: number) => Color;

/** Lines of text from the top of a page to its bottom, and on to the next. */
export class Sheet {
  readonly #pages: PDFPage[] = [];
  #y = page.top;

  constructor(
    private readonly addPage: () => PDFPage,
    private readonly fonts: Fonts,
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
    const left = right ? x - this.#width(text, face, size) : x;
    this.#draw(this.#page, text, { x: left, y: this.#y, size, face, shade });
  }

  /** Writes words in as many lines as they need. */
  paragraph(text: string, width: number, size = 9): void {
    let line = "";
    for (const word of text.split(" ").flatMap((w) => pieces(w, 88))) {
      const longer = line === "" ? word : `${line} ${word}`;
      if (this.#width(longer, "plain", size) > width && line !== "") {
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
      const x = page.right - this.#width(text, "plain", 8);
      this.#draw(p, text, { x, y: 36, size: 8, face: "plain", shade: grey });
    });
  }

  #width(text: string, face: Face, size: number): number {
    const runs = this.fonts.runs(plainSpaces(text), face);
    return runs.reduce((sum, run) => sum + run.font.widthOfTextAtSize(run.text, size), 0);
  }

  #draw(
    onto: PDFPage,
    text: string,
    at: { x: number; y: number; size: number; face: Face; shade: number },
  ): void {
    let { x } = at;
    for (const run of this.fonts.runs(plainSpaces(text), at.face)) {
      const { y, size } = at;
      onto.drawText(run.text, { x, y, size, font: run.font, color: this.colour(at.shade) });
      x += run.font.widthOfTextAtSize(run.text, size);
    }
  }

  get #page(): PDFPage {
    return this.#pages.at(-1)!;
  }

  #next(): void {
    this.#pages.push(this.addPage());
    this.#y = page.top;
  }
}

function plainSpaces(text: string): string {
  return text.replaceAll(/\s/g, " ");
}

function pieces(word: string, length: number): string[] {
  return word.match(new RegExp(`.{1,${length}}`, "g")) ?? [""];
}
