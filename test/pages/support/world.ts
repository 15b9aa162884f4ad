/** A deployed system with meters and paid bills on a served chain, for tests of pages and relayer. */
import type { ContractTransactionResponse, JsonRpcApiProvider } from "ethers";
import { createMclBn254, type Bn254 } from "../../../src/algebra/index.js";
import { BillSettlement__factory, type BillSettlement } from "../../../src/chain/bindings/index.js";
import { billWords, g1Words, g2Words } from "../../../src/chain/contract-values.js";
import { systemOf, type Deployment } from "../../../src/chain/deploy/deployment.js";
import { deploySipster, serveLocalChain, type ServedChain } from "../../../src/chain/node/index.js";
import {
  addressOf,
  billGen,
  combine,
  deriveBlinding,
  hashBoundGenerator,
  hashBoundSuite,
  keyHashOf,
  parseViewKey,
  publicKeyOf,
  parseBillFile,
  ReceiptIssuer,
  signBill,
  signKeyNotice,
  writeBillFile,
  type SettlementSystem,
} from "../../../src/sipster/index.js";
import { TestRandom } from "../../support/random.js";

export const OPEN_END = 0xffffffff;

const NOTICE_KEY = new Uint8Array(32).fill(0x4e);
/** Where the second key epoch begins, and each later one a month after. */
export const SECOND_EPOCH = 201401;

export interface World {
  readonly chain: ServedChain;
  readonly deployment: Deployment;
  readonly system: SettlementSystem;
  readonly settlement: BillSettlement;
  /** Addresses of the registered meters. */
  readonly meters: readonly string[];
  /** The bill file of a meter for a period, paid in full. */
  billFile(meter: number, period: number, options?: BillOptions): string;
  /** Settles a meter's period by itself, from the deployer's account. */
  settle(meter: number, period: number, options?: BillOptions): Promise<void>;
  close(): Promise<void>;
}

export interface BillOptions {
  readonly units?: number;
  readonly keyEpoch?: number;
  /** Leave one receipt out, so that the combined receipt does not pay the bill. */
  readonly unpaid?: boolean;
}

export interface WorldOptions {
  readonly meters?: number;
  readonly keys?: number;
  readonly port?: number;
  readonly curve?: Bn254;
}

const METERS_FROM = 201301;

/** A chain served on loopback, with a deployment, keys and meters, as a demonstration has them. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const { port = 0 } = options;
  const chain = await serveLocalChain({ port });
  const world = await deployWorld(chain, options);
  return { ...world, close: () => chain.close() };
}

/** The same on a chain that is there. */
export async function deployWorld(
  chain: ServedChain,
  { meters: count = 4, keys = 1, curve: given }: WorldOptions = {},
): Promise<World> {
  const curve = given ?? (await createMclBn254());
  const provider: JsonRpcApiProvider = chain.provider;
  const signer = await provider.getSigner(chain.accounts[0]!);
  const deployment = await deploySipster(signer, {
    lead: 0,
    noticeSigner: addressOf(NOTICE_KEY),
    confirmations: 1,
  });
  const system = systemOf(deployment);
  const settlement = BillSettlement__factory.connect(
    deployment.contracts.settlement.address,
    signer,
  );
  const suite = hashBoundSuite(curve, system.systemId);
  const epochs = Array.from({ length: keys }, (_, i) => {
    const scalar = new TestRandom(`utility ${i}`).below(2n ** 250n) + 1n;
    const secret = { suite: "hash-bound", keyEpoch: i + 1, scalar } as const;
    return { key: publicKeyOf(curve, secret), issuer: new ReceiptIssuer(suite, secret) };
  });
  for (const { key } of epochs) {
    const { keyEpoch } = key;
    const firstPeriod = keyEpoch === 1 ? 0 : SECOND_EPOCH + keyEpoch - 2;
    const announcement = { keyEpoch, firstPeriod, keyHash: keyHashOf(curve, key) };
    const { signature } = signKeyNotice(system, announcement, NOTICE_KEY);
    await mined(
      settlement.registerKey(
        g1Words(curve, key.a1),
        g2Words(curve, key.a2),
        firstPeriod,
        signature,
      ),
    );
  }
  const secrets = Array.from({ length: count }, (_, i) => {
    const random = new TestRandom(`meter ${i}`);
    return { viewKey: parseViewKey(random.bytes(32)), billKey: random.bytes(32) };
  });
  const meters = secrets.map(({ billKey }) => addressOf(billKey));
  await mined(settlement.registerMeters([...meters], METERS_FROM, OPEN_END));

  const world: Omit<World, "close"> = {
    chain,
    deployment,
    system,
    settlement,
    meters,
    async settle(meter, period, billOptions) {
      const bill = parseBillFile(curve, world.billFile(meter, period, billOptions));
      const { x, y } = g1Words(curve, bill.combined);
      await mined(settlement.settle(billWords(bill), x, y));
    },
    billFile(meter, period, { units = 3, keyEpoch = 1, unpaid = false } = {}) {
      const { viewKey, billKey } = secrets[meter]!;
      const { key, issuer } = epochs[keyEpoch - 1]!;
      const generate = hashBoundGenerator({ curve, systemId: system.systemId, viewKey, keyEpoch });
      const tokens = Array.from({ length: units }, (_, i) =>
        generate(BigInt(period) * 1000n + BigInt(i), 1),
      );
      const blinding = deriveBlinding(viewKey, system.systemId, { keyEpoch, period });
      const sum = curve.g1.sum(tokens.map(({ point }) => point));
      const bill = signBill(
        system,
        billGen({ curve, period, keyEpoch, accumulated: sum, blinding }),
        billKey,
      );
      const receipts = tokens.slice(unpaid ? 1 : 0).map(({ token }) => issuer.issue(token));
      const combined = combine({ curve, receipts, blinding, key });
      return writeBillFile(curve, { system, meter: meters[meter]!, bill, combined });
    },
  };
  return { ...world, close: () => Promise.resolve() };
}

async function mined(sent: Promise<ContractTransactionResponse>): Promise<void> {
  await (await sent).wait();
}
