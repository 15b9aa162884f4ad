import { expect } from "chai";
import * as v from "valibot";
import {
  checkJson,
  countField,
  decimalField,
  hexField,
  integerField,
  readJson,
} from "../../src/json/index.js";

const schema = v.strictObject({
  format: v.literal("example@1"),
  id: decimalField,
  hash: hexField(2),
  count: countField,
  part: v.object({ name: v.string(), items: v.array(v.object({ k: integerField(1, 3) })) }),
  mode: v.exactOptional(v.picklist(["a", "b"])),
  note: v.nullable(v.string()),
  rule: v.exactOptional(
    v.variant("kind", [
      v.object({ kind: v.literal("p") }),
      v.object({ kind: v.literal("q"), blocks: countField }),
    ]),
  ),
});

const good = {
  format: "example@1",
  id: "12345678901234567890",
  hash: "0xAbcd",
  count: 3,
  part: { name: "", items: [{ k: 1 }] },
  note: null,
};

class Refused extends Error {
  constructor(
    why: string,
    readonly field: string,
    cause?: unknown,
  ) {
    super(why, { cause });
  }
}

function refusal(json: string | Uint8Array): Refused {
  try {
    readJson(schema, json, (why, field, cause) => new Refused(why, field, cause));
  } catch (error) {
    if (error instanceof Refused) return error;
    throw error;
  }
  throw new Error(`not refused: ${String(json)}`);
}

describe("reading JSON", () => {
  it("given a text that fits, or its bytes, when it is read, then each value is of its type", () => {
    const fault = (why: string): Error => new Error(why);
    const value = { ...good, id: 12345678901234567890n, hash: "0xabcd" };
    const text = JSON.stringify(good);
    expect(readJson(schema, text, fault)).to.deep.equal(value);
    expect(readJson(schema, new TextEncoder().encode(text), fault)).to.deep.equal(value);
    expect(checkJson(schema, good, fault)).to.deep.equal(value);
  });

  it("given a text that is not JSON, when it is read, then the refusal keeps the parser's reason", () => {
    for (const text of ["", "{", '{"a":}', "nothing"]) {
      const error = refusal(text);
      expect(error.message).to.equal("is not JSON");
      expect(error.field).to.equal("");
      expect(error.cause).to.be.instanceOf(SyntaxError);
    }
    // 0xff is in no UTF-8 text, and a mark at the start would be a second encoding.
    expect(refusal(Uint8Array.of(0x7b, 0xff, 0x7d)).message).to.equal("is not JSON");
    expect(refusal(new TextEncoder().encode(`\ufeff${JSON.stringify(good)}`)).message).to.equal(
      "is not JSON",
    );
  });

  const wrong: [object, string, string][] = [
    [{ format: "example@2" }, "format", 'is "example@2" and not "example@1"'],
    [{ format: undefined }, "format", "is missing"],
    [{ id: 5 }, "id", "is not a decimal string"],
    [{ id: "-5" }, "id", "is not a decimal string"],
    [{ id: "9".repeat(79) }, "id", "is not a decimal string"],
    [{ hash: "0xabc" }, "hash", "is not 2 bytes in hexadecimal"],
    [{ hash: "0xabcdef" }, "hash", "is not 2 bytes in hexadecimal"],
    [{ count: -1 }, "count", "is not a non-negative integer"],
    [{ count: 0.5 }, "count", "is not a non-negative integer"],
    [{ count: 2 ** 53 }, "count", "is not a non-negative integer"],
    [{ part: null }, "part", "is not an object"],
    [{ part: [] }, "part", "is not an object"],
    [{ part: { name: 1, items: [] } }, "part.name", "is not a text"],
    [{ part: { name: "", items: {} } }, "part.items", "is not a list"],
    [{ part: { name: "", items: [{ k: 1 }, {}] } }, "part.items[1].k", "is missing"],
    [{ part: { name: "", items: [{ k: 0 }] } }, "part.items[0].k", "is below 1"],
    [{ part: { name: "", items: [{ k: 4 }] } }, "part.items[0].k", "is above 3"],
    [{ mode: "c" }, "mode", 'is "c" and not "a" or "b"'],
    [{ note: 4 }, "note", "is not a text"],
    [{ other: 1 }, "other", "is not known"],
    [{ rule: { kind: "z" } }, "rule.kind", 'is "z" and not "p" or "q"'],
    [{ rule: 3 }, "rule", "is not an object"],
    [{ rule: { kind: "q" } }, "rule.blocks", "is missing"],
  ];
  for (const [change, field, why] of wrong) {
    it(`given ${JSON.stringify(change)}, when it is read, then the refusal names ${field}`, () => {
      const error = refusal(JSON.stringify({ ...good, ...change }));
      expect(error.message).to.equal(`field "${field}" ${why}`);
      expect(error.field).to.equal(field);
    });
  }

  it("given JSON that is not an object, when it is read, then the refusal says so", () => {
    for (const text of ["[]", "null", "5", '"x"', "true"]) {
      expect(refusal(text).message).to.equal("is not a JSON object");
    }
  });
});
