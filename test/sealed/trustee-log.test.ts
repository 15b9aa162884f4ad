import { bytesToHex } from "@noble/hashes/utils.js";
import { expect } from "chai";
import { TrusteeLog } from "../../src/sealed/trustee-log.js";
import { MemoryStore } from "../../src/store/index.js";
import { expectError, expectRejection } from "../support/errors.js";
import { flat, month, newDeployment, PERIOD, TestHeads } from "./deployment.js";
import { reported, altered, reportAfter } from "./billing.js";

describe("a trustee's log", () => {
  async function answered(values: readonly bigint[] = [1n, 2n, 3n]) {
    const d = newDeployment();
    const store = new MemoryStore();
    const anchor = new TestHeads();
    const message = await d.centre.postTariff(flat(2n));
    const trustee = await d.trustee(1, store, anchor);
    await trustee.takeTariff(message);
    d.clock.now = month.to;
    const homes = [await reported(d, values), await reported(d, values)];
    const requests = await Promise.all(homes.map((h) => d.centre.requestBill(h.address, PERIOD)));
    return { d, store, anchor, trustee, homes, requests };
  }

  it("is stored and anchored before the answers leave, one anchor for a batch", async () => {
    const { d, store, anchor, trustee, requests, homes } = await answered();
    await trustee.answer(requests);
    expect(trustee.answers.map((e) => e.spent[0]!.meter)).to.deep.equal(
      homes.map((h) => bytesToHex(h.address)),
    );
    expect(anchor.latestHead).to.deep.equal({ count: 2, head: trustee.answers[1]!.head });
    const later = await d.trustee(1, store, anchor);
    expect(later.answers).to.deep.equal(trustee.answers);
    expect(await later.answer(requests)).to.have.lengthOf(2);
    expect(later.answers).to.have.lengthOf(2);
  });

  it("given an anchor that cannot be made, then no answer leaves; later the same request is anchored first", async () => {
    const { d, store, anchor, trustee, requests } = await answered();
    anchor.isDown = true;
    let message = "";
    await trustee.answer(requests).catch((error: Error) => ({ message } = error));
    expect(message).to.equal("no connection");
    expect(anchor.latestHead).to.equal(null);
    anchor.isDown = false;
    const later = await d.trustee(1, store, anchor);
    await later.answer(requests.slice(0, 1));
    expect(anchor.latestHead!.count).to.equal(2);
  });

  it("given a store that fails, then no answer leaves", async () => {
    const { d, store, trustee, requests, anchor } = await answered();
    await store.close();
    await expectRejection(trustee.answer(requests), "store/closed");
    expect(anchor.latestHead).to.equal(null);
    expect(d.clock.now).to.equal(month.to);
  });

  it("given a log cut short at its end, then the trustee does not start", async () => {
    const { d, store, anchor, trustee, requests } = await answered();
    await trustee.answer(requests);
    const last = "sealed/trustee/1/log/000000000001";
    await store.transaction(async (tx) => {
      expect(await tx.get(last)).not.to.equal(undefined);
      tx.delete(last);
    });
    const error = await expectRejection(d.trustee(1, store, anchor), "sealed/log-behind-anchor");
    expect(error.details).to.deep.equal({ entries: 1, anchored: 2 });
    // Without the anchor nobody would see it: the second reading would be decrypted again.
    const forgetful = await d.trustee(1, store, new TestHeads());
    expect(forgetful.answers).to.have.lengthOf(1);
  });

  it("given a log that was continued otherwise, then the trustee does not start", async () => {
    const { d, store, anchor, trustee, requests } = await answered();
    await trustee.answer(requests.slice(0, 1));
    anchor.latestHead = { count: 1, head: "ab".repeat(32) };
    await expectRejection(d.trustee(1, store, anchor), "sealed/log-behind-anchor");
  });

  it("given a log shortened at the front, reordered or altered, then the trustee does not start", async () => {
    const { trustee, requests } = await answered();
    await trustee.answer(requests);
    const [a, b] = trustee.answers as [(typeof trustee.answers)[0], (typeof trustee.answers)[0]];
    expect(new TrusteeLog([a, b]).entries).to.have.lengthOf(2);
    for (const log of [
      [b],
      [b, a],
      [{ ...a, spent: [] }, b],
      [{ ...a, kind: "group" as const }, b],
      [a, { ...b, number: 2 }],
      [a, { ...b, request: a.request }],
    ]) {
      expectError(() => new TrusteeLog(log), "sealed/damaged-log");
    }
  });

  it("given two requests at once for the same readings, then one is answered", async () => {
    const { trustee, requests, homes } = await answered();
    const second = altered(requests[0]!, {}, [...homes[0]!.reports, await reportAfter(homes[0]!)]);
    const both = await Promise.allSettled([
      trustee.answer([requests[0]!]),
      trustee.answer([second]),
    ]);
    expect(both.map((b) => b.status)).to.deep.equal(["fulfilled", "rejected"]);
    const { trustee: other } = await answered();
    expect(other.answers).to.deep.equal([]);
  });
});
