import { expect } from "chai";
import { bytesToHex } from "@noble/hashes/utils.js";
import { decodeAdmission, encodeAdmission, type Admission } from "../../src/ledger/admission.js";
import { ORDER, publicKeyOf } from "../../src/ledger/curve.js";
import { LedgerMeter } from "../../src/ledger/meter.js";
import { consumptionTree } from "../../src/ledger/pages.js";
import type { Category } from "../../src/ledger/parcels.js";
import { encodeBundle, reportMessage, type Report } from "../../src/ledger/report.js";
import { signSchnorr } from "../../src/ledger/schnorr.js";
import { consumptionStruct, receiptStruct } from "../../src/ledger/statements.js";
import { expectError, expectRejection } from "../support/errors.js";
import { ledger, TestNeighbourhood, verifier, withDirectory } from "./support.js";

const FIRST = 1000;

const reasons = (admission: Admission): string[] =>
  typeof admission.refused === "string"
    ? [admission.refused]
    : admission.refused.map(({ index, reason }) => `${index}:${reason}`);

const receiptOf = (admission: Admission): Uint8Array | undefined =>
  typeof admission.refused === "string"
    ? undefined
    : (admission as { receipt?: Uint8Array }).receipt;

describe("The control centre", () => {
  it("admits genuine reports, and closes with their rows sorted, numbered and summed", () =>
    withDirectory(async (directory) => {
      const n = new TestNeighbourhood("admit", 5);
      const centre = await n.openControlCentre(directory);
      await centre.begin(n.registrar().list(FIRST));
      const sent = n.meters.map((m, i) => m.report(FIRST, BigInt(137 * (i + 1)), centre.average));
      const answers = await centre.admit(sent.map((s) => encodeBundle(s.bundle)));
      expect(answers.map(reasons)).to.deep.equal([[], [], [], [], []]);

      for (const [i, answer] of answers.entries()) {
        const receipt = receiptOf(answer)!;
        const { reports } = sent[i]!.bundle;
        const struct = receiptStruct({
          interval: FIRST,
          pseudonyms: reports.map((r) => r.pseudonym),
          categories: reports.map((r) => r.category),
        });
        expect(verifier.verify(struct, receipt, n.controlCentreKey.address)).to.equal(true);
        expect(verifier.verify(struct, receipt, n.providerKey.address)).to.equal(false);
      }

      const page = await centre.close();
      const { statement, signature, rows } = page;
      const all = sent.flatMap((s) => s.sent);
      expect(rows.map((r) => bytesToHex(r.pseudonym))).to.deep.equal(
        all.map((s) => bytesToHex(s.pseudonym)).sort(),
      );
      expect(rows.map((r) => r.index)).to.deep.equal([...rows.keys()]);
      let sum = 0n;
      for (const row of rows) expect(row.cumulative).to.equal((sum += row.wattHours));
      const carried = n.meters.reduce((s, m) => s + m.carried, 0n);
      expect(statement.load).to.equal(sum);
      expect(statement.load + carried).to.equal(137n * 15n);
      expect(statement).to.include({ interval: FIRST, rows: rows.length, homes: 5, withheld: 0 });
      expect(statement.root).to.deep.equal(consumptionTree(FIRST, page).root);
      expect(
        verifier.verify(consumptionStruct(statement), signature, n.controlCentreKey.address),
      ).to.equal(true);
    }));

  it("refuses forged, altered, replayed, conflicting, late, early and malformed reports", () =>
    withDirectory(async (directory) => {
      const n = new TestNeighbourhood("refuse", 3);
      const centre = await n.openControlCentre(directory);
      const registrar = n.registrar();
      await centre.begin(registrar.list(FIRST));
      const { bundle } = n.meters[0]!.report(FIRST, 650n, 200n);
      const [a, b, c] = bundle.reports as [Report, Report, Report];
      expect(bundle.reports).to.have.lengthOf(3);
      const admit = async (...reports: Report[]): Promise<Admission> =>
        (await centre.admit([encodeBundle({ interval: FIRST, reports })]))[0]!;

      // Somebody who is not enrolled, with keys and signatures that are right in themselves.
      const stranger = new LedgerMeter(ledger, { secretKey: 5n, root: n.random.bytes(32) });
      const foreign = stranger.report(FIRST, 200n, 200n).bundle.reports[0]!;
      expect(reasons(await admit(foreign))).to.deep.equal(["0:unknown"]);

      // A genuine pseudonym with another's signature, another category, an altered signature.
      const altered = a.signature.slice();
      altered[64]! ^= 1;
      const forged = await admit(
        { ...a, signature: b.signature },
        { ...a, category: ((a.category + 1) % 5) as Category },
        { ...a, signature: altered },
      );
      expect(reasons(forged)).to.deep.equal(["0:signature", "1:signature", "2:signature"]);
      expect(receiptOf(forged)).to.equal(undefined);

      // The same report twice in a packet, and again later; the genuine one passes among bad ones.
      const twice = await admit(foreign, a, a, { ...b, signature: c.signature });
      expect(reasons(twice)).to.deep.equal(["0:unknown", "2:replayed", "3:signature"]);
      const again = await admit(a, b);
      expect(reasons(again)).to.deep.equal(["0:replayed"]);
      // The receipt covers the replayed report too: its meter may have lost the first answer.
      const struct = receiptStruct({
        interval: FIRST,
        pseudonyms: [a.pseudonym, b.pseudonym],
        categories: [a.category, b.category],
      });
      const { address } = n.controlCentreKey;
      expect(verifier.verify(struct, receiptOf(again)!, address)).to.equal(true);

      const other = n.meters[1]!.report(FIRST, 0n, 200n).bundle;
      const bytes = encodeBundle({ interval: FIRST, reports: [c] });
      const outcomes = await centre.admit([
        encodeBundle({ interval: FIRST - 1, reports: [c] }),
        encodeBundle({ interval: FIRST + 1, reports: [c] }),
        bytes.subarray(1),
        new Uint8Array(),
        Uint8Array.of(...bytes, 0),
        encodeBundle(other),
      ]);
      expect(outcomes.map(reasons)).to.deep.equal([
        ["late"],
        ["early"],
        ["malformed"],
        ["malformed"],
        ["malformed"],
        [],
      ]);

      const page = await centre.close();
      expect(page.rows).to.have.lengthOf(2);
      expect((await centre.admit([bytes])).map(reasons)).to.deep.equal([["late"]]);
      const next = encodeBundle({ interval: FIRST + 1, reports: [] });
      expect((await centre.admit([next, bytes.subarray(1)])).map(reasons)).to.deep.equal([
        ["early"],
        ["malformed"],
      ]);
    }));

  it("refuses a second, different report under one pseudonym, even from the meter itself", () =>
    withDirectory(async (directory) => {
      const n = new TestNeighbourhood("conflict", 1);
      const secretKey = 99n;
      const root = n.random.bytes(32);
      // Two copies of one meter: one was restored from a backup.
      const [meter, copy] = [0, 1].map(() => new LedgerMeter(ledger, { secretKey, root }));
      const centre = await n.openControlCentre(directory);
      const registrar = n.registrar();
      registrar.enrol(meter!.enrolment());
      await centre.begin(registrar.list(FIRST));
      const [first, second] = await centre.admit([
        encodeBundle(meter!.report(FIRST, 200n, 200n).bundle),
        encodeBundle(copy!.report(FIRST, 800n, 200n).bundle),
      ]);
      expect(reasons(first!)).to.deep.equal([]);
      expect(reasons(second!)).to.deep.equal(["0:conflict"]);
      expect((await centre.close()).statement.load).to.equal(200n);
    }));

  it("cannot sign for a meter with anything it or the registrar knows", () =>
    withDirectory(async (directory) => {
      const n = new TestNeighbourhood("sign", 2);
      const centre = await n.openControlCentre(directory);
      const list = n.registrar().list(FIRST);
      await centre.begin(list);
      const meter = n.meters[0]!;
      const { tree, publicKey } = meter.enrolment();
      const { oneTimes } = await import("../../src/ledger/one-time-key.js");
      const [{ pseudonym, tweak }] = oneTimes(tree, FIRST, 1) as [ReturnType<typeof oneTimes>[0]];
      const key = list.keyOf(pseudonym)!;
      const message = reportMessage(ledger, FIRST, pseudonym, 200n);
      // What it could use as a secret: the tweak, the sum with anything public, nothing at all.
      const guesses = [
        tweak,
        (tweak * 2n) % ORDER,
        BigInt(`0x${bytesToHex(publicKey.subarray(1))}`),
      ];
      const reports = guesses.map((guess): Report => ({
        pseudonym,
        category: 2,
        signature: signSchnorr(guess, key, message),
      }));
      for (const guess of guesses) expect(publicKeyOf(guess)).not.to.deep.equal(key);
      const [answer] = await centre.admit([encodeBundle({ interval: FIRST, reports })]);
      expect(reasons(answer!)).to.deep.equal(["0:signature", "1:signature", "2:signature"]);
    }));

  it("withholds categories with fewer than k rows, and meters report them again", () =>
    withDirectory(async (directory) => {
      const n = new TestNeighbourhood("withhold", 4);
      const k = 2;
      const centre = await n.openControlCentre(directory, k);
      const registrar = n.registrar();
      let consumed = 0n;
      let published = 0n;
      // One home uses ten times what the others do: its large parcels are alone in their category.
      for (let interval = FIRST; interval < FIRST + 12; interval++) {
        await centre.begin(registrar.list(interval));
        const bundles = n.meters.map((meter, i) => {
          const wattHours = i === 0 ? 2000n : BigInt(150 + 7 * i);
          consumed += wattHours;
          return encodeBundle(meter.report(interval, wattHours, centre.average).bundle);
        });
        const answers = await centre.admit(bundles);
        expect(answers.flatMap(reasons)).to.deep.equal([]);
        const { statement, rows } = await centre.close();
        const counts = new Map<bigint, number>();
        for (const { wattHours } of rows) counts.set(wattHours, (counts.get(wattHours) ?? 0) + 1);
        for (const count of counts.values()) expect(count).to.be.at.least(k);
        if (interval === FIRST) expect(statement.withheld).to.equal(0b1000);
        for (const meter of n.meters) meter.conclude(statement);
        published += statement.load;
        const carried = n.meters.reduce((sum, meter) => sum + meter.carried, 0n);
        expect(published + carried, `interval ${interval}`).to.equal(consumed);
      }
      expect(published > (consumed * 8n) / 10n).to.equal(true);
    }));

  it("takes intervals one by one", () =>
    withDirectory(async (directory) => {
      const n = new TestNeighbourhood("order", 1);
      const centre = await n.openControlCentre(directory);
      await expectRejection(centre.close(), "ledger/interval-open");
      const registrar = n.registrar();
      await centre.begin(registrar.list(FIRST));
      const next = registrar.list(FIRST + 1);
      await expectRejection(centre.begin(next), "ledger/interval-open");
      await centre.close();
      await expectRejection(centre.begin(registrar.list(FIRST + 2)), "ledger/interval-open");
      await centre.begin(next);
    }));
});

