/** Every reader of a JSON document against one that lies. */
import { expect } from "chai";
import { SipsterError } from "../../src/errors/sipster-error.js";
import { readers, type Json, type Reader } from "./documents.js";
import { moreReaders } from "./more-documents.js";

/** What a reader says of a text: `null` if it takes it. */
async function refusal({ read }: Reader, json: string): Promise<SipsterError | null> {
  try {
    await read(json);
    return null;
  } catch (thrown) {
    if (thrown instanceof SipsterError) return thrown;
    throw thrown;
  }
}

/** The document's text with a field after all others, which may be there already. */
function withLast(document: Json, field: string, value: string): string {
  return `${JSON.stringify(document).slice(0, -1)},${JSON.stringify(field)}:${value}}`;
}

type Path = readonly (string | number)[];

/** Where each value of a document stands. */
function pathsOf(value: unknown, at: Path = []): Path[] {
  if (typeof value !== "object" || value === null) return at.length === 0 ? [] : [at];
  const keys = Array.isArray(value) ? value.keys() : Object.keys(value);
  const inside = [...keys].flatMap((key) =>
    pathsOf((value as Record<string | number, unknown>)[key], [...at, key]),
  );
  return at.length === 0 ? inside : [at, ...inside];
}

/** A document with another value at one place. */
function replaced(document: Json, path: Path, value: unknown): unknown {
  const copy = structuredClone(document) as Record<string | number, unknown>;
  let at = copy;
  for (const key of path.slice(0, -1)) at = at[key] as Record<string | number, unknown>;
  at[path.at(-1)!] = value;
  return copy;
}

describe("readers of JSON documents", () => {
  for (const reader of [...readers, ...moreReaders]) {
    const { name, good, code, optional = [], free = [], keepsUnnamed = false } = reader;
    const refuses = async (json: string): Promise<void> => {
      const thrown = await refusal(reader, json);
      if (thrown === null) return expect.fail(`${name} takes ${json.slice(0, 300)}`);
      expect([code].flat(), json.slice(0, 300)).to.include(thrown.code);
    };

    it(`given a good document, when ${name} is read, then it is taken`, async () => {
      expect(await refusal(reader, JSON.stringify(good))).to.equal(null);
    });

    it(`given a field that is missing, when ${name} is read, then it is refused`, async () => {
      for (const field of Object.keys(good).filter((f) => !optional.includes(f))) {
        await refuses(JSON.stringify({ ...good, [field]: undefined }));
      }
    });

    it(`given a field of another type or a huge number, when ${name} is read, then it is refused`, async () => {
      for (const field of Object.keys(good)) {
        for (const value of ["[[]]", '{"a":{}}', "true", "1e999"]) {
          if (typeof good[field] === "boolean" && value === "true") continue;
          await refuses(withLast(good, field, value));
        }
      }
    });

    it(`given a field deep inside that is of another type, when ${name} is read, then it is refused`, async () => {
      for (const path of pathsOf(good).filter((at) => at.length > 1)) {
        for (const value of [[[]], { a: {} }]) {
          const json = JSON.stringify(replaced(good, path, value));
          const thrown = await refusal(reader, json);
          const isFree = free.includes(String(path.at(-1)));
          if (!isFree && thrown === null) expect.fail(`${name} takes ${json.slice(0, 300)}`);
          if (thrown !== null) expect([code].flat(), json.slice(0, 300)).to.include(thrown.code);
        }
      }
    });

    it(`given a field with a nest of 100,000 lists or a number of 400 digits, when ${name} is read, then it is refused`, async () => {
      const nest = "[".repeat(100_000) + "]".repeat(100_000);
      for (const field of Object.keys(good)) {
        for (const value of [nest, "9".repeat(400)]) await refuses(withLast(good, field, value));
      }
    });

    it(`given a field twice, when ${name} is read, then the last one counts or it is refused`, async () => {
      for (const [field, value] of Object.entries(good)) {
        const body = withLast(good, field, JSON.stringify(value)).slice(1);
        const thrown = await refusal(reader, `{${JSON.stringify(field)}:[[]],${body}`);
        if (thrown !== null) expect([code].flat()).to.include(thrown.code);
        await refuses(withLast(good, field, "[[]]"));
      }
    });

    it(`given a field that nothing names, when ${name} is read, then it is refused or changes nothing`, async () => {
      const json = withLast(good, "unnamed", '{"a":[1]}');
      const thrown = await refusal(reader, json);
      if (thrown !== null) return expect([code].flat()).to.include(thrown.code);
      const [plain, more] = [await reader.read(JSON.stringify(good)), await reader.read(json)];
      if (keepsUnnamed) expect(more).to.deep.equal({ ...(plain as object), unnamed: { a: [1] } });
      else expect(more).to.deep.equal(plain);
    });

    it(`given another format, when ${name} is read, then it is refused`, async () => {
      if (good.format === undefined) return refuses('{"format":"sipster/other@1"}');
      await refuses(JSON.stringify({ ...good, format: "sipster/other@1" }));
      await refuses(JSON.stringify({ ...good, format: `${String(good.format)}0` }));
    });

    it(`given what is not an object, when ${name} is read, then it is refused`, async () => {
      for (const json of ["", "{", "null", "[]", "5", '"x"', `[${JSON.stringify(good)}]`]) {
        await refuses(json);
      }
    });

    it(`given __proto__, when ${name} is read, then it stands for no field`, async () => {
      await refuses(`{"__proto__":${JSON.stringify(good)}}`);
      const json = `${JSON.stringify(good).slice(0, -1)},"__proto__":{"polluted":true}}`;
      await refusal(reader, json);
      expect(({} as { polluted?: unknown }).polluted).to.equal(undefined);
    });
  }
});
