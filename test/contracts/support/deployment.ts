/** A deployed settlement with a key and meters, as most contract tests start from. */
import { toBeHex, Wallet } from "ethers";
import { network } from "hardhat";
import { P1, affine, times, twistTimes, type Affine, type G1, type Twist } from "./curve.js";
import {
  billPoint,
  keyHashOf,
  meterWallet,
  scalarOf,
  sign,
  signNotice,
  systemIdOf,
  type Domain,
  type SignedBill,
} from "./bills.js";

export const UTILITY_SECRET = scalarOf("utility secret");
export const PERIOD = 201303;
export const OPEN_END = 4294967295;
/** End of a key epoch that no other follows. */
export const OPEN_EPOCH = 4294967296n;

/** Signs the notices of key epochs. */
export const noticeWallet = new Wallet(toBeHex(scalarOf("notice key"), 32));

type Connection = Awaited<ReturnType<typeof network.create>>;

export const shared = await network.create();
export const { ethers, networkHelpers } = shared;

export const publicKey = (secret: bigint) => ({
  a1: affine(times(P1, secret)),
  a2: twistTimes(secret),
});

/** The arguments of `registerKey` for the key of a secret, with the notice of {@link noticeWallet}. */
export function registration(
  domain: Domain,
  { a1, a2 }: ReturnType<typeof publicKey>,
  { keyEpoch = 1, firstPeriod = 0, signer = noticeWallet } = {},
): [Affine, Twist, number, string] {
  const keyHash = keyHashOf({ a1, a2 });
  const { serialized } = signNotice(signer, domain, { keyEpoch, firstPeriod, keyHash });
  return [a1, a2, firstPeriod, serialized];
}

/** {@link deployOn} on the chain that the contract tests share: a fixture. */
export async function deployed() {
  return deployOn(shared);
}

/**
 * Ten meters valid from 201301 on, key epoch 1 registered, and meter 9 settled so that its word is in
 * use. A lead of 0 is a development deployment.
 */
export async function deployOn({ ethers }: Connection, { lead = 0 } = {}) {
  const [admin, keyRegistrar, meterRegistrar, pauser, stranger, parameterRegistrar] =
    await ethers.getSigners();
  const settlement = await ethers.deployContract("BillSettlement", [
    {
      admin: admin!.address,
      keyRegistrar: keyRegistrar!.address,
      meterRegistrar: meterRegistrar!.address,
      parameterRegistrar: parameterRegistrar!.address,
      pauser: pauser!.address,
    },
    noticeWallet.address,
    lead,
  ]);
  const address = await settlement.getAddress();
  const { chainId } = await ethers.provider.getNetwork();
  const domain: Domain = { chainId, settlement: address };
  const systemId = systemIdOf(domain);
  const first = registration(domain, publicKey(UTILITY_SECRET));
  await settlement.connect(keyRegistrar!).registerKey(...first);
  const meters = Array.from({ length: 10 }, (_, i) => meterWallet(i));
  await settlement.connect(meterRegistrar!).registerMeters(
    meters.map((meter) => meter.address),
    201301,
    OPEN_END,
  );

  /** A paid bill of meter `index`: signed, with its receipt. */
  function paidBill(
    index: number,
    { units = 3, period = PERIOD, keyEpoch = 1, secret = UTILITY_SECRET } = {},
  ): { bill: SignedBill; point: G1; receiptPoint: G1; receipt: Affine } {
    const blinding = scalarOf(`blinding ${index} ${period}`);
    const point = billPoint({ systemId, keyEpoch, units, blinding });
    const { x, y } = affine(point);
    const bill = sign(meterWallet(index), domain, { period, keyEpoch, rx: x, ry: y });
    const receiptPoint = times(point, secret);
    return { bill, point, receiptPoint, receipt: affine(receiptPoint) };
  }

  const ninth = paidBill(9);
  await settlement.settle(ninth.bill, ninth.receipt.x, ninth.receipt.y);
  return {
    settlement,
    domain,
    systemId,
    meters,
    paidBill,
    roles: {
      admin: admin!,
      keyRegistrar: keyRegistrar!,
      meterRegistrar: meterRegistrar!,
      pauser: pauser!,
      parameterRegistrar: parameterRegistrar!,
      stranger: stranger!,
    },
  };
}
