/** A ceremony of two trustees, a bill, a group's sum and an opening: every kind of message once or more. */
import { proveKnowledge } from "../../src/sealed/knowledge-proof.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import { ed25519KeyPair } from "../../src/envelope/index.js";
import {
  CeremonyTrustee,
  checkOpening,
  ControlCentre,
  createCommittee,
  decodeReport,
  EncryptionKey,
  MeterOpenings,
  MeterRegistry,
  openPartial,
  ReportVerifier,
  requestDigest,
  SealedMeter,
  sealPartial,
  Trustee,
  type KeyShare,
  type TrusteeSecrets,
  type ReportingRules,
  type SumRequest,
} from "../../src/sealed/index.js";
import { encodeTariff, noticeDigest } from "../../src/sealed/notices.js";
import { openRequest } from "../../src/sealed/sum-request.js";
import { MemoryStore } from "../../src/store/index.js";
import { flat, month, number, PERIOD, STEP, TestHeads } from "../sealed/deployment.js";
import { fast as system } from "../sealed/support.js";
import type { Observe } from "./delivery.js";

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
const POLICY = { minReadings: 1, minPerPrice: 1, minHonest: 1, assumedCorrupt: 0 };

async function ceremony(observe: Observe): Promise<KeyShare[]> {
  const committee = createCommittee(system, { name: "vectors", threshold: 2, members });
  const trustees = members.map(
    (self, i) => new CeremonyTrustee({ system, committee, index: i + 1, self }, new MemoryStore()),
  );
  const all = async (
    step: Parameters<CeremonyTrustee["open"]>[0],
    make: (trustee: CeremonyTrustee) => Promise<Uint8Array>,
  ): Promise<Uint8Array[]> => {
    const messages: Uint8Array[] = [];
    for (const [i, t] of trustees.entries()) {
      const message = await make(t);
      const take = (bytes: Uint8Array) => trustees[1 - i]!.open(step, bytes);
      await observe({ from: `trustee ${i + 1}`, message, take });
      messages.push(message);
    }
    return messages;
  };
  const dealings = await all("dealing", (t) => t.deal());
  const complaints = await all("complaints", (t) => t.complain(dealings));
  const extractions = await all("extraction", (t) => t.extract(complaints));
  const transcripts = await all("transcript", (t) => t.conclude(extractions));
  return Promise.all(trustees.map((t) => t.finish(transcripts)));
}

export async function runSealed(observe: Observe): Promise<readonly bigint[]> {
  const shares = await ceremony(observe);
  const identity = ed25519KeyPair(new Uint8Array(32).fill(9));
  const rules: ReportingRules = {
    deployment: "vectors",
    key: new EncryptionKey(system, shares[0]!.publicKey),
    normal: { lo: 0n, hi: 3n },
    possible: { lo: -8n, hi: 7n },
    billAbnormal: false,
    step: STEP,
    authority: identity.publicKey,
  };
  const clock = { now: month.from - 10 };
  const now = (): number => clock.now;
  const registry = new MeterRegistry();
  const verifier = new ReportVerifier({ system, rules, meters: registry });
  const books = new MemoryStore();
  const centre = new ControlCentre({ system, rules, verifier, identity, store: books, now });
  const stores = shares.map(() => new MemoryStore());
  const trustees = await Promise.all(
    shares.map((share, i) =>
      Trustee.start({
        ...{ system, rules, verifier, registry, share, now, policy: POLICY },
        ...{ anchor: new TestHeads(), store: stores[i]! },
      }),
    ),
  );
  const [first] = trustees;
  const store = stores[0]!;
  const secretKey = new Uint8Array(32).fill(77);
  const meterStore = new MemoryStore();
  const meter = new SealedMeter({
    ...{ system, rules, secretKey, now, installed: month.from },
    store: meterStore,
  });
  registry.register(meter.address);
  const openings = new MeterOpenings({
    ...{ system, rules, meter, secretKey, now, store: meterStore, minReadings: 1 },
  });

  const tariff = await centre.postTariff(flat(5n));
  const takeTariff = (bytes: Uint8Array) => first!.takeTariff(bytes);
  await observe({ from: "control centre", message: tariff, take: takeTariff, store });
  await openings.takeTariff(tariff);
  const day = { from: month.from, to: month.from + 86_400 };
  const group = await centre.postGroup({ group: 1, span: day, members: [meter.address] });
  const takeGroup = (bytes: Uint8Array) => first!.takeGroup(bytes);
  await observe({ from: "control centre", message: group, take: takeGroup, store });
  for (const t of trustees) {
    await t.takeTariff(tariff);
    await t.takeGroup(group);
  }
  clock.now = month.to;

  const report = await meter.report([{ interval: number(0), value: 2n }], month.to);
  const takeReport = async (bytes: Uint8Array): Promise<void> => {
    const [refusal] = await centre.receive([bytes]);
    if (refusal !== undefined) throw refusal.error;
  };
  await observe({ from: "meter", message: report, take: takeReport, store: books });
  await takeReport(report);

  const requests = [
    await centre.requestBill(meter.address, PERIOD),
    await centre.requestSum(1, number(0)),
  ];
  for (const request of requests) await answer(request);

  const opening = await openings.open(PERIOD, month);
  const notice = flat(5n);
  const check = {
    ...{ system, rules, reports: [decodeReport(system, rules, report)] },
    tariff: { notice, digest: noticeDigest("tariff", encodeTariff(system, notice)) },
  };
  const takeOpening = (bytes: Uint8Array) => checkOpening(bytes, check);
  await observe({ from: "meter", message: opening, take: takeOpening });
  return [takeOpening(opening).value];

  async function answer(request: SumRequest): Promise<void> {
    const ask = (message: Uint8Array) => first!.answer([{ ...request, message }]);
    await observe({ from: "control centre", message: request.message, take: ask, store });
    const digest = requestDigest(system, rules, openRequest(system, rules, request));
    for (const [i, trustee] of trustees.entries()) {
      const [partial] = await trustee.answer([request]);
      const { identity: key, identityKey } = members[i]!;
      const message = sealPartial({ system, rules, answer: { digest, partial: partial! }, key });
      const expected = { digest, trustee: i + 1, identityKey };
      const take = (bytes: Uint8Array) => openPartial({ system, rules, expected, message: bytes });
      if (i === 0) await observe({ from: `trustee ${i + 1}`, message, take });
    }
  }
}
