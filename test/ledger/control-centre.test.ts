import { bytesToHex } from "@noble/hashes/utils.js";
import { expect } from "chai";
import { decodeAdmission, encodeAdmission, type Admission } from "../../src/ledger/admission.js";
import { isClaimSigned } from "../../src/ledger/audit/claims.js";
import { rewritePage } from "../../src/demo/ledger/cheats/rewrite.js";
import type { LedgerControlCentre } from "../../src/ledger/control-centre.js";
import { ORDER, publicKeyOf } from "../../src/ledger/curve.js";
import type { SentBundle } from "../../src/ledger/meter.js";
import { PRESENCE, type Slot } from "../../src/ledger/parcels.js";
import { receiptLeaves, receiptSalts, RECEIPT_LEAVES } from "../../src/ledger/receipts.js";
import { decodeBundle, encodeBundle, reportMessage, type Report } from "../../src/ledger/report.js";
import { decodeRecord } from "../../src/ledger/record.js";
import { LedgerResident } from "../../src/ledger/resident.js";
import { rowTree } from "../../src/ledger/rows.js";
import { signSchnorr } from "../../src/ledger/schnorr.js";
import { consumptionStruct, receiptStruct } from "../../src/ledger/statements.js";
import { MemoryStore } from "../../src/store/index.js";
import { expectRejection } from "../support/errors.js";
import { FIRST, INITIAL_AVERAGE, TestNeighbourhood } from "./support.js";

const OPEN = FIRST + 2;

const reasons = (admission: Admission | undefined): string[] =>
  typeof admission!.refused === "string"
    ? [admission!.refused]
    : admission!.refused.map(({ index, reason }) => `${index}:${reason}`);

const receiptOf = (admission: Admission): Uint8Array | undefined =>
  typeof admission.refused === "string"
    ? undefined
    : (admission as { receipt?: Uint8Array }).receipt;

/** A control centre with the first interval of reports open, and a bundle of each meter. */
async function opened(seed: string, homes: number, wattHours = 650n) {
  const n = await TestNeighbourhood.open(seed, homes);
  const centre = await n.openControlCentre();
  await n.prologue(centre);
  await centre.begin(await n.list(OPEN));
  const bundles: SentBundle[] = [];
  for (const meter of n.meters) {
    bundles.push((await meter.report(OPEN, wattHours, n.termsOf(OPEN)))!);
  }
  return { n, centre, bundles };
}

const admit = async (
  centre: LedgerControlCentre,
  { bundle }: SentBundle,
  reports: readonly Report[],
): Promise<Admission> => (await centre.admit([encodeBundle({ ...bundle, reports })]))[0]!;

