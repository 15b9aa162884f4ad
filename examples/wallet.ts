/**
 * A wallet: it withdraws coins, pairs with its meter, pays each token, and writes the bill file that
 * anybody may settle.
 *
 *   tsx examples/wallet.ts public.json SECRET PORT CODE bill.json
 */
import { setTimeout as sleep } from "node:timers/promises";
import { writeFileSync } from "node:fs";
import { createMclBn254, hashBoundSuite, keyHashOf, toAddress } from "sipster";
import { MeterClient, pairWithMeter } from "sipster/meter";
import {
  AccountFunding,
  BlindBlsWallet,
  constantBasket,
  MemoryStore,
  Purse,
  Resident,
  takeTokens,
  UtilityClient,
} from "sipster/wallet";
import * as shared from "./public.js";

const [file, secretHex, port, code, billFile] = process.argv.slice(2);
const { bytes, DENOMINATIONS, PERIOD, SYSTEM } = shared;
const found = shared.published(file!);
const terms = shared.terms(found as never);
const curve = await createMclBn254();
const utility = new UtilityClient(found.url!);
const secret = bytes(secretHex!);
const mintKeys = shared.mintKeysOf(curve, found);
const wallet = new BlindBlsWallet(curve, SYSTEM, mintKeys);
const store = new MemoryStore();
let time = shared.FEBRUARY_DAY;
const common = {
  store,
  secret,
  wallet,
  mints: [{ mintKeyId: 1, firstPeriod: 0 }],
  now: () => time,
};

// In February: one basket of coins, for credit on an account.
const funding = new AccountFunding({
  system: SYSTEM,
  accountKey: secret,
  order: (order) => utility.call("withdraw", {}, order),
});
await new Purse(common).withdraw(constantBasket(DENOMINATIONS, 400n), (r) => funding.withdraw(r));

// In March: the meter measures.
const at = { host: "127.0.0.1", port: Number(port) };
const pairing = { code: code!, residentShare: secret, terms };
const paired = await pairWithMeter(at, pairing, () => undefined);
const meter = await MeterClient.connect(at, { curve, terms, paired });
const a1 = curve.g1.decode(bytes(found.a1!));
const a2 = curve.g2.decode(bytes(found.a2!));
const epoch = { keyEpoch: 1, firstPeriod: 0 };
const keyHash = keyHashOf(curve, { a1, a2 });
const notice = { ...epoch, keyHash, signature: bytes(found.notice!) };
while (!(await meter.status()).closed.includes(PERIOD)) await sleep(50);

// In April: each token is paid, and each receipt verified. (A real wallet waits for each one's time.)
const resident = new Resident({
  ...common,
  system: SYSTEM,
  suite: hashBoundSuite(curve, SYSTEM.systemId),
  keys: [{ ...epoch, a1, a2 }],
  payee: toAddress(bytes(terms.payee.slice(2))),
  answerKey: terms.answerKey,
  policy: { kind: "next-month" },
  timetable: terms.schedule,
  requests: 0,
});
time = shared.APRIL / 1000;
// Brings the meter the chain's key notices, and takes no token of another key or another meter.
await takeTokens(resident, meter, { keys: [{ ...epoch, notice }], period: PERIOD });
while ((await resident.pending()) > 0) {
  time = Math.max(time, (await resident.nextDue()) ?? 0);
  await resident.step(utility.carrier);
}
const { verified } = await resident.verify();
const tokens = (await meter.tokens(PERIOD)).map(({ token }) => token);
const bill = await resident.combine({ ...(await meter.bill(PERIOD)), tokens, meter: paired.meter });
writeFileSync(billFile!, bill);
const { units } = await resident.status(PERIOD);
process.stdout.write(`paid ${units} units with ${verified} tokens\n`);
meter.close();
