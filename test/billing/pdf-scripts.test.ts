/** Bills in the scripts of the world: which fonts are embedded, and the text that a viewer copies. */
import { expect } from "chai";
import { Account, billPdf, type ItemisedBill } from "../../src/billing/index.js";
import { generateHomes } from "../../src/readings/index.js";
import { defaultTariff } from "../../src/tariff/index.js";
import { refusal } from "../support/errors.js";
import { textsOfPdf } from "./support/pdf-text.js";

const [home] = generateHomes({ homes: 1, period: ["2024-05", "2024-05"], seed: 4 }).homes;
const billOf = (customer: string): ItemisedBill =>
  new Account().close({
    supply: home!,
    period: "2024-05",
    tariff: defaultTariff,
    details: { customer },
  });
const letters = (text: string): string[] => [...text.replaceAll(/\s/g, "")].sort();

/** With the fonts that a development install has: DejaVu, and Noto Sans for two further scripts. */
const NAMES: Readonly<Record<string, string>> = {
  Latin: "Łukasz Ğürsöy Nguyễn Thị",
  Greek: "Ελένη Παπαδοπούλου",
  Cyrillic: "Мария Іваненко",
  Armenian: "Արամ Սարգսյան",
  Georgian: "ნინო ბერიძე",
  Hebrew: "שרה כהן",
  Arabic: "محمد سعيد",
  Devanagari: "अनुष्का शर्मा",
  Thai: "สมชาย ใจดี",
};

/** One letter of each further script, and the package that the refusal names. */
const OTHERS: Readonly<Record<string, string>> = {
  ব: "bengali",
  ਸ: "gurmukhi",
  ગ: "gujarati",
  த: "tamil",
  త: "telugu",
  ಕ: "kannada",
  മ: "malayalam",
  ස: "sinhala",
  ខ: "khmer",
  မ: "myanmar",
  አ: "ethiopic",
  ひ: "jp",
  カ: "jp",
  한: "kr",
  王: "sc",
};

describe("the PDF of a bill in any script", () => {
  for (const [script, name] of Object.entries(NAMES)) {
    it(`given a customer in ${script} letters, then the text that is copied has each of them`, async () => {
      const pdf = await billPdf(billOf(name));
      const texts = textsOfPdf(pdf);
      expect(texts).to.include("Customer").and.to.include("Energy, night");
      const at = texts.indexOf("Customer");
      const after = texts.slice(at + 1).join("");
      const drawn = texts.slice(at + 1);
      // Signs of one letter may be drawn apart, or before the one that they follow in the text.
      const count = drawn.findIndex(
        (_, i) => letters(drawn.slice(0, i + 1).join("")).length >= letters(name).length,
      );
      const copied = letters(drawn.slice(0, count + 1).join(""));
      expect(copied, after.slice(0, 60)).to.deep.equal(letters(name));
      expect(pdf.length, "only the letters used are embedded").to.be.lessThan(300_000);
    });
  }

  it("given a script whose font is not installed, then the refusal names its package", async () => {
    for (const [letter, name] of Object.entries(OTHERS)) {
      const error = await refusal(billPdf(billOf(`A. ${letter}`)));
      expect(error.code).to.equal("billing/no-font");
      expect(error.message).to.include(letter).and.to.include(`@fontsource/noto-sans-${name} `);
    }
  });

  it("given a letter of no listed script, then the refusal names the letter alone", async () => {
    const error = await refusal(billPdf(billOf("𐎀")));
    expect(error.message).to.include("𐎀").and.not.to.include("npm install @");
  });
});
