/**
 * A key ceremony of two trustees and one bill, all roles on stores in a folder, which dies by SIGKILL
 * twice for every message: when it is stored and has not left, and when it has just left. Messages leave into
 * the folder `wire`; one that leaves a second time with other bytes ends everything with exit code 3. Prints the bill
 * when it gets that far: `tsx dies-everywhere.ts FOLDER`.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { proveKnowledge } from "../../src/sealed/knowledge-proof.js";
import { ed25519KeyPair } from "../../src/envelope/index.js";
import {
  CeremonyTrustee,
  ControlCentre,
  createCommittee,
  createSealedSystem,
  DEFAULT_POLICY,
  EncryptionKey,
  messageTable,
  MeterRegistry,
  openPartial,
  ReportVerifier,
  requestDigest,
  SealedMeter,
  sealPartial,
  Trustee,
  type MemberSecret,
  type ReportingRules,
} from "../../src/sealed/index.js";
import { openRequest } from "../../src/sealed/sum-request.js";
import { SqliteStore, type Store } from "../../src/store/index.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import { flat, month, PERIOD, STEP, TestHeads } from "./deployment.js";

const folder = process.argv[2]!;
const wire = join(folder, "wire");
mkdirSync(wire, { recursive: true });

function die(): never {
  process.kill(process.pid, "SIGKILL");
  throw new Error("alive");
}

/** The message leaves; `mayDiffer` for answers whose proofs are fresh each time. */
function leave(name: string, message: Uint8Array, mayDiffer = false): Uint8Array {
  const path = join(wire, name);
  if (existsSync(path)) {
    const before = readFileSync(path);
    if (!mayDiffer && Buffer.compare(before, message) !== 0) process.exit(3);
    return new Uint8Array(before);
  }
  if (!existsSync(`${path}.stored`)) {
    writeFileSync(`${path}.stored`, "");
    die();
  }
  writeFileSync(path, message);
  die();
}

const stores: Store[] = [];
async function storeOf(role: string): Promise<Store> {
  const store = await SqliteStore.open(join(folder, role));
  stores.push(store);
  return store;
}

const system = await createSealedSystem();
// The keys of the roles are the same in every life.
const members = [1, 2].map((j): MemberSecret => {
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
const verifier = new ReportVerifier(system, rules, registry);
const centre = new ControlCentre({
  ...{ system, rules, verifier, identity, now },
  store: await storeOf("centre"),
});
const trustees: Trustee[] = [];
for (const [i, share] of shares.entries()) {
  const anchor = new TestHeads();
  const place = { system, rules, verifier, registry, share, now, anchor };
  const policy = { ...DEFAULT_POLICY, minReadings: 3, minPerPrice: 3 };
  trustees.push(await Trustee.start({ ...place, policy, store: trusteeStores[i]! }));
}
const tariff = leave("tariff", await centre.postTariff(flat(5n)));
for (const t of trustees) await t.takeTariff(tariff);
clock.now = month.to;

const meter = new SealedMeter({
  ...{ system, rules, secretKey: new Uint8Array(32).fill(77), now },
  installed: month.from,
  store: await storeOf("meter"),
});
registry.register(meter.address);
const values = [11n, 22n, 33n, 44n];
for (const [i, until] of [month.from + 2 * STEP, month.to].entries()) {
  const sent = await meter.unacknowledged();
  const readings = [0, 1].map((k) => ({
    interval: 2 * (month.from + STEP * (2 * i + k)),
    value: values[2 * i + k]!,
  }));
  const report = sent[i] ?? (await meter.report(readings, until));
  await centre.receive([leave(`report-${i}`, report)]);
}
const request = await centre.requestBill(meter.address, PERIOD);
leave("request", request.message);
const digest = requestDigest(system, rules, openRequest(system, rules, request));
const partials = [];
for (const [i, t] of trustees.entries()) {
  const [partial] = await t.answer([request]);
  const key = members[i]!.identity;
  const message = leave(
    `partial-${i}`,
    sealPartial(system, rules, { digest, partial: partial! }, key),
    true,
  );
  const expected = { digest, trustee: i + 1, identityKey: key.publicKey };
  partials.push(openPartial(system, rules, expected, message));
}
const table = messageTable(system, 1 << 14);
const { value } = await centre.open(request, { key: shares[0]!, partials, table });
for (const store of stores) await store.close();
process.stdout.write(`${value}\n`);
