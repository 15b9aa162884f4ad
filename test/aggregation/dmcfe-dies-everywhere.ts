/**
 * A weighted sum of three by functional encryption, all roles on sealed stores in a folder, whose process dies
 * before and after every message (`dying-wire.ts`). Prints the sum: `tsx dmcfe-dies-everywhere.ts FOLDER`.
 */
import { DmcfeAggregator, dmcfeContext, DmcfeMember } from "../../src/aggregation/index.js";
import { createMclBn254 } from "../../src/algebra/index.js";
import { isSipsterError } from "../../src/errors/sipster-error.js";
import { each, identity, killedGroup } from "./killed-group.js";

const { leave, send, storeOf, stores, agreed } = await killedGroup(process.argv[2]!);
const { roster } = agreed[0]!;
const place = { roster, context: dmcfeContext(roster, "load-wh", 1) };
const policy = { leastSupport: 2, leastAlike: 1, mostFunctions: 1 };
const weights = [2n, 3n, 5n];
const curve = await createMclBn254();

const members: DmcfeMember[] = [];
for (const [i, { index, identity: own, pairwise }] of agreed.entries()) {
  const mine = { ...place, index, identity: own, now: () => 0 };
  try {
    members.push(await DmcfeMember.resume({ curve, place: mine, store: stores[i]!, policy }));
  } catch (error) {
    if (!isSipsterError(error, "aggregation/state-missing")) throw error;
    members.push(
      await DmcfeMember.create({ curve, place: mine, pairwise, store: stores[i]!, policy }),
    );
  }
}
const aggregator = new DmcfeAggregator({ curve, roster, context: place.context, weights });
const intake = await aggregator.intake(identity, await storeOf("aggregator"));
for (const share of await each(members, (m) => m.functionShare(weights), send("share"))) {
  aggregator.addShare(share);
}
try {
  await intake.openLabel(1n);
} catch (error) {
  if (!isSipsterError(error, "aggregation/label-closed")) throw error;
}
const sent = await each(
  members,
  async (m) => (await m.contributions())[0] ?? (await m.encrypt(1n, 7n + BigInt(m.index))),
  send("contribution"),
);
for (const [i, taken] of (await intake.take(sent)).entries()) {
  if ("error" in taken) throw taken.error;
  await members[i]!.receive(leave(`receipt-${i}`, taken.receipt));
}
const { sum } = await aggregator.close(intake, 1n);
process.stdout.write(`${sum}`);
