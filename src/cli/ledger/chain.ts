/** The permissioned chain of a run: deploys the contracts, anchors pages, sends challenges. */
import { hexlify, Wallet, type JsonRpcApiProvider, type JsonRpcSigner } from "ethers";
import {
  ConsumptionLedger__factory,
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
  type Anchorers,
  type Challenge,
  type ContractCall,
  type IntervalPages,
  type PiecewiseLinearPrice,
} from "../../ledger/index.js";
import { randomSecretKey } from "../../algebra/index.js";
import { cliErrors } from "../errors.js";

/** What the control centre and the provider pay their gas from, on a development chain. */
const ALLOWANCE = 10n ** 18n;

export interface LedgerChain {
  readonly chainId: bigint;
  /** Address of the ConsumptionLedger contract. */
  readonly contract: string;
  /** The parties' keys: they sign statements and anchor them. */
  readonly keys: { readonly controlCentre: Uint8Array; readonly provider: Uint8Array };
  /** Anchors all pages of an interval; the gas of both transactions. */
  anchor(pages: IntervalPages, anchorers: Anchorers): Promise<bigint>;
  /** Proves a finding, as anybody could; the hash of the transaction. */
  challenge(pages: IntervalPages, anchorers: Anchorers, challenge: Challenge): Promise<string>;
  close(): Promise<void>;
}

/**
 * Deploys to the chain at `rpc`, or to one inside this process.
 * @throws chain/unreachable, cli/no-account
 */
export async function openLedgerChain(
  rpc: string | undefined,
  price: PiecewiseLinearPrice | TimetablePrice,
  firstInterval: number,
): Promise<LedgerChain> {
  const { provider, account, close } = await connect(rpc);
  const { chainId } = await provider.getNetwork();
  const keys = { controlCentre: randomSecretKey(), provider: randomSecretKey() };
  const [controlCentre, serviceProvider] = [keys.controlCentre, keys.provider].map(
    (key) => new Wallet(hexlify(key), provider),
  ) as [Wallet, Wallet];
  for (const to of [controlCentre.address, serviceProvider.address]) {
    await (await account.sendTransaction({ to, value: ALLOWANCE })).wait();
  }
  const priceContract =
    price instanceof TimetablePrice
      ? await new TimetablePrice__factory(account).deploy(...timetableArguments(price))
      : await new PiecewiseLinearPrice__factory(account).deploy([...price.points]);
  await priceContract.waitForDeployment();
  const ledger = await new ConsumptionLedger__factory(account).deploy(
    account.address,
    controlCentre.address,
    serviceProvider.address,
    await priceContract.getAddress(),
    firstInterval,
  );
  await ledger.waitForDeployment();

  const send = async (from: Wallet | JsonRpcSigner, { method, args }: ContractCall) => {
    const sent = await ledger
      .connect(from)
      .getFunction(method)
      .send(...args);
    return (await sent.wait())!;
  };
  return {
    chainId,
    contract: await ledger.getAddress(),
    keys,
    async anchor({ consumption, price: prices, bills }, anchorers) {
      const first = await send(controlCentre, anchorConsumptionCall(consumption));
      const call = anchorBillingCall(anchorers.controlCentre, prices, bills);
      const second = await send(serviceProvider, call);
      return first.gasUsed + second.gasUsed;
    },
    async challenge(pages, anchorers, challenge) {
      return (await send(account, challengeCall(pages, anchorers, challenge))).hash;
    },
    close,
  };
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
    throw cliErrors.error("no-account", `the node at ${rpc} has no unlocked account`, { rpc });
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
