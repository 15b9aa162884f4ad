import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import { habitsNamed, makeChallenge } from "../../src/attack/index.js";
import type { Truth } from "../../src/attack/truth.js";
import { PATHS } from "../../src/attack/view/files.js";
import { scoreFolder, writeChallenge } from "../../src/cli/attack/folder.js";
import { expectError } from "../support/errors.js";
import { crowd, DENOMINATIONS, PERIOD } from "./crowd.js";

describe("a challenge", () => {
  const challenge = makeChallenge(crowd(20), PERIOD, {
    ...{ habits: habitsNamed("common-deadline"), denominations: DENOMINATIONS, homes: 6 },
    ...{ emission: "as-it-accrues", trials: 1, event: "none" },
  });
  const truth = JSON.parse(new TextDecoder().decode(challenge.truth)) as Truth;
  const dir = mkdtempSync(join(tmpdir(), "challenge-"));
  writeChallenge(dir, challenge);
  const score = (claims: object) => {
    const file = join(dir, "claims.json");
    writeFileSync(file, JSON.stringify({ format: "sipster/attack-claims@1", ...claims }));
    return scoreFolder(dir, file);
  };

  it("given the truth as claims, then the score is 1 and the bills have no error; given one group, it is 0", () => {
    const bills = Object.fromEntries(truth.accounts.map((a, i) => [a, truth.units[i]!]));
    const right = score({ groups: truth.senders, bills });
    expect([right.linkage!.value, right.top!.value, right.billError!.value]).to.deep.equal([
      1, 1, 0,
    ]);
    expect(score({ groups: truth.senders.map(() => 0) }).linkage!.value).to.equal(0);
  });

  it("publishes neither the truth nor outside knowledge with the view", () => {
    expect([...challenge.view.keys()]).not.to.include(PATHS.curves);
    const published = [...challenge.view]
      .map(([, bytes]) => new TextDecoder().decode(bytes))
      .join("");
    expect(published).not.to.include("senders");
    expect(readFileSync(join(dir, "challenge/README.md"), "utf8")).to.include(challenge.commitment);
  });

  it("given a truth that was changed after the commitment, or claims of another length, nothing is scored", () => {
    expectError(() => score({ groups: [1, 2] }), "attack/bad-claims");
    const changed = { ...truth, senders: truth.senders.toReversed() };
    writeFileSync(join(dir, "truth/truth.json"), JSON.stringify(changed));
    expectError(() => score({ groups: truth.senders }), "attack/other-truth");
  });
});
