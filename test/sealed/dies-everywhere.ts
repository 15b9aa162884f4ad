/**
 * A key ceremony of two trustees, a bill, a group's sum and an opening, all roles on sealed stores in a folder,
 * whose process dies before and after every message (`dying-wire.ts`). Prints the three sums and the secrets
 * that must not lie in the files: `tsx dies-everywhere.ts FOLDER`.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { proveKnowledge } from "../../src/sealed/knowledge-proof.js";
import { ed25519KeyPair } from "../../src/envelope/index.js";
import {
  CeremonyTrustee,
  checkOpening,
  ControlCentre,
  createCommittee,
  createSealedSystem,
  decodeReport,
  encodeTariff,
  EncryptionKey,
  MeterOpenings,
  messageTable,
  MeterRegistry,
  noticeDigest,
  openPartial,
  ReportVerifier,
  requestDigest,
  SealedMeter,
  sealPartial,
  Trustee,
  type HeadAnchor,
  type LogHead,
  type TrusteeSecrets,
  type ReportingRules,
  type SumRequest,
} from "../../src/sealed/index.js";
import { openRequest } from "../../src/sealed/sum-request.js";
import { Keyring, sealedStore } from "../../src/keystore/index.js";
import { SqliteStore, type Store } from "../../src/store/index.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import { dyingWire } from "../support/dying-wire.js";
import { flat, month, number, PERIOD, STEP } from "./deployment.js";

const folder = process.argv[2]!;
const leave = dyingWire(folder);
const keyring = await Keyring.open(join(folder, "keyring"), "a passphrase", 1024);

const stores: Store[] = [];
async function storeOf(role: string): Promise<Store> {
  const store = sealedStore(await SqliteStore.open(join(folder, role)), keyring, role);
  stores.push(store);
  return store;
}

/** Heads that outlive the process, as those on a chain do. */
class FileHeads implements HeadAnchor {
  constructor(private readonly path: string) {}

  latest(): Promise<LogHead | null> {
    if (!existsSync(this.path)) return Promise.resolve(null);
    return Promise.resolve(JSON.parse(readFileSync(this.path, "utf8")) as LogHead);
  }

  anchor(head: LogHead): Promise<void> {
    writeFileSync(this.path, JSON.stringify(head));
    return Promise.resolve();
  }
}

const system = await createSealedSystem();
// The keys of the roles are the same in every life.
const members = [1, 2].map((j): TrusteeSecrets => {
  const identity = ed25519KeyPair(new Uint8Array(32).fill(j));
  const exchangeSecret = BigInt(1000 + j);
  return {
    identity,
    identityKey: identity.publicKey,
    exchangeSecret,
    exchangeKey: system.generator.multiScalarMul([exchangeSecret]),
    proof: proveKnowledge(system, utf8ToBytes("sipster/sealed/member@1"), exchangeSecret),
  };
});
const committee = createCommittee(system, { name: "killed", threshold: 2, members });
const trusteeStores = [await storeOf("trustee-1"), await storeOf("trustee-2")];
const ceremonies = members.map(
  (self, i) => new CeremonyTrustee({ system, committee, index: i + 1, self }, trusteeStores[i]!),
);

async function all(
  step: string,
  make: (ceremony: CeremonyTrustee) => Promise<Uint8Array>,
): Promise<Uint8Array[]> {
  const messages: Uint8Array[] = [];
  for (const [i, c] of ceremonies.entries()) messages.push(leave(`${step}-${i}`, await make(c)));
  return messages;
}
const dealings = await all("dealing", (c) => c.deal());
const complaints = await all("complaints", (c) => c.complain(dealings));
const extractions = await all("extraction", (c) => c.extract(complaints));
const transcripts = await all("transcript", (c) => c.conclude(extractions));
const shares = await Promise.all(ceremonies.map((c) => c.finish(transcripts)));

