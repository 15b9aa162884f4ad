/** Every call of the vault in every state of a deposit, on each side of each deadline, by everyone. */
import { expect } from "chai";
import { P1, affine } from "./support/curve.js";
import { ethers, networkHelpers } from "./support/deployment.js";
import {
  ACKNOWLEDGE_PERIOD,
  DISPUTE_PERIOD,
  basket,
  deployedVault,
  shown,
  type Basket,
} from "./support/vault.js";

const { loadFixture, time, takeSnapshot } = networkHelpers;
const right = basket("orders", [100, 10, 1]);
const wrong: Basket = { ...right, signatures: right.signatures.with(1, affine(P1)) };
const AMOUNT = 111n;

async function withDeposit() {
  const base = await deployedVault();
  return { ...base, ...(await base.open(right.messages)) };
}

type World = Awaited<ReturnType<typeof withDeposit>>;
type Who = keyof World["people"];
const EVERYONE: readonly Who[] = ["admin", "mint", "treasurer", "pauser", "resident", "stranger"];

const acknowledge = ({ vault, people, id, depositHash }: World, { signatures }: Basket) =>
  vault.connect(people.mint).acknowledge(id, depositHash, signatures);
const decline = ({ vault, people, id, depositHash }: World) =>
  vault.connect(people.mint).decline(id, depositHash);
const dispute = ({ vault, people, id }: World, published: Basket) =>
  vault.connect(people.stranger).dispute(id, ...shown(published, 1));
const refund = ({ vault, people, id }: World) => vault.connect(people.stranger).refund(id);
const collect = ({ vault, people, id }: World) =>
  vault.connect(people.treasurer).collect([id], people.treasurer.address);

/** A second after the deadline that the deposit has now. */
async function passDeadline({ vault, id }: World): Promise<void> {
  const { acknowledgeBy, disputableUntil } = await vault.depositOf(id);
  const deadline = disputableUntil > 0n ? disputableUntil : acknowledgeBy;
  await time.setNextBlockTimestamp(deadline + 1n);
}

/** How a deposit gets into each state. */
const STATES = {
  open: async () => undefined,
  right: (world: World) => acknowledge(world, right),
  wrong: (world: World) => acknowledge(world, wrong),
  declined: decline,
  refunded: async (world: World) => {
    await passDeadline(world);
    await refund(world);
  },
  disputed: async (world: World) => {
    await acknowledge(world, wrong);
    await dispute(world, wrong);
  },
  collected: async (world: World) => {
    await acknowledge(world, right);
    await passDeadline(world);
    await collect(world);
  },
} as const;

const CALLS = ["acknowledge", "decline", "refund", "dispute", "collect", "withdraw"] as const;
type Call = (typeof CALLS)[number];
/** Who alone may make a call that not everyone may. */
const ROLES: Partial<Record<Call, Who>> = {
  acknowledge: "mint",
  decline: "mint",
  collect: "treasurer",
};

const [OK, ENDED, NOTHING] = ["ok", "VaultDepositStatus", "VaultNothingDue"] as const;
const [LATE, EARLY] = ["VaultAcknowledgeTooLate", "VaultRefundTooEarly"] as const;
const [SETTLED, HELD] = ["VaultDisputeTooLate", "VaultCollectTooEarly"] as const;
const SOUND = "VaultSignatureValid";

