/** A deployed vault with a mint key, a resident with money, and the mint's side of blind signatures. */
import { P1, affine, times, type Affine, type G1 } from "./curve.js";
import { scalarOf, tag } from "./bills.js";
import { deployed, ethers, publicKey } from "./deployment.js";

export const ACKNOWLEDGE_PERIOD = 3600;
export const DISPUTE_PERIOD = 7200;
export const MINT_KEY_ID = 7;

export interface BlindedMessage {
  readonly denomination: number;
  readonly x: bigint;
  readonly y: bigint;
}

export const mintSecret = (denomination: number): bigint => scalarOf(`mint ${denomination}`);

/** A basket of blinded messages and the mint's right answers. */
export function basket(label: string, denominations: readonly number[]) {
  const points: G1[] = denominations.map((_, i) => times(P1, scalarOf(`${label} ${i}`)));
  const messages: BlindedMessage[] = points.map((point, i) => ({
    denomination: denominations[i]!,
    ...affine(point),
  }));
  const signatures: Affine[] = points.map((point, i) =>
    affine(times(point, mintSecret(denominations[i]!))),
  );
  return { messages, signatures };
}

export function depositDigest(systemId: string, messages: readonly BlindedMessage[]): string {
  const parts = messages.map(({ denomination, x, y }) =>
    ethers.solidityPacked(["uint32", "uint256", "uint256"], [denomination, x, y]),
  );
  const head = ethers.solidityPacked(
    ["bytes32", "bytes32", "uint32"],
    [tag("SIPSTER-V1-DEPOSIT"), systemId, MINT_KEY_ID],
  );
  return ethers.keccak256(ethers.concat([head, ...parts]));
}

/** {@link deployVault} on the chain that the contract tests share: a fixture. */
export async function deployedVault() {
  return deployVault(await deployed(), ethers);
}

export async function deployVault(
  base: Awaited<ReturnType<typeof deployed>>,
  { getSigners, deployContract }: Pick<typeof ethers, "getSigners" | "deployContract">,
) {
  const signers = await getSigners();
  const [admin, mint, treasurer, pauser, resident, stranger] = signers.slice(6);
  const token = await deployContract("TestToken");
  const vault = await deployContract("CreditVault", [
    await base.settlement.getAddress(),
    await token.getAddress(),
    admin!.address,
    mint!.address,
    treasurer!.address,
    pauser!.address,
    ACKNOWLEDGE_PERIOD,
    DISPUTE_PERIOD,
  ]);
  const vaultAddress = await vault.getAddress();
  for (const denomination of [1, 10, 100]) {
    const { a1, a2 } = publicKey(mintSecret(denomination));
    await vault.connect(mint!).registerMintKey(MINT_KEY_ID, denomination, a1, a2);
  }
  await token.mint(resident!.address, 100_000n);
  await token.connect(resident!).approve(vaultAddress, 100_000n);

  /** An open deposit of the resident for these messages; its number. */
  async function open(messages: readonly BlindedMessage[], amount = 111n): Promise<bigint> {
    await vault.connect(resident!).deposit(amount, depositDigest(base.systemId, messages));
    return vault.depositCount();
  }

  return {
    systemId: base.systemId,
    settlement: base.settlement,
    token,
    vault,
    vaultAddress,
    open,
    people: {
      admin: admin!,
      mint: mint!,
      treasurer: treasurer!,
      pauser: pauser!,
      resident: resident!,
      stranger: stranger!,
    },
  };
}
