/**
 * Proofs for all inputs at once, by the SMT solver Z3 on bit vectors: the arithmetic that the contracts
 * pack words with. Each is stated twice here, as the contract computes it and as what must hold; Z3
 * finds no input for which they differ.
 */
import { expect } from "chai";
import { init, type Bool } from "z3-solver";

/** Widths in bits; as plain numbers, because widening makes them so. */
const WORD: number = 256;
const ADDRESS: number = 160;
const U64: number = 64;
const U32: number = 32;

describe("packed words, for all inputs", () => {
  async function solver() {
    const { Context } = await init();
    return Context("packing");
  }

  it("(period, meter number) → (word, bit) is injective", async () => {
    const z3 = await solver();
    const place = (name: string) => {
      const period = z3.BitVec.const(`period ${name}`, U32);
      const index = z3.BitVec.const(`index ${name}`, U32);
      const key = period.zeroExt(32).shl(32).or(index.lshr(8).zeroExt(32));
      const bit = z3.BitVec.val(1, WORD).shl(index.and(255).zeroExt(224));
      return { period, index, key, bit };
    };
    const [a, b] = [place("a"), place("b")];
    const differ = z3.Or(a.period.neq(b.period), a.index.neq(b.index));
    expect(await refutes(z3, [a.key.eq(b.key), a.bit.eq(b.bit), differ])).to.equal(true);
    // Without the bit the same statement is false, and the solver says so.
    expect(await refutes(z3, [a.key.eq(b.key), differ])).to.equal(false);
  });

  it("meter records give back what was packed, and none is zero", async () => {
    const z3 = await solver();
    const [index, from, until] = ["index", "from", "until"].map((n) => z3.BitVec.const(n, U32));
    const wide = (v: typeof index) => v!.zeroExt(224);
    const record = z3.BitVec.val(1, WORD)
      .shl(96)
      .or(wide(index).shl(64))
      .or(wide(from).shl(32))
      .or(wide(until));
    const back = (low: number) => record.extract(low + 31, low);
    const wrong = z3.Or(
      back(64).neq(index!),
      back(32).neq(from!),
      back(0).neq(until!),
      record.eq(z3.BitVec.val(0, WORD)),
    );
    expect(await refutes(z3, [wrong])).to.equal(true);
  });

  it("a period lies in an epoch's range exactly when it is not before it and before its end", async () => {
    const z3 = await solver();
    const period = z3.BitVec.const("period", WORD);
    const first = z3.BitVec.const("first", U32);
    const end = z3.BitVec.const("end", U64);
    const [lower, upper] = [first.zeroExt(224), end.zeroExt(192)];
    const range = upper.shl(32).or(lower);
    // gt(lt(period, range >> 32), lt(period, range & 0xffffffff)), as the contract has it.
    const before = period.ult(range.lshr(32));
    const tooEarly = period.ult(range.and(0xffffffff));
    const contains = z3.And(before, z3.Not(tooEarly));
    const meant = z3.And(period.uge(lower), period.ult(upper));
    expect(await refutes(z3, [contains.neq(meant)])).to.equal(true);
  });

  it("the bytes that a key's address is hashed from are the RLP of (creator, nonce), for every nonce", async () => {
    const z3 = await solver();
    const nonce = z3.BitVec.const("nonce", U32);
    const creator = z3.BitVec.const("creator", ADDRESS);
    const word = (value: number | bigint) => z3.BitVec.val(value, WORD);
    const [n, c] = [nonce.zeroExt(224), creator.zeroExt(96)];
    const one = (claim: Bool<"packing">) => z3.If(claim, word(1), word(0));
    // As KeyCode.addressOf computes it.
    const isByte = z3.And(n.ugt(0), n.ult(0x80));
    const count = one(n.ugt(0))
      .add(one(n.ugt(0xff)))
      .add(one(n.ugt(0xffff)))
      .add(one(n.ugt(0xffffff)));
    const long = count.add(0x80).shl(count.mul(8)).or(n);
    const tail = z3.If(isByte, n, long);
    const size = z3.If(isByte, word(1), count.add(1));
    const bits = size.mul(8);
    const head = word(0xc094).or(size.add(21).shl(8));
    const computed = head.shl(bits.add(160)).or(c.shl(bits)).or(tail);
    // As RLP has it, length by length: list header, 0x94, the creator, and the nonce.
    const expected = (length: number, encodedNonce: typeof n) =>
      z3.And(
        size.eq(word(length)),
        computed.eq(
          word((BigInt(0xc0 + 21 + length) << 8n) | 0x94n)
            .shl(160 + 8 * length)
            .or(c.shl(8 * length))
            .or(encodedNonce),
        ),
      );
    const within = (from: number, to: number) => z3.And(n.uge(from), n.ule(to));
    const right = z3.And(
      z3.Implies(n.eq(word(0)), expected(1, word(0x80))),
      z3.Implies(within(1, 0x7f), expected(1, n)),
      z3.Implies(within(0x80, 0xff), expected(2, n.or(0x8100))),
      z3.Implies(within(0x100, 0xffff), expected(3, n.or(0x820000))),
      z3.Implies(within(0x10000, 0xffffff), expected(4, n.or(0x83000000))),
      z3.Implies(within(0x1000000, 0xffffffff), expected(5, n.or(0x8400000000))),
    );
    expect(await refutes(z3, [z3.Not(right)])).to.equal(true);
  });

  async function refutes(z3: Awaited<ReturnType<typeof solver>>, claims: Bool<"packing">[]) {
    const check = new z3.Solver();
    check.add(...claims);
    return (await check.check()) === "unsat";
  }
});