describe("The control centre", () => {
  it("given genuine reports, closes with their rows sorted and summed, under a signed root", async () => {
    const { n, centre, bundles } = await opened("admit", 5);
    const answers = await centre.admit(bundles.map(({ bundle }) => encodeBundle(bundle)));
    expect(answers.map(reasons)).to.deep.equal([[], [], [], [], []]);
    const page = await centre.close(await n.list(OPEN + 2));
    const { statement, signature, rows } = page;
    const names = bundles.flatMap(({ sent }) => sent.map((s) => bytesToHex(s.pseudonym)));
    expect(rows.map((r) => bytesToHex(r.pseudonym))).to.deep.equal(names.sort());
    const tree = rowTree(OPEN, rows);
    expect(statement).to.include({ interval: OPEN, revision: 0, rows: rows.length, homes: 5 });
    expect(statement.root).to.deep.equal(tree.root);
    expect(statement.load).to.equal(tree.total);
    expect(statement.load).to.equal(5n * 650n);
    expect(statement.source).to.equal(OPEN - 1);
    const { verifier, controlCentre } = n.rules;
    expect(verifier.verify(consumptionStruct(statement), signature, controlCentre)).to.equal(true);
  });

  it("signs receipts with the receipt key, one leaf a report, and the leaf binds name and category", async () => {
    const { n, centre, bundles } = await opened("receipt", 2);
    const [answer] = await centre.admit([encodeBundle(bundles[0]!.bundle)]);
    const { bundle, sent } = bundles[0]!;
    const salts = receiptSalts(bundle.secret);
    const leaves = receiptLeaves(salts, new Map(sent.entries()));
    expect(leaves).to.have.lengthOf(RECEIPT_LEAVES);
    expect(new Set([...leaves, ...salts].map(bytesToHex)).size).to.equal(2 * RECEIPT_LEAVES);
    const signature = receiptOf(answer!)!;
    const struct = receiptStruct({ interval: OPEN, leaves });
    expect(n.rules.verifier.verify(struct, signature, n.receiptKey.address)).to.equal(true);
    const { pseudonym, category } = sent[0]!;
    const claim = {
      interval: OPEN,
      leaves,
      which: 0,
      salt: salts[0]!,
      pseudonym,
      category,
      signature,
    };
    const { rules } = n;
    expect(isClaimSigned(rules, claim)).to.equal(true);
    expect(isClaimSigned(rules, { ...claim, category: ((category + 1) % 5) as Slot })).to.equal(
      false,
    );
    expect(isClaimSigned(rules, { ...claim, pseudonym: sent[1]!.pseudonym })).to.equal(false);
    expect(isClaimSigned(rules, { ...claim, which: 1 })).to.equal(false);
    expect(isClaimSigned(rules, { ...claim, interval: OPEN + 1 })).to.equal(false);
    const [key] = rules.receiptKeys;
    const expired = { ...rules, receiptKeys: [{ ...key!, last: OPEN - 1 }] };
    expect(isClaimSigned(expired, claim)).to.equal(false);
  });

  it("given forged, altered, replayed, late, early and malformed reports, refuses them by name", async () => {
    const { n, centre, bundles } = await opened("refuse", 3);
    const [mine, others] = bundles as [SentBundle, SentBundle, SentBundle];
    const [a, b, c] = mine.bundle.reports as [Report, Report, Report];
    const stranger = { ...a, pseudonym: n.random.bytes(32) as never };
    expect(reasons(await admit(centre, mine, [stranger]))).to.deep.equal(["0:unknown"]);
    const moved = { ...a, category: ((a.category + 1) % 5) as Slot };
    expect(reasons(await admit(centre, mine, [moved]))).to.deep.equal(["0:unknown"]);
    const flipped = Uint8Array.from(a.signature, (x, i) => (i === 64 ? x ^ 1 : x));
    const swapped = { ...a, signature: b.signature };
    const forged = await admit(centre, mine, [{ ...a, signature: flipped }, b, swapped]);
    expect(reasons(forged)).to.deep.equal(["0:signature", "2:signature"]);
    expect(receiptOf(forged)).to.have.lengthOf(65);
    const again = await admit(centre, mine, [a, b, c]);
    expect(reasons(again)).to.deep.equal(["1:replayed"]);
    const late = { ...mine.bundle, interval: OPEN - 1 };
    const early = { ...mine.bundle, interval: OPEN + 1 };
    const odd = [encodeBundle(late), encodeBundle(early), n.random.bytes(50), new Uint8Array()];
    expect((await centre.admit(odd)).map((x) => reasons(x)[0])).to.deep.equal([
      "late",
      "early",
      "malformed",
      "malformed",
    ]);
    const page = await centre.close(await n.list(OPEN + 2));
    expect(page.rows).to.have.lengthOf(3);
    expect((await centre.admit([encodeBundle(others.bundle)])).map(reasons)).to.deep.equal([
      ["late"],
    ]);
  });

  it("given a replayed report with another signature that is right, keeps the first", async () => {
    const { n, centre, bundles } = await opened("replay", 1);
    const [report] = bundles[0]!.bundle.reports;
    const first = await admit(centre, bundles[0]!, [report!]);
    const second = await admit(centre, bundles[0]!, [report!]);
    expect(reasons(second)).to.deep.equal(["0:replayed"]);
    expect(receiptOf(second)).to.deep.equal(receiptOf(first));
    expect((await centre.close(await n.list(OPEN + 2))).rows).to.have.lengthOf(1);
  });

  it("cannot sign for a meter with anything that it or the registrar knows", async () => {
    const { n, centre, bundles } = await opened("sign", 1);
    const entry = (await n.list(OPEN)).entries.find(({ category }) => category === 4)!;
    for (const secret of [1n, ORDER - 1n]) {
      const message = reportMessage({
        ledger: n.ledger,
        interval: OPEN,
        pseudonym: entry.pseudonym,
        wattHours: 800n,
      });
      const signature = signSchnorr(secret, publicKeyOf(secret), message);
      const commitmentY = new Uint8Array(32);
      const report = { pseudonym: entry.pseudonym, category: 4 as const, signature, commitmentY };
      expect(reasons(await admit(centre, bundles[0]!, [report]))).to.deep.equal(["0:signature"]);
    }
  });

  it("withholds categories that too few homes reported in, and masks them two intervals later", async () => {
    const n = await TestNeighbourhood.open("withhold", 4, { leastHomes: 3 });
    const masks: number[] = [];
    await n.run(
      3,
      (home) => (home === 0 ? 100n : 800n),
      ({ pages }) => {
        const { withheld, mask } = pages.consumption.statement;
        masks.push(mask);
        expect(pages.consumption.rows.filter((r) => r.category === 1)).to.deep.equal([]);
        const tops = pages.consumption.rows.filter((r) => r.category === 4).length;
        // Two reports of the top category may be of one home: three homes need six.
        expect(tops === 0 || tops >= 6).to.equal(true);
        expect(pages.consumption.rows.filter((r) => r.category === PRESENCE)).to.have.lengthOf(4);
        if (masks.length === 1) expect(withheld).to.equal((1 << 1) | (1 << 4));
      },
    );
    expect(masks[1]).to.equal((1 << 1) | (1 << 4));
  });

  it("given reports of a category that the terms mask, refuses them, though they are enrolled and signed", async () => {
    const n = await TestNeighbourhood.open("masked", 2, { leastHomes: 2 });
    const centre = await n.openControlCentre();
    await n.prologue(centre);
    const closed = async (interval: number, packets: readonly Uint8Array[] = []) => {
      await centre.begin(await n.list(interval));
      await centre.admit(packets);
      const consumption = await centre.close(await n.list(interval + 2));
      n.book.add({ consumption });
      return consumption;
    };
    // One home alone has the largest parcels: what is withheld of it is masked three intervals later.
    const rare = (await n.meters[0]!.report(OPEN, 1600n, n.termsOf(OPEN)))!;
    const page = await closed(OPEN, [encodeBundle(rare.bundle)]);
    expect(page.statement.withheld).to.equal(1 << 4);
    await closed(OPEN + 1);
    await closed(OPEN + 2);
    const masked = OPEN + 3;
    await centre.begin(await n.list(masked));
    expect(centre.termsOf(masked)!.mask).to.equal(1 << 4);
    // Terms for this meter alone, signed and without the mask, as if no page had been made before.
    const { page: right } = n.termsOf(masked);
    const said = { source: 0, average: INITIAL_AVERAGE, mask: 0 };
    const wrong = rewritePage({ ...right, rows: [] }, n.controlCentreKey, said);
    const lured = (await n.meters[1]!.report(masked, 1600n, { page: wrong, source: undefined }))!;
    const top = lured.bundle.reports.filter(({ category }) => category === 4);
    expect(top).to.have.lengthOf(2);
    expect(reasons(await admit(centre, lured, top))).to.deep.equal(["0:unknown", "1:unknown"]);
  });

  it("takes intervals one by one, each with the list that its terms name", async () => {
    const n = await TestNeighbourhood.open("order", 1);
    const centre = await n.openControlCentre();
    await expectRejection(centre.begin(await n.list(FIRST + 1)), "ledger/interval-open");
    await centre.begin(await n.list(FIRST));
    await expectRejection(centre.begin(await n.list(FIRST)), "ledger/interval-open");
    await expectRejection(centre.close(await n.list(FIRST + 1)), "ledger/wrong-list");
    await centre.close(await n.list(FIRST + 2));
    await expectRejection(centre.close(await n.list(FIRST + 2)), "ledger/interval-open");
    await centre.begin(await n.list(FIRST + 1));
    await centre.close(await n.list(FIRST + 3));
    const other = await TestNeighbourhood.open("another", 1);
    await expectRejection(centre.begin(await other.list(FIRST + 2)), "ledger/wrong-list");
  });

  it("computes terms from the last page that stands: one that was proved wrong counts no more", async () => {
    const { n, centre, bundles } = await opened("void", 2);
    await centre.admit(bundles.map(({ bundle }) => encodeBundle(bundle)));
    await centre.close(await n.list(OPEN + 2));
    await centre.setVoid(OPEN, 0);
    await centre.begin(await n.list(OPEN + 1));
    const page = await centre.close(await n.list(OPEN + 3));
    expect(page.statement.source).to.equal(OPEN - 1);
  });

  it("replaces its last page once, as revision 1, with the rows that it admitted", async () => {
    const { n, centre, bundles } = await opened("replace", 2);
    await centre.admit(bundles.map(({ bundle }) => encodeBundle(bundle)));
    const first = await centre.close(await n.list(OPEN + 2));
    const second = await centre.replace(await n.list(OPEN + 2));
    expect(second.statement).to.deep.equal({ ...first.statement, revision: 1 });
    await expectRejection(centre.replace(await n.list(OPEN + 2)), "ledger/interval-open");
  });
});