type Row = readonly [state: keyof typeof STATES, seconds: number | null, ...string[]];
/** Seconds from the deadline of the state, and how the calls end in the order of `CALLS`. */
const TABLE: readonly Row[] = [
  ["open", -1, OK, OK, EARLY, ENDED, ENDED, NOTHING],
  ["open", 0, OK, OK, EARLY, ENDED, ENDED, NOTHING],
  ["open", 1, LATE, OK, OK, ENDED, ENDED, NOTHING],
  ["right", -1, ENDED, ENDED, ENDED, SOUND, HELD, NOTHING],
  ["right", 0, ENDED, ENDED, ENDED, SOUND, HELD, NOTHING],
  ["right", 1, ENDED, ENDED, ENDED, SETTLED, OK, NOTHING],
  ["wrong", -1, ENDED, ENDED, ENDED, OK, HELD, NOTHING],
  ["wrong", 0, ENDED, ENDED, ENDED, OK, HELD, NOTHING],
  ["wrong", 1, ENDED, ENDED, ENDED, SETTLED, OK, NOTHING],
  ["declined", null, ENDED, ENDED, ENDED, ENDED, ENDED, OK],
  ["refunded", null, ENDED, ENDED, ENDED, ENDED, ENDED, OK],
  ["disputed", null, ENDED, ENDED, ENDED, ENDED, ENDED, OK],
  ["collected", null, ENDED, ENDED, ENDED, ENDED, ENDED, NOTHING],
];

/** How a call by `who` would end in the pending block: `ok`, or the name of its error. */
async function outcomeOf({
  world,
  call,
  who,
  published,
}: {
  readonly world: World;
  readonly call: Call;
  readonly who: Who;
  readonly published: Basket;
}): Promise<string> {
  const { people, id, depositHash } = world;
  const { address } = people[who];
  const vault = world.vault.connect(people[who]);
  const args = {
    acknowledge: [id, depositHash, right.signatures],
    decline: [id, depositHash],
    refund: [id],
    dispute: [id, ...shown(published, 1)],
    collect: [[id], address],
    withdraw: [address],
  }[call];
  const data = vault.interface.encodeFunctionData(call as never, args as never);
  const to = await vault.getAddress();
  try {
    await ethers.provider.call({ from: address, to, data, blockTag: "pending" });
    return OK;
  } catch (error) {
    const { data } = error as { data?: string | null };
    if (data === undefined || data === null) throw error;
    return vault.interface.parseError(data)?.name ?? data;
  }
}

describe("CreditVault, call by call", () => {
  for (const [state, seconds, ...outcomes] of TABLE) {
    const when = seconds === null ? "" : `, ${seconds} seconds from its deadline`;
    for (const isPaused of [false, true]) {
      const where = `${when}${isPaused ? ", in a paused vault" : ""}`;
      it(`given a deposit that is ${state}${where}: each call by each party ends as the table says`, async () => {
        const world = await loadFixture(withDeposit);
        const { vault, people, id } = world;
        await STATES[state](world);
        if (isPaused) await vault.connect(people.pauser).pause();
        const { acknowledgeBy, disputableUntil } = await vault.depositOf(id);
        const deadline = disputableUntil > 0n ? disputableUntil : acknowledgeBy;
        if (seconds !== null) await time.setNextBlockTimestamp(deadline + BigInt(seconds));
        const published = state === "wrong" || state === "disputed" ? wrong : right;
        for (const [i, call] of CALLS.entries()) {
          for (const who of EVERYONE) {
            const role = ROLES[call];
            let expected = outcomes[i]!;
            if (role !== undefined && role !== who) expected = "AccessControlUnauthorizedAccount";
            if (call === "withdraw" && who !== "resident") expected = NOTHING;
            const outcome = await outcomeOf({ world, call, who, published });
            expect(outcome, `${call} by ${who}`).to.equal(expected);
          }
        }
      });
    }
  }

  it("given a deposit that was never made: no call of anyone moves anything", async () => {
    const world = await loadFixture(withDeposit);
    const unknown = { ...world, id: world.id + 1n };
    for (const call of CALLS) {
      for (const who of EVERYONE) {
        const role = ROLES[call];
        const isRole = role === undefined || role === who;
        const expected = isRole ? ENDED : "AccessControlUnauthorizedAccount";
        const outcome = await outcomeOf({ world: unknown, call, who, published: right });
        expect(outcome, `${call} by ${who}`).to.equal(call === "withdraw" ? NOTHING : expected);
      }
    }
  });
});

