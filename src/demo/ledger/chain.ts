/** The permissioned chain of a run: deploys the contracts, anchors pages, sends challenges. */
import { hexlify, Wallet, type JsonRpcApiProvider, type JsonRpcSigner } from "ethers";
import {
  ConsumptionLedger__factory,
  type ConsumptionLedger,
  PiecewiseLinearPrice__factory,
  TimetablePrice__factory,
} from "../../chain/bindings/index.js";
import { connectRpc } from "../../chain/index.js";
import { startLocalChain } from "../../chain/node/index.js";
import {
  anchorBillingCall,
  anchorConsumptionCall,
  challengeCall,
  timetableArguments,
  TimetablePrice,
  voidUnshownCall,
  type BillingPage,
  type Challenge,
  type ConsumptionStatement,
  type ContractCall,
  type JudgedPages,
  type LedgerAccounts,
  type PiecewiseLinearPrice,
} from "../../ledger/index.js";
import { randomSecretKey } from "../../algebra/index.js";
import { demoErrors } from "../errors.js";

/** What the control centre and the provider pay their gas from, on a development chain. */
const ALLOWANCE = 10n ** 18n;

export interface LedgerChain {
  readonly chainId: bigint;
  /** Address of the ConsumptionLedger contract. */
  readonly contract: string;
  readonly keys: LedgerKeys;
  /** Anchors L_OCD of an interval; the gas it took. */
  anchorConsumption(statement: ConsumptionStatement): Promise<bigint>;
  /** Anchors L_DAP and the total of L_BC; the gas it took. */
  anchorBilling(accounts: LedgerAccounts, load: bigint, billing: BillingPage): Promise<bigint>;
  /**
   * Proves a fault, as anyone could; the hash of the transaction. A row that is not published is asked for, and its
   * window is let pass.
   */
  challenge(pages: JudgedPages, accounts: LedgerAccounts, challenge: Challenge): Promise<string>;
  close(): Promise<void>;
}

/** The parties' keys: for statements and their anchors, and for receipts. */
export interface LedgerKeys {
  readonly controlCentre: Uint8Array;
  readonly receipts: Uint8Array;
  readonly provider: Uint8Array;
}

/** What a run fixes in the contract. */
export interface LedgerDeployment {
  readonly price: PiecewiseLinearPrice | TimetablePrice;
  readonly firstInterval: number;
  readonly lastInterval: number;
  readonly leastHomes: number;
  readonly initialAverage: bigint;
}

/** Seconds in which a row that was asked for on-chain must be shown. */
const SHOW_WINDOW = 3600;

/**
 * Deploys to the chain at `rpc`, or to one inside this process.
 * @throws chain/unreachable, cli/no-account
 */
export async function openLedgerChain(
  rpc: string | undefined,
  deployment: LedgerDeployment,
): Promise<LedgerChain> {
  const { provider, account, close } = await connect(rpc);
  const { chainId } = await provider.getNetwork();
  const keys = {
    controlCentre: randomSecretKey(),
    receipts: randomSecretKey(),
    provider: randomSecretKey(),
  };
  const [controlCentre, serviceProvider] = [keys.controlCentre, keys.provider].map(
    (key) => new Wallet(hexlify(key), provider),
  ) as [Wallet, Wallet];
  for (const to of [controlCentre.address, serviceProvider.address]) {
    await (await account.sendTransaction({ to, value: ALLOWANCE })).wait();
  }
  const ledger = await deploy({
    account,
    settings: deployment,
    controlCentre: controlCentre.address,
    provider: serviceProvider.address,
  });
  const send = async (from: Wallet | JsonRpcSigner, { method, args }: ContractCall) => {
    const sent = await ledger
      .connect(from)
      .getFunction(method)
      .send(...args);
    return (await sent.wait())!;
  };
  const { firstInterval, lastInterval } = deployment;
  const receiptKey = new Wallet(hexlify(keys.receipts)).address;
  await send(controlCentre, {
    method: "registerReceiptKey",
    args: [receiptKey, firstInterval, lastInterval],
  });
  return {
    chainId,
    contract: await ledger.getAddress(),
    keys,
    async anchorConsumption(statement) {
      return (await send(controlCentre, anchorConsumptionCall(statement))).gasUsed;
    },
    async anchorBilling(accounts, load, { statement }) {
      const call = anchorBillingCall(accounts.controlCentre, load, statement);
      return (await send(serviceProvider, call)).gasUsed;
    },
    async challenge(pages, accounts, challenge) {
      const sent = await send(account, challengeCall(pages, accounts, challenge));
      if (challenge.kind !== "unshown") return sent.hash;
      await provider.send("evm_increaseTime", [SHOW_WINDOW + 1]);
      const voided = voidUnshownCall(pages.page, accounts, challenge.index);
      return (await send(account, voided)).hash;
    },
    close,
  };
}

async function deploy({
  account,
  settings: { price, firstInterval, leastHomes, initialAverage },
  controlCentre,
  provider,
}: {
  readonly account: JsonRpcSigner;
  readonly settings: LedgerDeployment;
  readonly controlCentre: string;
  readonly provider: string;
}): Promise<ConsumptionLedger> {
  const priceFunction =
    price instanceof TimetablePrice
      ? await new TimetablePrice__factory(account).deploy(...timetableArguments(price))
      : await new PiecewiseLinearPrice__factory(account).deploy([...price.points]);
  await priceFunction.waitForDeployment();
  const ledger = await new ConsumptionLedger__factory(account).deploy({
    admin: account.address,
    controlCentre,
    provider,
    priceFunction: await priceFunction.getAddress(),
    firstInterval,
    showWindow: SHOW_WINDOW,
    leastHomes,
    initialAverage,
  });
  await ledger.waitForDeployment();
  return ledger;
}

async function connect(
  rpc: string | undefined,
): Promise<{ provider: JsonRpcApiProvider; account: JsonRpcSigner; close: () => Promise<void> }> {
  if (rpc === undefined) {
    const chain = await startLocalChain();
    const account = await chain.provider.getSigner(0);
    return { provider: chain.provider, account, close: () => chain.close() };
  }
  const provider = await connectRpc(rpc);
  const [account] = await provider.listAccounts();
  if (account === undefined) {
    throw demoErrors.error("no-account", `the node at ${rpc} has no unlocked account`, { rpc });
  }
  return {
    provider,
    account,
    close: () => {
      provider.destroy();
      return Promise.resolve();
    },
  };
}
