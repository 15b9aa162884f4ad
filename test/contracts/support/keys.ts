/** Keys of epochs as the tests register them: a settlement without a key, and months of its chain. */
import type { Wallet } from "ethers";
import { addPeriods, periodOfTime } from "../../../src/sipster/index.js";
import type { Domain } from "./bills.js";
import {
  ethers,
  networkHelpers,
  noticeWallet,
  publicKey,
  registration,
  UTILITY_SECRET,
} from "./deployment.js";

/** Months between registering a key and its first period. */
export const LEAD = 2;

/** A settlement without a key, with a lead. */
export async function withoutKey(lead: number) {
  const [registrar] = await ethers.getSigners();
  const who = registrar!.address;
  const holders = {
    admin: who,
    keyRegistrar: who,
    meterRegistrar: who,
    parameterRegistrar: who,
    pauser: who,
  };
  const settlement = await ethers.deployContract("BillSettlement", [
    holders,
    noticeWallet.address,
    lead,
  ]);
  const address = await settlement.getAddress();
  const { chainId } = await ethers.provider.getNetwork();
  const domain: Domain = { chainId, settlement: address };
  /** Registers a key under its notice. */
  const register = (
    key: ReturnType<typeof publicKey>,
    notice: { keyEpoch?: number; firstPeriod?: number; signer?: Wallet } = {},
  ) => settlement.registerKey(...registration(domain, key, notice));
  return { settlement, address, domain, register };
}
export const development = () => withoutKey(0);
export const production = () => withoutKey(LEAD);

/** The month of the chain's next block, as YYYYMM, `later` months on. */
export async function month(later = 0): Promise<number> {
  return addPeriods(periodOfTime(await networkHelpers.time.latest()), later);
}

export const good = publicKey(UTILITY_SECRET);
export const asArray = (point: object): bigint[] => Object.values(point) as bigint[];
