/**
 * What the three examples share: everything here is public. On a real deployment it comes from the
 * chain; here the utility writes it to a file, and the others read it.
 */
import { readFileSync, writeFileSync } from "node:fs";
import {
  parseAddress,
  parseDenominations,
  settlementSystem,
  type Bn254,
  type SystemTerms,
} from "sipster";
import { readTariff, tariffHash } from "sipster/meter";

const address = (digit: string) => parseAddress(`0x${digit.repeat(40)}`);

/** A cent for each kilowatt-hour. */
const tariff = {
  format: "sipster/tariff@1",
  name: "A cent",
  currency: "EUR",
  minorDigits: 2,
  versions: [
    {
      components: [
        { kind: "flat", name: "Energy", direction: "import", price: "0.01", taxed: false },
      ],
      taxes: [],
      holidays: [],
    },
  ],
};
export const TARIFF = await readTariff({
  name: "an example",
  bytes: Buffer.from(JSON.stringify(tariff)),
});

export const PERIOD = 202603;
export const MARCH = Date.UTC(2026, 2, 1);
export const APRIL = Date.UTC(2026, 3, 1);
/** Coins are spent from the month after their withdrawal. */
export const FEBRUARY_DAY = Date.UTC(2026, 1, 20) / 1000;
export const PAYING_DAY = Date.UTC(2026, 3, 11) / 1000;

export const SYSTEM = settlementSystem(31337n, address("1"));
export const DENOMINATIONS = parseDenominations([1, 10, 100]);

/** The terms of this deployment; of `keys` nothing but the two addresses is used. */
export function terms({
  noticeSigner,
  answerKey,
}: Pick<SystemTerms, "noticeSigner" | "answerKey">): SystemTerms {
  return {
    noticeSigner,
    answerKey,
    deployment: {
      chainId: SYSTEM.chainId,
      settlement: SYSTEM.settlement,
      vault: address("2"),
      orderBoard: address("3"),
    },
    suite: { name: "hash-bound" },
    payee: address("4"),
    token: { address: address("5"), baseUnitsPerUnit: 1n },
    unit: { currency: "EUR", minorUnits: 1 },
    denominations: DENOMINATIONS,
    emission: "at-period-end",
    timeZone: "UTC",
    schedule: {
      policy: "next-month",
      opening: 15,
      paying: { first: 2, last: 11 },
      posting: 12,
      settling: { first: 13, last: 20 },
      refreshing: { first: 21, last: 28 },
    },
    sizeClasses: [],
    tariffs: [tariffHash(TARIFF)],
    finality: { rule: "confirmations", blocks: 0 },
    timeShift: 0,
    lead: 0,
  };
}

/** Points and bytes as hexadecimal text, by name. */
export type Published = Readonly<Record<string, string>>;

export function publish(file: string, values: Readonly<Record<string, Uint8Array | string>>): void {
  const text = Object.entries(values).map(([name, value]) => [
    name,
    typeof value === "string" ? value : Buffer.from(value).toString("hex"),
  ]);
  writeFileSync(file, JSON.stringify(Object.fromEntries(text)), { mode: 0o600 });
}

export function published(file: string): Published {
  return JSON.parse(readFileSync(file, "utf8")) as Published;
}

export const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));

/** The mint's keys of all denominations, as `publish` wrote them. */
export function mintKeysOf(curve: Bn254, from: Published) {
  const key = (d: number) => ({
    b1: curve.g1.decode(bytes(from[`b1-${d}`]!)),
    b2: curve.g2.decode(bytes(from[`b2-${d}`]!)),
  });
  return { mintKeyId: 1, keys: new Map(DENOMINATIONS.map((d) => [d, key(d)])) };
}
