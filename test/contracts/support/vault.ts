/** A deployed vault with a mint key, a resident with money, and the mint's side of blind signatures. */
import { P1, affine, times, type Affine, type G1 } from "./curve.js";
import { scalarOf, tag } from "./bills.js";
import { deployed, ethers, publicKey } from "./deployment.js";

export const ACKNOWLEDGE_PERIOD = 3600;
export const DISPUTE_PERIOD = 86_400;
export const MINT_KEY_ID = 1;
export const DENOMINATIONS = [1, 10, 100] as const;

export interface BlindedMessage {
  readonly denomination: number;
  readonly x: bigint;
  readonly y: bigint;
}

/** Messages and the signatures that a mint publishes for them. */
export interface Basket {
  readonly messages: BlindedMessage[];
  readonly signatures: Affine[];
}

export const mintSecret = (denomination: number, mintKeyId = MINT_KEY_ID): bigint =>
  scalarOf(`mint ${mintKeyId} ${denomination}`);

/** The keys of an id as `registerMintKeys` takes them. */
export const mintKeys = (
  mintKeyId = MINT_KEY_ID,
  denominations: readonly number[] = DENOMINATIONS,
) =>
  denominations.map((denomination) => {
    const { a1: b1, a2: b2 } = publicKey(mintSecret(denomination, mintKeyId));
    return { denomination, b1, b2 };
  });

/** A basket of blinded messages and the mint's right answers. */
export function basket(label: string, denominations: readonly number[]): Basket {
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

// The trees, from the words of the documentation and by recursion: not the code that wallets use.

const node = (left: string, right: string): string =>
  ethers.keccak256(ethers.concat([tag("SIPSTER-V1-DEPOSIT-NODE"), left, right]));

export const messageLeaf = ({ denomination, x, y }: BlindedMessage): string =>
  ethers.solidityPackedKeccak256(
    ["bytes32", "uint32", "uint256", "uint256"],
    [tag("SIPSTER-V1-DEPOSIT-MESSAGE"), denomination, x, y],
  );

export const signatureLeaf = ({ x, y }: Affine): string =>
  ethers.solidityPackedKeccak256(
    ["bytes32", "uint256", "uint256"],
    [tag("SIPSTER-V1-DEPOSIT-SIGNATURE"), x, y],
  );

function subtree(leaves: readonly string[], from: number, size: number): string {
  if (size === 1) return leaves[from] ?? ethers.ZeroHash;
  const half = size / 2;
  return node(subtree(leaves, from, half), subtree(leaves, from + half, half));
}

const widthOf = (count: number): number => 2 ** Math.ceil(Math.log2(count));

export const rootOf = (leaves: readonly string[]): string =>
  subtree(leaves, 0, widthOf(leaves.length));

export function pathOf(leaves: readonly string[], index: number): string[] {
  const path: string[] = [];
  for (let size = 1; size < widthOf(leaves.length); size *= 2) {
    path.push(subtree(leaves, (Math.floor(index / size) ^ 1) * size, size));
  }
  return path;
}

export const messagesRoot = (messages: readonly BlindedMessage[]): string =>
  rootOf(messages.map(messageLeaf));

/** What a dispute about signature `index` shows; the signature at `other` where that is another. */
export function shown({ messages, signatures }: Basket, index: number, other = index) {
  const { denomination, x, y } = messages[index]!;
  return [
    index,
    denomination,
    { point: { x, y }, path: pathOf(messages.map(messageLeaf), index) },
    { point: signatures[other]!, path: pathOf(signatures.map(signatureLeaf), other) },
  ] as const;
}

/** {@link deployVault} on the chain that the contract tests share: a fixture. */
export async function deployedVault() {
  return deployVault(await deployed(), ethers);
}

export async function deployVault(
  base: Awaited<ReturnType<typeof deployed>>,
  { getSigners, deployContract }: Pick<typeof ethers, "getSigners" | "deployContract">,
  tokenContract: "TestToken" | "RefusingToken" = "TestToken",
) {
  const signers = await getSigners();
  const [admin, mint, treasurer, pauser, resident, stranger] = signers.slice(6);
  const token = await deployContract(tokenContract as "TestToken");
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
  await vault.connect(mint!).registerMintKeys(MINT_KEY_ID, 0, mintKeys());
  await token.mint(resident!.address, 100_000n);
  await token.connect(resident!).approve(vaultAddress, 100_000n);

  /** An open deposit of the resident for these messages; its number and hash. */
  async function open(
    messages: readonly BlindedMessage[],
    amount = 111n,
  ): Promise<{ id: bigint; depositHash: string }> {
    const root = messagesRoot(messages);
    await vault.connect(resident!).deposit(amount, MINT_KEY_ID, messages.length, root);
    const id = await vault.depositCount();
    return { id, depositHash: await vault.depositHashOf(id) };
  }

  /** A deposit for a basket, acknowledged with the basket's signatures. */
  async function openAndAcknowledge({ messages, signatures }: Basket, amount = 111n) {
    const opened = await open(messages, amount);
    await vault.connect(mint!).acknowledge(opened.id, opened.depositHash, signatures);
    return opened;
  }

  return {
    systemId: base.systemId,
    settlement: base.settlement,
    settlementRoles: base.roles,
    token,
    vault,
    vaultAddress,
    open,
    openAndAcknowledge,
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

/** What the mint answers in the fixtures below. */
export const GOODS = basket("goods", [100, 10, 1]);

/** {@link deployedVault} with the resident's open deposit for {@link GOODS}: a fixture. */
export async function withOpenDeposit() {
  const base = await deployedVault();
  const { id, depositHash } = await base.open(GOODS.messages);
  const { acknowledgeBy } = await base.vault.depositOf(id);
  return { ...base, id, depositHash, acknowledgeBy, mint: base.vault.connect(base.people.mint) };
}

/** The same, acknowledged with right signatures: a fixture. */
export async function withAcknowledged() {
  const base = await withOpenDeposit();
  await base.mint.acknowledge(base.id, base.depositHash, GOODS.signatures);
  const { disputableUntil } = await base.vault.depositOf(base.id);
  return { ...base, disputableUntil, treasury: base.vault.connect(base.people.treasurer) };
}

/** The states of a deposit, by their numbers in the vault. */
export const Status = { None: 0n, Open: 1n, Acknowledged: 2n, Refunded: 3n, Collected: 4n };
