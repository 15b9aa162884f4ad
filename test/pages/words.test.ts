import { expect } from "chai";
import { SipsterError, ExitCode } from "../../src/errors/sipster-error.js";
import { TERMINAL_WORDS, WORDED, wordsFor } from "../../src/pages/words.js";
import { allCatalogues } from "../../scripts/lib/errors-document.js";

/** Every error that any part of the project declares, with a cause that no text knows. */
async function everyError(): Promise<SipsterError[]> {
  return (await allCatalogues()).flatMap(({ room, entries }) =>
    Object.entries(entries).map(
      ([key, { consequence, cure }]) =>
        new SipsterError({
          code: `${room}/${key}`,
          message: "the exact cause",
          consequence,
          cure,
          exitCode: ExitCode.No,
        }),
    ),
  );
}

describe("words on the pages", () => {
  it("given any error of the project, when a page words it, then no command of a terminal is in it", async () => {
    for (const error of await everyError()) {
      const { title, cure } = wordsFor(error);
      for (const text of [title, cure]) expect(text, error.code).not.to.match(TERMINAL_WORDS);
    }
  });

  it("given any error, when a page words it, then its code and its exact cause stay readable", async () => {
    for (const error of await everyError()) {
      const { title, exact } = wordsFor(error);
      expect(exact).to.contain(error.code);
      expect(`${title} ${exact}`).to.contain("the exact cause");
    }
  });

  it("given words for an error, then there is such an error", async () => {
    const codes = (await everyError()).map(({ code }) => code);
    expect(codes).to.include.members(WORDED);
  });
});
