/**
 * Proofs about a model of the vault by the SMT solver Z3, by induction over calls: one deposit in full, and all
 * other money in one sum. A step is a call that the contract takes, with its condition and its effect; times and
 * amounts are any numbers. {VaultInvariants} compares the contract itself with a model, on sequences of calls.
 */
import { expect } from "chai";
import { init, type Arith, type Bool } from "z3-solver";

type Num = Arith<"vault">;
type Claim = Bool<"vault">;

/** As in the contract's enum `Status`. */
const [NONE, OPEN, ACKNOWLEDGED, REFUNDED, COLLECTED] = [0, 1, 2, 3, 4] as const;

interface State {
  readonly status: Num;
  readonly amount: Num;
  readonly acknowledgeBy: Num;
  readonly disputableUntil: Num;
  /** Due to the depositor from this deposit. */
  readonly due: Num;
  /** All other deposits and all that is due to others. */
  readonly rest: Num;
  /** Tokens of the vault, and what it has written down that it owes. */
  readonly held: Num;
  readonly owed: Num;
  /** Times that the deposit's money went to its depositor or to the treasurer. */
  readonly ends: Num;
}

interface Step {
  readonly condition: Claim;
  readonly effect: Partial<State>;
}

describe("a model of the vault, for all amounts, times and orders of calls", () => {
  let z3: Awaited<ReturnType<typeof context>>;
  async function context() {
    const { Context } = await init();
    return Context("vault");
  }
  before(async () => {
    z3 = await context();
  });

  const int = (name: string): Num => z3.Int.const(name);

  function anyState(): State {
    const names = ["status", "amount", "acknowledgeBy", "disputableUntil", "due", "rest"];
    const all = [...names, "held", "owed", "ends"].map((name) => [name, int(name)]);
    return Object.fromEntries(all) as unknown as State;
  }

  /** V1 and V3 of the invariants: what is held is owed, and a deposit ends once. */
  function invariant(s: State): Claim {
    const inside = z3.If(z3.Or(s.status.eq(OPEN), s.status.eq(ACKNOWLEDGED)), s.amount, 0) as Num;
    const hasEnded = z3.Or(s.status.eq(REFUNDED), s.status.eq(COLLECTED));
    return z3.And(
      s.status.ge(NONE),
      s.status.le(COLLECTED),
      z3.And(s.amount.ge(0), s.due.ge(0), s.rest.ge(0)),
      s.held.eq(s.owed),
      s.owed.eq(inside.add(s.due).add(s.rest)),
      s.ends.eq(z3.If(hasEnded, z3.Int.val(1), z3.Int.val(0)) as Num),
      z3.Implies(s.status.eq(NONE), z3.And(s.amount.eq(0), s.due.eq(0))),
    );
  }

  /** Every call that moves money or a status, at time `now`, with any amount `x`. */
  function steps(s: State): Readonly<Record<string, Step>> {
    const [now, x] = [int("now"), int("x")];
    const isWrong = z3.Bool.const("a signature is wrong");
    const giveBack = {
      status: z3.Int.val(REFUNDED),
      due: s.due.add(s.amount),
      ends: s.ends.add(1),
    };
    const pay = (from: "due" | "rest", sum: Num): Partial<State> => ({
      [from]: s[from].sub(sum),
      held: s.held.sub(sum),
      owed: s.owed.sub(sum),
    });
    const is = (status: number): Claim => s.status.eq(status);
    return {
      deposit: {
        condition: z3.And(is(NONE), x.gt(0)),
        effect: {
          status: z3.Int.val(OPEN),
          amount: x,
          acknowledgeBy: now.add(3600),
          held: s.held.add(x),
          owed: s.owed.add(x),
        },
      },
      acknowledge: {
        condition: z3.And(is(OPEN), now.le(s.acknowledgeBy)),
        effect: { status: z3.Int.val(ACKNOWLEDGED), disputableUntil: now.add(86_400) },
      },
      decline: { condition: is(OPEN), effect: giveBack },
      refund: { condition: z3.And(is(OPEN), now.gt(s.acknowledgeBy)), effect: giveBack },
      dispute: {
        condition: z3.And(is(ACKNOWLEDGED), now.le(s.disputableUntil), isWrong),
        effect: giveBack,
      },
      withdraw: { condition: s.due.gt(0), effect: pay("due", s.due) },
      collect: {
        condition: z3.And(is(ACKNOWLEDGED), now.gt(s.disputableUntil)),
        effect: {
          status: z3.Int.val(COLLECTED),
          held: s.held.sub(s.amount),
          owed: s.owed.sub(s.amount),
          ends: s.ends.add(1),
        },
      },
      "deposit of another": {
        condition: x.gt(0),
        effect: { rest: s.rest.add(x), held: s.held.add(x), owed: s.owed.add(x) },
      },
      "payment to another": {
        condition: z3.And(x.gt(0), x.le(s.rest)),
        effect: pay("rest", x),
      },
    };
  }

  /** Whether no state satisfies all claims. */
  async function refutes(...claims: readonly Claim[]): Promise<boolean> {
    const solver = new z3.Solver();
    solver.add(...claims);
    return (await solver.check()) === "unsat";
  }

  it("given any call, then what the vault holds is what it owes, and no deposit ends twice", async () => {
    const s = anyState();
    for (const [name, { condition, effect }] of Object.entries(steps(s))) {
      const isKept = invariant({ ...s, ...effect });
      expect(await refutes(invariant(s), condition, z3.Not(isKept)), name).to.equal(true);
      // The step can happen: without that the line above would prove nothing.
      expect(await refutes(invariant(s), condition), name).to.equal(false);
    }
    const zero = z3.Int.val(0);
    const empty = Object.fromEntries(Object.keys(s).map((key) => [key, zero])) as unknown as State;
    expect(await refutes(z3.Not(invariant(empty)))).to.equal(true);
  });

  it("given any time, then mint and depositor never both may end an open deposit's wait, nor treasurer and depositor an answered one's", async () => {
    const s = anyState();
    const { acknowledge, refund, dispute, collect } = steps(s);
    expect(await refutes(acknowledge!.condition, refund!.condition)).to.equal(true);
    expect(await refutes(dispute!.condition, collect!.condition)).to.equal(true);
  });

  it("given a call without its condition on the status, then the proof fails", async () => {
    const s = anyState();
    for (const name of ["decline", "refund", "dispute", "collect"]) {
      const { effect } = steps(s)[name]!;
      const isKept = invariant({ ...s, ...effect });
      expect(await refutes(invariant(s), z3.Not(isKept)), name).to.equal(false);
    }
  });
});