describe("A control centre whose correction the chain refuses", () => {
  it("computes later terms from the page that stands, after a restart too, and corrects it no more", async () => {
    const n = await TestNeighbourhood.open("refused correction", 2);
    const store = new MemoryStore();
    const centre = await n.openControlCentre(store);
    await n.prologue(centre);
    await centre.begin(await n.list(OPEN));
    const first = await centre.close(await n.list(OPEN + 2));
    // The provider bills the page while its correction is on the way.
    await centre.replace(await n.list(OPEN + 2));
    await centre.withdraw(OPEN);
    expect(centre.last).to.deep.equal(first.statement);
    await expectRejection(centre.replace(await n.list(OPEN + 2)), "ledger/interval-open");
    for (const one of [centre, await n.openControlCentre(store)]) {
      expect((await one.page(OPEN))!.statement).to.deep.equal(first.statement);
    }
    const again = await n.openControlCentre(store);
    await expectRejection(again.replace(await n.list(OPEN + 2)), "ledger/interval-open");
    await again.begin(await n.list(OPEN + 1));
    expect((await again.close(await n.list(OPEN + 3))).statement.source).to.equal(OPEN);
  });
});

describe("A control centre that runs twice on one store", () => {
  it("signs one page, and gives no receipt for a report that the other process would lose", async () => {
    const n = await TestNeighbourhood.open("two centres", 2);
    const store = new MemoryStore();
    const one = await n.openControlCentre(store);
    await n.prologue(one);
    const other = await n.openControlCentre(store);
    const packets: Uint8Array[] = [];
    for (const meter of n.meters) {
      packets.push(encodeBundle((await meter.report(OPEN, 500n, n.termsOf(OPEN)))!.bundle));
    }
    for (const centre of [one, other]) await centre.begin(await n.list(OPEN));
    await one.admit(packets.slice(0, 1));
    await expectRejection(other.admit(packets.slice(1)), "ledger/other-process");
    await one.close(await n.list(OPEN + 2));
    await expectRejection(other.close(await n.list(OPEN + 2)), "ledger/other-process");
  });
});

