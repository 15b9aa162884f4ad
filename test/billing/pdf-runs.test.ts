/** Texts of a PDF in the order in which they are drawn, each letter in a font that has it. */
import makeBidi from "bidi-js";
import { expect } from "chai";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { PDFDocument } from "@cantoo/pdf-lib";
import { fontsFor } from "../../src/billing/pdf-fonts.js";
import { visualRuns, type Bidi } from "../../src/billing/pdf-runs.js";
import { refusal } from "../support/errors.js";

const bidi = (makeBidi as unknown as () => Bidi)();
const any = { font: "any", letters: { has: (): boolean => true } };
const texts = (text: string): string[] => visualRuns(text, [any], bidi).map((r) => r.text);

describe("texts of a PDF", () => {
  it("given a number after a name from right to left, then it stands left of it, its digits in order", () => {
    expect(texts("שרה כהן 12")).to.deep.equal(["12", "שרה כהן "]);
    expect(texts("محمد 305")).to.deep.equal(["305", "محمد "]);
  });

  it("given a Latin word first, then it stays first, and the name after it is one part", () => {
    expect(texts("A-1 שרה כהן")).to.deep.equal(["A-1 ", "שרה כהן"]);
    expect(texts("A-1 שרה 12 B")).to.deep.equal(["A-1 ", "12", "שרה ", " B"]);
  });

  it("given brackets within a name from right to left, then they change sides", () => {
    expect(texts("שרה (כהן)")).to.deep.equal(["שרה )כהן("]);
  });

  it("given text from left to right, then it is one part", () => {
    expect(texts("Łódź, Ελένη (Мария) 12")).to.deep.equal(["Łódź, Ελένη (Мария) 12"]);
  });

  it("given letters of several fonts, then each part is in the first that has them", () => {
    const latin = {
      font: "latin",
      letters: { has: (l: string) => /[\p{Script=Latin} ]/u.test(l) },
    };
    const han = { font: "han", letters: { has: (l: string) => /\p{Script=Han}/u.test(l) } };
    expect(visualRuns("Li 李 Wei", [latin, han], bidi)).to.deep.equal([
      { text: "Li ", font: "latin" },
      { text: "李", font: "han" },
      { text: " Wei", font: "latin" },
    ]);
  });

  it("given a font file for letters that the others lack, then it is embedded; a file that is none is refused", async () => {
    const path = createRequire(import.meta.url).resolve("dejavu-fonts-ttf/package.json");
    const serif = readFileSync(path.replace("package.json", "ttf/DejaVuSerif.ttf"));
    const document = await PDFDocument.create();
    const fonts = await fontsFor(document, ["Łódź"], [serif]);
    expect(fonts.runs("Łódź", "plain").length).to.equal(1);
    const none = await refusal(fontsFor(await PDFDocument.create(), ["Łódź"], [Buffer.from("x")]));
    expect(none.code).to.equal("billing/no-font");
    const without = await refusal(fontsFor(await PDFDocument.create(), ["王"], [serif]));
    expect(without.message).to.include("王");
  });
});
