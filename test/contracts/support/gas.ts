/**
 * What every entry point costs, whole transactions, on a chain of its own so that addresses, and with
 * them signatures and calldata, are the same in every run.
 */
import { artifacts, network } from "hardhat";
import type { ContractTransactionResponse } from "ethers";
import { P1, affine, twistTimes } from "./curve.js";
import { combineBatch, digestOf, meterWallet, scalarOf, type SignedBill } from "./bills.js";
import {
  OPEN_END,
  PERIOD,
  UTILITY_SECRET,
  deployOn,
  publicKey,
  registration,
} from "./deployment.js";
import { DISPUTE_PERIOD, MINT_KEY_ID, basket, deployVault, mintKeys, shown } from "./vault.js";

type Connection = Awaited<ReturnType<typeof network.create>>;

export interface GasReport {
  /** Gas of a whole transaction, by what it does. */
  readonly gas: Readonly<Record<string, number>>;
  /** Deployed size of a contract in bytes; the limit is 24,576 (EIP-170). */
  readonly bytecode: Readonly<Record<string, number>>;
  /** Where the gas of three of them goes. */
  readonly breakdown: Readonly<Record<string, Readonly<Record<string, number>>>>;
}

/** Sizes of the batches measured. */
export const BATCHES = [1, 2, 16, 64] as const;

export async function measureGas(): Promise<GasReport> {
  const connection = await network.create();
  const { ethers, networkHelpers, provider } = connection;
  const base = await deployOn(connection);
  const { settlement, domain, paidBill, roles } = base;
  const gas: Record<string, number> = {};
  const breakdown: Record<string, Record<string, number>> = {};

  const measure = async (
    what: string,
    send: () => Promise<ContractTransactionResponse | { hash: string }>,
    { undo = true, explain = false } = {},
  ): Promise<void> => {
    const snapshot = await networkHelpers.takeSnapshot();
    const { hash } = await send();
    const receipt = await ethers.provider.getTransactionReceipt(hash);
    gas[what] = Number(receipt!.gasUsed);
    if (explain) breakdown[what] = await breakDown(provider, hash, gas[what]!);
    if (undo) await snapshot.restore();
  };
  const settle = ({ bill, receipt }: ReturnType<typeof paidBill>) =>
    settlement.settle(bill, receipt.x, receipt.y);

  // Settling one bill: meter 9 of the fixture has settled, so its word of the period is in use.
  const inUse = "settle, word in use";
  await measure(inUse, () => settle(paidBill(0)), { explain: true });
  await measure("settle, word in use, 1 unit", () => settle(paidBill(1, { units: 1 })));
  await measure("settle, word in use, 1000 units", () => settle(paidBill(1, { units: 1000 })));
  await measure("settle, fresh word", () => settle(paidBill(0, { period: PERIOD + 1 })));
  const { bill, receipt } = paidBill(0);
  const signature = meterWallet(0).signingKey.sign(digestOf(domain, bill));
  await measure("settleWithSignature, 65 bytes, word in use", () =>
    settlement.settleWithSignature(
      bill.period,
      bill.keyEpoch,
      bill.rx,
      bill.ry,
      signature.serialized,
      receipt.x,
      receipt.y,
    ),
  );

  // What the precompiles cost by themselves.
  const bare = await ethers.deployContract("BareChecks");
  const [sender] = await ethers.getSigners();
  const to = await bare.getAddress();
  const a2 = twistTimes(UTILITY_SECRET);
  const r = { x: bill.rx, y: bill.ry };
  for (const [what, data] of [
    ["two pairings, bare", bare.interface.encodeFunctionData("pair", [receipt, r, a2])],
    [
      "two pairings and ecrecover, bare",
      bare.interface.encodeFunctionData("pairAndRecover", [receipt, r, a2, bill.r, bill.vs]),
    ],
  ] as const) {
    await measure(what, () => sender!.sendTransaction({ to, data }));
  }

  // Batches of neighbouring meters.
  const registry = settlement.connect(roles.meterRegistrar);
  const addresses = Array.from({ length: 64 }, (_, i) => meterWallet(10 + i).address);
  await measure("registerMeter", () => registry.registerMeter(addresses[0]!, 201301, OPEN_END));
  await measure(
    "registerMeters, 64 meters",
    () => registry.registerMeters(addresses, 201301, OPEN_END),
    { undo: false },
  );
  await measure("retireMeter", () => registry.retireMeter(addresses[0]!, PERIOD));
  const batch = (count: number, period: number): (() => Promise<ContractTransactionResponse>) => {
    const paid = Array.from({ length: count }, (_, i) => paidBill(10 + i, { period, units: 1 }));
    const bills: SignedBill[] = paid.map((each) => each.bill);
    const points = paid.map(({ receiptPoint }) => receiptPoint);
    const { x, y } = combineBatch(domain, bills, points);
    return () => settlement.settleBatch(1, bills, x, y);
  };
  for (const count of BATCHES) {
    await measure(`settleBatch of ${count}, word in use`, batch(count, PERIOD), {
      explain: count === 64,
    });
  }
  const fresh = batch(64, PERIOD + 1);
  await measure("settleBatch of 64, fresh word", fresh, { undo: false });
  await measure("settleBatch of 64, settled already", fresh);

  const another = publicKey(scalarOf("another key"));
  await measure("registerKey", () =>
    settlement
      .connect(roles.keyRegistrar)
      .registerKey(...registration(domain, another, { keyEpoch: 2, firstPeriod: PERIOD + 2 })),
  );
  const parameters = settlement.connect(roles.parameterRegistrar);
  const hash = ethers.ZeroHash.replace("0x00", "0x01");
  await measure("announceTerms", () => parameters.announceTerms(hash, 0));
  await measure("announceNetwork", () => parameters.announceNetwork(hash));

  // The order board, with an order of 300 bytes.
  const board = await ethers.deployContract("OrderBoard");
  const order = `0x${"01".repeat(300)}`;
  await measure("post an order of 300 bytes", () => board.post(order));
  await measure("answer it with 64 bytes", () => board.answer(hash, order.slice(0, 130)));

  await measureVault({ measure, base, ethers, connection: networkHelpers });

  const bytecode: Record<string, number> = {};
  for (const name of ["BillSettlement", "CreditVault", "OrderBoard"]) {
    const { deployedBytecode } = await artifacts.readArtifact(name);
    bytecode[name] = ethers.dataLength(deployedBytecode);
  }
  await connection.close();
  return { gas, bytecode, breakdown };
}