type Step = "acknowledge" | "lie" | "decline" | "refund" | "dispute" | "collect" | "wait";
const STEPS: readonly Step[] = [
  ...(["acknowledge", "lie", "decline", "refund", "dispute", "collect", "wait"] as const),
];
/** Deadlines that a deposit can pass; one pass more changes nothing. */
const MOST_WAITS = 3;

interface Path {
  readonly steps: readonly Step[];
  readonly world: World;
  readonly published: Basket;
}

/** Makes a step, and says whether the vault took it. */
async function take({ world, published }: Path, step: Step): Promise<boolean> {
  if (step === "wait") {
    await time.increase(Math.max(ACKNOWLEDGE_PERIOD, DISPUTE_PERIOD) + 1);
    return true;
  }
  const call = {
    acknowledge: () => acknowledge(world, right),
    lie: () => acknowledge(world, wrong),
    decline: () => decline(world),
    refund: () => refund(world),
    dispute: () => dispute(world, published),
    collect: () => collect(world),
  }[step];
  return call().then(
    () => true,
    () => false,
  );
}

/** Whose the money is: resident, with what is due; treasurer; still in the vault for a deposit. */
async function moneyOf({ vault, token, people }: World) {
  const [resident, due, treasurer, owed] = await Promise.all([
    token.balanceOf(people.resident.address),
    vault.dueTo(people.resident.address),
    token.balanceOf(people.treasurer.address),
    vault.owed(),
  ]);
  const held = await token.balanceOf(await vault.getAddress());
  expect(held, "held").to.equal(owed);
  return { resident: resident + due, treasurer, open: owed - due };
}

describe("CreditVault, in every order of calls", () => {
  /** The orders of calls that the vault takes, with the end of each, depth first. */
  async function ordersFrom(path: Path, ends: Map<string, string>): Promise<void> {
    const { steps, world } = path;
    const before = await moneyOf(world);
    if (steps.length > 0) ends.set(steps.join(" "), endOf(before));
    for (const step of STEPS) {
      if (step === "wait" && steps.filter((s) => s === "wait").length === MOST_WAITS) continue;
      const snapshot = await takeSnapshot();
      if (await take(path, step)) {
        if (before.open === 0n) expect(step, steps.join(" ")).to.equal("wait");
        const published = step === "lie" ? wrong : path.published;
        await ordersFrom({ world, published, steps: [...steps, step] }, ends);
      } else {
        expect(await moneyOf(world), `${steps.join(" ")} ${step}`).to.deep.equal(before);
      }
      await snapshot.restore();
    }
  }

  const INITIAL = 100_000n;
  function endOf({ resident, treasurer, open }: Awaited<ReturnType<typeof moneyOf>>): string {
    const end = [resident - (INITIAL - AMOUNT), treasurer, open].join(" ");
    const ends = new Map([
      [`${AMOUNT} 0 0`, "depositor"],
      [`0 ${AMOUNT} 0`, "treasurer"],
      [`0 0 ${AMOUNT}`, "open"],
    ]);
    return ends.get(end) ?? end;
  }

  it("a deposit ends once, with all of its money at the depositor or at the treasurer", async () => {
    const world = await loadFixture(withDeposit);
    const ends = new Map<string, string>();
    await ordersFrom({ steps: [], world, published: right }, ends);
    const calls = new Map(
      [...ends].map(([steps, end]) => [steps.replaceAll("wait", "").trim(), end] as const),
    );
    const ways = new Set([...calls].map(([steps, end]) => `${steps.replace(/ +/g, " ")}: ${end}`));
    expect([...ways].sort()).to.deep.equal([
      ...[": open", "acknowledge collect: treasurer", "acknowledge: open"],
      ...["decline: depositor", "lie collect: treasurer", "lie dispute: depositor", "lie: open"],
      "refund: depositor",
    ]);
    // After the first wait nobody can acknowledge, and after a wait behind a lie nobody can dispute.
    for (const steps of ends.keys()) {
      expect(steps).to.not.match(/wait .*(acknowledge|lie)|lie wait .*dispute/);
    }
  }).timeout(300_000);
});
