import { expect } from "chai";
import {
  agreeGroup,
  openDmcfeStream,
  openStream,
  writeDropSet,
  type AgreedGroup,
  type DmcfeStream,
} from "../../src/aggregation/index.js";
import { readFromMember, write } from "../../src/aggregation/messages.js";
import { readEnvelope } from "../../src/envelope/index.js";
import { createMclBn254 } from "../../src/algebra/index.js";
import { MemoryStore } from "../../src/store/index.js";
import { expectError, expectRejection } from "../support/errors.js";

const mcl = await createMclBn254();
const names = ["a", "b", "c", "d", "e", "f"];

async function encryptAll(
  { members }: DmcfeStream,
  label: bigint,
  values: readonly bigint[],
): Promise<Uint8Array[]> {
  return Promise.all(members.map((m, i) => m.encrypt(label, values[i]!)));
}

describe("the intake of the inner-product scheme", () => {
  let agreed: AgreedGroup;
  let epoch = 0;

  before(async () => {
    agreed = await agreeGroup({ group: "dmcfe-intake", members: names, maxValue: 5000n });
  });

  const open = (): Promise<DmcfeStream> =>
    openDmcfeStream(mcl, agreed, { stream: "load-wh", epoch: ++epoch });

  it("given contributions that are missing, doubled, foreign, of another label or no point, then none of them makes a sum", async () => {
    const stream = await open();
    const { aggregator, intake } = stream;
    const fives = names.map(() => 5n);
    const all = await encryptAll(stream, 1n, fives);
    await intake.openLabel(1n);
    const codes = async (...messages: Uint8Array[]): Promise<string[]> =>
      (await intake.take(messages)).map((t) => ("error" in t ? t.error.code : "counted"));
    expect(await codes(...all.slice(1))).to.deep.equal(names.slice(1).map(() => "counted"));
    const error = await expectRejection(
      aggregator.close(intake, 1n),
      "aggregation/members-missing",
    );
    expect(error.details.missing).to.equal("a");
    const { identity } = agreed.members[0]!.secrets;
    const signed = (label: bigint, body: Uint8Array): Uint8Array =>
      write({ place: aggregator, kind: "dmcfe-contribution", label, body, key: identity });
    const later = await stream.members[0]!.encrypt(2n, 5n);
    const [other] = (await open()).members;
    const forged = Uint8Array.from(all[0]!);
    forged[90]! ^= 1;
    expect(
      await codes(
        await other!.encrypt(1n, 5n),
        later,
        signed(1n, new Uint8Array(64).fill(1)),
        signed(1n, readEnvelope(later).body.subarray(1)),
        forged,
      ),
    ).to.deep.equal([
      "aggregation/wrong-roster",
      "aggregation/label-not-open",
      "algebra/point-not-on-curve",
      "algebra/bad-length",
      "envelope/bad-signature",
    ]);
    expect(intake.missing(1n)).to.deep.equal([0]);
    const pointsOf = (messages: readonly Uint8Array[]) =>
      new Map(
        messages.map((message) => {
          const { member, body } = readFromMember(aggregator, "dmcfe-contribution", message);
          return [member, mcl.g1.decode(body)] as const;
        }),
      );
    // Another label's ciphertext, passed off as this one's by its member, decodes to nothing.
    const relabelled = signed(1n, readEnvelope(later).body);
    expectError(
      () => aggregator.decrypt(1n, pointsOf([relabelled, ...all.slice(1)])),
      "aggregation/sum-inconsistent",
    );
    expect(await codes(all[0]!, relabelled)).to.deep.equal([
      "counted",
      "aggregation/duplicate-contribution",
    ]);
    expect((await aggregator.close(intake, 1n)).sum).to.equal(30n);
    await expectRejection(aggregator.close(intake, 1n), "aggregation/label-closed");
  });

  it("given a member called missing that was not, then it objects, and with its receipt the members end the epoch", async () => {
    const stream = await open();
    const { aggregator, intake, members } = stream;
    const all = await encryptAll(
      stream,
      1n,
      names.map(() => 5n),
    );
    await intake.openLabel(1n);
    for (const [i, taken] of (await intake.take(all)).entries()) {
      if ("error" in taken) throw taken.error;
      if (i > 0) await members[i]!.receive(taken.receipt);
    }
    const lie = (label: bigint, missing: number[]) =>
      writeDropSet({ place: aggregator, label, missing, aggregator: agreed.aggregatorIdentity });
    const dropSet = lie(1n, [0, 1, 2, 3, 4]);
    const objections = [];
    for (const member of members) objections.push(await member.see(dropSet));
    expect(objections[5]).to.equal(null);
    // Without a receipt the label is lost; with one, the epoch.
    await members[5]!.hear(1n, objections[0]!);
    expect(await members[5]!.ended()).to.equal(null);
    await members[5]!.encrypt(2n, 1n);
    await members[5]!.hear(1n, objections[1]!);
    expect(await members[5]!.ended()).to.contain("had signed its receipt");
    await expectRejection(members[5]!.encrypt(3n, 1n), "aggregation/epoch-ended");
    // An honest drop-set gets no objection, and takes the label from who was late.
    expect(await members[0]!.see(lie(7n, [0]))).to.equal(null);
    await expectRejection(members[0]!.encrypt(7n, 1n), "aggregation/label-used");
    expect(await members[0]!.contributions()).to.have.lengthOf(1);
  });

  it("given an aggregator that starts again, then it goes on with what it took, and a drop-set ends the taking", async () => {
    const stream = await open();
    const { aggregator, members } = stream;
    const store = new MemoryStore();
    const start = () => aggregator.intake(agreed.aggregatorIdentity, store);
    const all = await encryptAll(
      stream,
      1n,
      names.map(() => 5n),
    );
    const intake = await start();
    await intake.openLabel(1n);
    await intake.take(all.slice(2));
    const second = await start();
    expect(second.missing(1n)).to.deep.equal([0, 1]);
    // Nobody repairs in this scheme, so any number may be missing.
    await second.take([all[1]!]);
    const dropSet = await second.postDropSet(1n);
    expect(await (await start()).postDropSet(1n)).to.deep.equal(dropSet);
    const [late] = await (await start()).take([all[0]!]);
    expect("error" in late! && late.error.code).to.equal("aggregation/label-closed");
    expect(await members[0]!.see(dropSet)).not.to.equal(null);
    expect(await members[1]!.see(dropSet)).to.equal(null);
  });

  it("given a message of the other scheme with the same stream and epoch, then it does not belong here", async () => {
    const options = { stream: "both", epoch: 1 };
    const dmcfe = await openDmcfeStream(mcl, agreed, options);
    const psa = await openStream(agreed, options);
    expect(dmcfe.aggregator.context.id).not.to.deep.equal(psa.aggregator.context.id);
    await dmcfe.members[0]!.encrypt(1n, 1n);
    const dropSet = writeDropSet({
      place: psa.aggregator,
      label: 1n,
      missing: [],
      aggregator: agreed.aggregatorIdentity,
    });
    await expectRejection(dmcfe.members[0]!.see(dropSet), "aggregation/wrong-roster");
    const contribution = await psa.members[0]!.encrypt(1n, 1n);
    await dmcfe.intake.openLabel(1n);
    const [taken] = await dmcfe.intake.take([contribution]);
    expect("error" in taken! && taken.error.code).to.equal("envelope/wrong-place");
  });
});