describe("A registrar", () => {
  it("given the number of no meter, leaves nothing out", async () => {
    const n = await TestNeighbourhood.open("unknown", 2);
    for (const meter of [2, -1]) {
      await expectRejection(n.registrar.exclude(meter, OPEN), "ledger/unknown-meter");
    }
    expect((await n.list(OPEN)).homes).to.equal(2);
  });

  it("when it leaves a faulty meter out, everyone sees one home less, and that meter's reports are refused", async () => {
    const n = await TestNeighbourhood.open("faulty", 3);
    const centre = await n.openControlCentre();
    await n.registrar.exclude(1, OPEN);
    await n.prologue(centre);
    expect(n.book.termsOf(OPEN)!.homes).to.equal(2);
    await centre.begin(await n.list(OPEN));
    const bundle = (await n.meters[1]!.report(OPEN, 500n, n.termsOf(OPEN)))!;
    const [answer] = await centre.admit([encodeBundle(bundle.bundle)]);
    expect(reasons(answer).every((reason) => reason.endsWith(":unknown"))).to.equal(true);
    expect(n.meters[1]!.open + n.meters[1]!.carried).to.equal(500n);
  });
});

describe("Answers and bundles", () => {
  it("survive encoding, and nothing else decodes", async () => {
    const { bundles } = await opened("codec", 1);
    const bytes = encodeBundle(bundles[0]!.bundle);
    expect(encodeBundle(decodeBundle(bytes)!)).to.deep.equal(bytes);
    for (let length = 0; length < bytes.length; length++) {
      expect(decodeBundle(bytes.subarray(0, length))).to.equal(undefined);
    }
    const category = Uint8Array.from(bytes);
    category[37 + 32] = 6;
    expect(decodeBundle(category)).to.equal(undefined);
    const answers: Admission[] = [
      { refused: "late" },
      { refused: [{ index: 6, reason: "unknown" }], receipt: undefined },
      { refused: [], receipt: new Uint8Array(65).fill(3) },
    ];
    for (const answer of answers) {
      const encoded = encodeAdmission(answer);
      expect(decodeAdmission(encoded)).to.deep.equal(answer);
      expect(decodeAdmission(Uint8Array.of(...encoded, 1))).to.equal(undefined);
    }
    for (const odd of [[], [0xff], [0xff, 3], [8], [1, 7, 0], [1, 0, 99], [0, 1]]) {
      expect(decodeAdmission(Uint8Array.from(odd)), String(odd)).to.equal(undefined);
    }
  });

  it("for a packet of one report, gives its resident a claim as well", async () => {
    const { n, centre, bundles } = await opened("one report", 1);
    const { bundle, sent } = bundles[0]!;
    const [presence] = sent.filter(({ wattHours }) => wattHours === 0n);
    const alone = { bundle: { ...bundle, reports: [presence!] }, sent: [presence!] };
    const [answer] = await centre.admit([encodeBundle(alone.bundle)]);
    const store = new MemoryStore();
    const resident = await LedgerResident.open(n.rules, store);
    await resident.remember(alone, answer);
    const [[, kept]] = (await store.transaction((tx) => tx.list("ledger/resident/sent/"))) as [
      [string, Uint8Array],
    ];
    expect(decodeRecord(kept)).to.have.nested.property("receipts[0].covered[0]", 0);
  });

  it("with a receipt under another key, or for other reports, is refused by the resident", async () => {
    const { n, centre, bundles } = await opened("resident", 2);
    const resident = await LedgerResident.open(n.rules, new MemoryStore());
    const [mine, others] = await centre.admit(bundles.map(({ bundle }) => encodeBundle(bundle)));
    await expectRejection(resident.remember(bundles[0]!, others), "ledger/bad-receipt");
    const forged = {
      refused: [],
      receipt: n.controlCentreKey.sign(receiptStruct({ interval: OPEN, leaves: [] })),
    };
    await expectRejection(resident.remember(bundles[0]!, forged), "ledger/bad-receipt");
    await expectRejection(
      resident.remember(bundles[0]!, { refused: [], receipt: undefined }),
      "ledger/bad-receipt",
    );
    await resident.remember(bundles[0]!, undefined);
    await resident.remember(bundles[0]!, mine);
  });
});