const identity = ed25519KeyPair(new Uint8Array(32).fill(9));
const rules: ReportingRules = {
  deployment: "killed",
  key: new EncryptionKey(system, shares[0]!.publicKey),
  normal: { lo: 0n, hi: 127n },
  possible: { lo: -1000n, hi: 1000n },
  billAbnormal: false,
  step: STEP,
  authority: identity.publicKey,
};
const clock = { now: month.from - 10 };
const now = (): number => clock.now;
const registry = new MeterRegistry();
const verifier = new ReportVerifier({ system, rules, meters: registry });
const centre = new ControlCentre({
  ...{ system, rules, verifier, identity, now },
  store: await storeOf("centre"),
});
const trustees: Trustee[] = [];
for (const [i, share] of shares.entries()) {
  const anchor = new FileHeads(join(folder, `heads-${i}`));
  const place = { system, rules, verifier, registry, share, now, anchor };
  const policy = { minReadings: 3, minPerPrice: 3, minHonest: 1, assumedCorrupt: 0 };
  trustees.push(await Trustee.start({ ...place, policy, store: trusteeStores[i]! }));
}
const secretKey = new Uint8Array(32).fill(77);
const meterStore = await storeOf("meter");
const meter = new SealedMeter({
  ...{ system, rules, secretKey, now },
  installed: month.from,
  store: meterStore,
});
const openings = new MeterOpenings({
  ...{ system, rules, meter, secretKey, now, store: meterStore, minReadings: 3 },
});
registry.register(meter.address);
const tariff = leave("tariff", await centre.postTariff(flat(5n)));
const day = { from: month.from, to: month.from + 86_400 };
const notice = { group: 1, span: day, members: [meter.address] };
const group = leave("group", await centre.postGroup(notice));
for (const t of trustees) {
  await t.takeTariff(tariff);
  await t.takeGroup(group);
}
await openings.takeTariff(tariff);
clock.now = month.to;

const values = [11n, 22n, 33n, 44n];
for (const [i, until] of [month.from + 2 * STEP, month.to].entries()) {
  const sent = await meter.unacknowledged();
  const readings = [0, 1].map((k) => ({ interval: number(2 * i + k), value: values[2 * i + k]! }));
  const report = sent[i] ?? (await meter.report(readings, until));
  await centre.receive([leave(`report-${i}`, report)]);
}

const table = messageTable(system, 1 << 14);
async function decrypt(name: string, request: SumRequest): Promise<bigint> {
  leave(`request-${name}`, request.message);
  const digest = requestDigest(system, rules, openRequest(system, rules, request));
  const partials = [];
  for (const [i, t] of trustees.entries()) {
    const [partial] = await t.answer([request]);
    const key = members[i]!.identity;
    const answer = sealPartial({ system, rules, answer: { digest, partial: partial! }, key });
    const message = leave(`partial-${name}-${i}`, answer, true);
    const expected = { digest, trustee: i + 1, identityKey: key.publicKey };
    partials.push(openPartial({ system, rules, expected, message }));
  }
  return (await centre.open(request, { key: shares[0]!, partials, table })).value;
}
const bill = await decrypt("bill", await centre.requestBill(meter.address, PERIOD));
const sum = await decrypt("sum", await centre.requestSum(1, number(2)));
const opening = leave("opening", await openings.open(PERIOD, month));
const reports = (await meter.unacknowledged()).map((m) => decodeReport(system, rules, m));
const posted = {
  notice: flat(5n),
  digest: noticeDigest("tariff", encodeTariff(system, flat(5n))),
};
const opened = checkOpening(opening, { system, rules, tariff: posted, reports }).value;

const own = shares.map((share) => share.secret.toString(16).padStart(64, "0"));
const blindings = (await meter.reported(month)).map((r) =>
  r.blinding.toString(16).padStart(64, "0"),
);
for (const store of stores) await store.close();
const secrets = [...own, ...blindings];
process.stdout.write(JSON.stringify({ sums: [bill, sum, opened].map(String), secrets }));