describe("A meter", () => {
  it("reports an interval once, and no other before it knows the outcome", () => {
    const meter = new LedgerMeter(ledger);
    meter.report(FIRST, 100n, 200n);
    expectError(() => meter.report(FIRST + 1, 1n, 200n), "ledger/interval-open");
    expectError(() => meter.conclude({ interval: FIRST + 1, withheld: 0 }), "ledger/interval-open");
    meter.conclude({ interval: FIRST, withheld: 0 });
    expectError(() => meter.conclude({ interval: FIRST, withheld: 0 }), "ledger/interval-open");
    expectError(() => meter.report(FIRST, 200n, 200n), "ledger/leaf-gone");
  });

  it("loses no watt-hour to a report that failed", () => {
    const meter = new LedgerMeter(ledger);
    meter.report(FIRST, 149n, 200n);
    meter.conclude({ interval: FIRST, withheld: 0 });
    expect(meter.carried).to.equal(49n);
    expectError(() => meter.report(FIRST, 200n, 200n), "ledger/leaf-gone");
    expectError(() => meter.report(FIRST + 1, 200n, 3n), "ledger/bad-average");
    expect(meter.carried).to.equal(49n);
  });
});

describe("Admissions", () => {
  it("survive encoding, and nothing else decodes", () => {
    const cases: Admission[] = [
      { refused: "late" },
      { refused: "early" },
      { refused: "malformed" },
      { refused: [], receipt: undefined },
      { refused: [{ index: 5, reason: "conflict" }], receipt: new Uint8Array(65).fill(7) },
    ];
    for (const admission of cases) {
      expect(decodeAdmission(encodeAdmission(admission))).to.deep.equal(admission);
    }
    for (const bad of [
      [],
      [0xff],
      [0xff, 3],
      [0xff, 0, 0],
      [7],
      [1, 0],
      [1, 9, 0],
      [1, 0, 99],
      [0, 1],
    ]) {
      expect(decodeAdmission(Uint8Array.from(bad)), bad.join()).to.equal(undefined);
    }
  });
});