type Measure = (
  what: string,
  send: () => Promise<ContractTransactionResponse | { hash: string }>,
  how?: { undo?: boolean; explain?: boolean },
) => Promise<void>;

/** The vault, with a basket of 40 coins and the largest there is. */
async function measureVault({
  measure,
  base,
  ethers,
  connection: { time },
}: {
  readonly measure: Measure;
  readonly base: Awaited<ReturnType<typeof deployOn>>;
  readonly ethers: Connection["ethers"];
  readonly connection: Connection["networkHelpers"];
}): Promise<void> {
  const { vault, people, open, openAndAcknowledge } = await deployVault(base, ethers);
  // Hashes of deposits, and with them calldata, have the block's time in them: it is the same in every run.
  let second = 4_000_000_000;
  const atFixedTime = async <T>(send: () => Promise<T>): Promise<T> => {
    await time.setNextBlockTimestamp((second += 10_000));
    return send();
  };
  const coins = (count: number) =>
    basket(
      "gas",
      Array.from({ length: count }, (_, i) => [1, 10, 100][i % 3]!),
    );
  const resident = vault.connect(people.resident);
  const mint = vault.connect(people.mint);
  const month = 999901;
  for (const count of [3, 4, 14, 32]) {
    const denominations = Array.from({ length: count }, (_, i) => 2 ** i);
    const keys = mintKeys(MINT_KEY_ID + 1, denominations);
    await measure(`registerMintKeys, ${count} denominations`, () =>
      mint.registerMintKeys(MINT_KEY_ID + 1, month, keys),
    );
  }
  const root = ethers.ZeroHash.replace("0x00", "0x01");
  const depositing = () => resident.deposit(100n, MINT_KEY_ID, 40, root);
  await measure("deposit, the vault's first", depositing);
  const forty = coins(40);
  const { id, depositHash } = await atFixedTime(() => open(forty.messages));
  await measure("deposit", depositing);
  for (const count of [1, 40, 256]) {
    const { messages, signatures } = coins(count);
    const opened = await atFixedTime(() => open(messages));
    await measure(`acknowledge ${count} ${count === 1 ? "coin" : "coins"}`, () =>
      mint.acknowledge(opened.id, opened.depositHash, [...signatures]),
    );
  }
  await measure("decline", () => mint.decline(id, depositHash));
  for (const count of [1, 40, 256]) {
    const right = coins(count);
    const wrong = { ...right, signatures: right.signatures.with(0, affine(P1)) };
    const disputed = await atFixedTime(() => openAndAcknowledge(wrong));
    await measure(`dispute one of ${count} ${count === 1 ? "coin" : "coins"}`, () =>
      vault.dispute(disputed.id, ...shown(wrong, 0)),
    );
  }
  const collectable = await atFixedTime(() => openAndAcknowledge(forty));
  await time.increase(DISPUTE_PERIOD + 1);
  await measure("refund", () => vault.refund(id), { undo: false });
  await measure("withdraw", () => resident.withdraw(people.resident.address));
  await measure("collect one deposit", () =>
    vault.connect(people.treasurer).collect([collectable.id], people.treasurer.address),
  );
}

interface Step {
  readonly op: string;
  readonly gas: number;
  readonly gasCost: number;
  readonly stack: readonly string[];
}

const PRECOMPILES: Readonly<Record<number, string>> = {
  1: "ecrecover",
  6: "ecAdd",
  7: "ecMul",
  8: "two pairings",
};
const OPERATIONS: Readonly<Record<string, string>> = {
  SLOAD: "storage read",
  SSTORE: "storage written",
  EXTCODECOPY: "key read from code",
  LOG4: "event",
};

/** Gas of one transaction by what it is spent on; what is left over is the contract's own code. */
async function breakDown(
  provider: { request(args: { method: string; params: unknown[] }): Promise<unknown> },
  hash: string,
  total: number,
): Promise<Record<string, number>> {
  const request = (method: string, ...params: unknown[]) => provider.request({ method, params });
  const { input } = (await request("eth_getTransactionByHash", hash)) as { input: string };
  const trace = (await request("debug_traceTransaction", hash, {})) as { structLogs: Step[] };
  const bytes = Buffer.from(input.slice(2), "hex");
  const parts: Record<string, number> = {
    transaction: 21_000,
    calldata: bytes.reduce((sum, byte) => sum + (byte === 0 ? 4 : 16), 0),
  };
  const { structLogs } = trace;
  for (const [i, { op, gas, stack }] of structLogs.entries()) {
    const what = op === "STATICCALL" ? PRECOMPILES[Number(BigInt(stack.at(-2)!))] : OPERATIONS[op];
    if (what === undefined) continue;
    // What the step took: the precompile's own gas and the call included.
    parts[what] = (parts[what] ?? 0) + gas - structLogs[i + 1]!.gas;
  }
  const named = Object.values(parts).reduce((sum, part) => sum + part, 0);
  return { ...parts, "the contract's code": total - named };
}
