/** Reading JSON objects field by field: each value is of its type, or the error names the field. */
import { isHexString } from "ethers";

/** Makes the error for what is wrong: "is not JSON", "has no field …", "field … is not …". */
type Fault = (why: string) => Error;

export class Fields {
  private constructor(
    private readonly values: Readonly<Record<string, unknown>>,
    private readonly path: string,
    private readonly fault: Fault,
  ) {}

  /** The fields of a JSON text. @throws what `fault` makes */
  static parse(text: string, fault: Fault): Fields {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      throw fault("is not JSON");
    }
    return Fields.of(value, "", fault);
  }

  private static of(value: unknown, path: string, fault: Fault): Fields {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw fault(path === "" ? "is not a JSON object" : `field "${path}" is not an object`);
    }
    return new Fields(value as Record<string, unknown>, path, fault);
  }

  literal(name: string, expected: string): void {
    const value = this.values[name];
    if (value !== expected) {
      throw this.bad(name, `is ${JSON.stringify(value) ?? "missing"} and not "${expected}"`);
    }
  }

  /** 0x and `bytes` bytes in hexadecimal; in lower case. */
  hex(name: string, bytes: number): string {
    const value = this.values[name];
    if (isHexString(value, bytes)) return value.toLowerCase();
    throw this.bad(name, `is not ${bytes} bytes in hexadecimal`);
  }

  /** A non-negative integer written as a decimal string. */
  decimal(name: string): bigint {
    const value = this.values[name];
    if (typeof value === "string" && /^[0-9]{1,78}$/.test(value)) return BigInt(value);
    throw this.bad(name, "is not a decimal string");
  }

  /** A non-negative integer that a JSON number holds exactly. */
  integer(name: string): number {
    const value = this.values[name];
    if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
    throw this.bad(name, "is not a non-negative integer");
  }

  text(name: string): string {
    const value = this.values[name];
    if (typeof value === "string") return value;
    throw this.bad(name, "is not a text");
  }

  object(name: string): Fields {
    return Fields.of(this.values[name], this.nameOf(name), this.fault);
  }

  /** The objects of an array. */
  objects(name: string): Fields[] {
    const value = this.values[name];
    if (!Array.isArray(value)) throw this.bad(name, "is not an array");
    return value.map((item, i) => Fields.of(item, `${this.nameOf(name)}[${i}]`, this.fault));
  }

  /** What `read` reads, or `undefined` when there is no such field. */
  optional<T>(name: string, read: (fields: this, name: string) => T): T | undefined {
    return this.values[name] === undefined ? undefined : read(this, name);
  }

  /** What `read` reads, or `null` when that is what the field holds. */
  nullable<T>(name: string, read: (fields: this, name: string) => T): T | null {
    return this.values[name] === null ? null : read(this, name);
  }

  private nameOf(name: string): string {
    return this.path === "" ? name : `${this.path}.${name}`;
  }

  private bad(name: string, why: string): Error {
    return this.fault(`field "${this.nameOf(name)}" ${why}`);
  }
}
