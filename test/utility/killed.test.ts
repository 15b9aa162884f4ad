import { expect } from "chai";
import { join } from "node:path";
import { createMclBn254 } from "../../src/algebra/index.js";
import { addressOf, parseBillFile } from "../../src/sipster/index.js";
import { killWhen, startScript } from "../support/child.js";
import { temporaryDirectory } from "../support/temporary.js";
import { after, PERIOD, runUntil, setClock } from "../support/wallet.js";
import { BASKET, openScene, SIZES, type Death } from "./killed-exchange.js";

const script = join(import.meta.dirname, "killed-exchange.ts");
const units = BigInt(SIZES.reduce((a, b) => a + b));

describe("kill -9 in the middle of an exchange", () => {
  const folder = temporaryDirectory();

  for (const [what, death, fatal] of [
    ["of the utility, after the commit and before the answer", "after the commit", 3],
    ["of the utility, at the last order", "after the commit", SIZES.length],
    ["of the wallet, after sending", "after sending", 2],
  ] as const satisfies readonly [string, Death, number][]) {
    it(`${what}: every token is paid once, with one coin`, async () => {
      const child = startScript(script, [folder(), death, String(fatal)]);
      await killWhen(child, () => false);
      const { exchange: x, wallet, period, stores } = await openScene(folder());
      const { resident, purse } = wallet;
      const sold = (await x.counter.sales()).receipts;
      expect(sold).to.equal(BigInt(death === "after the commit" ? fatal : fatal - 1));
      setClock(x, after(PERIOD));
      await runUntil(x, wallet);
      expect(await resident.verify()).to.deep.equal({ verified: SIZES.length, bad: [] });
      expect(await x.counter.sales()).to.deep.equal({ units, receipts: BigInt(SIZES.length) });
      const left = [...(await purse.coins()).values()].reduce((a, b) => a + b);
      expect(left).to.equal(BASKET.length - SIZES.length);
      const tokens = period.generated.map((g) => g.token);
      const meter = addressOf(period.billKey);
      const { bill, blinding } = period;
      const file = await resident.combine({ bill, tokens, blinding, meter });
      expect(parseBillFile(await createMclBn254(), file).meter).to.equal(meter);
      for (const store of stores) await store.close();
    });
  }
});
