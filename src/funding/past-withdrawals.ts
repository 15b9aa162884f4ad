/**
 * The withdrawals of an account as the vault remembers them: what a wallet that has lost everything but
 * its secret makes its coins from again. The vault holds the root of each deposit's messages and not
 * their denominations, so these are found among the baskets that the wallet may have withdrawn.
 */
import { hexlify } from "ethers";
import { DepositTree, MAX_DEPOSIT_COUNT, type VaultReader } from "../chain/index.js";
import { decodeRequest, type Basket } from "../ecash/index.js";
import { fundingErrors } from "./errors.js";

/** As `Purse.restore` takes it. */
export interface RememberedWithdrawal {
  readonly mintKeyId: number;
  readonly denominations: readonly number[];
  /** Other denominations that fit the deposit's amount and count. */
  readonly others: readonly (readonly number[])[];
  matches(request: Uint8Array): boolean;
  readonly at: number;
  readonly answer: Uint8Array | null;
}

export interface PastWithdrawalsOf {
  /** The address that deposited. */
  readonly account: string;
  /** Baskets of the terms under which it withdrew. Packs of them may have been left out. */
  readonly baskets: readonly Basket[];
  readonly baseUnitsPerUnit: bigint;
  /** A final block. */
  readonly toBlock: number;
}

/**
 * The account's deposits, oldest first.
 * @throws funding/open-deposit if one is neither answered nor refunded, funding/unknown-withdrawal if no
 *   basket fits one
 */
export async function pastWithdrawals(
  reader: VaultReader,
  { account, baskets, baseUnitsPerUnit, toBlock }: PastWithdrawalsOf,
): Promise<RememberedWithdrawal[]> {
  const { acknowledge } = await reader.periods();
  const past: RememberedWithdrawal[] = [];
  for (const id of await reader.depositIds(toBlock, { depositor: account })) {
    const deposit = await reader.deposit(id, toBlock);
    const { status, count, amount, messagesRoot, mintKeyId, acknowledgeBy } = deposit;
    if (status === "open") {
      throw fundingErrors.error("open-deposit", `deposit ${id} is neither answered nor refunded`, {
        id,
      });
    }
    const units = amount / baseUnitsPerUnit;
    const [denominations, ...others] = baskets.flatMap((basket) =>
      shapesOf(basket, { count, units }).filter(() => units * baseUnitsPerUnit === amount),
    );
    if (denominations === undefined) {
      throw fundingErrors.error(
        "unknown-withdrawal",
        `deposit ${id} fits no basket that is given`,
        {
          id,
        },
      );
    }
    past.push({
      mintKeyId,
      denominations,
      others,
      matches: (request) => {
        const { messages } = decodeRequest(request);
        return hexlify(DepositTree.ofMessages(messages).root) === messagesRoot;
      },
      at: Number(acknowledgeBy - acknowledge),
      answer: status === "refunded" ? null : await reader.signatures(deposit, toBlock),
    });
  }
  return past;
}

/** Packs of a denomination in one withdrawal: none if it is left out, and two in the first. */
const PACKS = [0, 1, 2];

/** Coins of one deposit, and what they are worth in units of money. */
interface Size {
  readonly count: number;
  readonly units: bigint;
}

/** What a deposit of this size may hold: choices of a basket's packs, in pieces of what a deposit takes. */
function shapesOf(basket: Basket, { count, units }: Size): number[][] {
  const most = [...basket.values()].reduce((sum, coins) => sum + Math.max(...PACKS) * coins, 0);
  if (most <= MAX_DEPOSIT_COUNT) return wholeShapes([...basket], { count, units });
  const worth = (shape: readonly number[]): bigint => BigInt(shape.reduce((sum, d) => sum + d, 0));
  return piecesOf(basket).filter((shape) => shape.length === count && worth(shape) === units);
}

/**
 * The choices of packs that make this size. With tokens at the month's end a basket has a denomination
 * for each bit of a bill, and all choices would be millions: ways that cannot lead there are left early.
 */
function wholeShapes(
  packs: readonly (readonly [denomination: number, coins: number])[],
  { count, units }: Size,
): number[][] {
  const last = packs.at(-1);
  if (last === undefined) return count === 0 && units === 0n ? [[]] : [];
  const [denomination, coins] = last;
  const rest = packs.slice(0, -1);
  const most = rest.reduce((sum, [d, c]) => sum + BigInt(Math.max(...PACKS) * c * d), 0n);
  return PACKS.flatMap((chosen) => {
    const taken = Array<number>(chosen * coins).fill(denomination);
    const left = {
      count: count - taken.length,
      units: units - BigInt(taken.length * denomination),
    };
    if (left.count < 0 || left.units < 0n || left.units > most) return [];
    return wholeShapes(rest, left).map((shape) => [...shape, ...taken]);
  });
}

/** Every choice of packs, in pieces of what a deposit takes. */
function piecesOf(basket: Basket): number[][] {
  const chosen = [...basket].reduce<number[][]>(
    (shapes, [denomination, count]) =>
      PACKS.flatMap((packs) => {
        const coins = Array<number>(packs * count).fill(denomination);
        return shapes.map((shape) => [...shape, ...coins]);
      }),
    [[]],
  );
  return chosen.flatMap((shape) =>
    Array.from({ length: Math.ceil(shape.length / MAX_DEPOSIT_COUNT) }, (_, i) =>
      shape.slice(i * MAX_DEPOSIT_COUNT, (i + 1) * MAX_DEPOSIT_COUNT),
    ),
  );
}
