/**
 * A meter's folder:
 *
 *   terms.json          the public parameters that it is installed with
 *   tariffs/HASH.json   tariffs that it prices by (public)
 *   token.key           classic suite: the token key of all meters (secret)
 *   memory.store        the trusted part's memory (secret)
 *   link.store          the key of the paired wallet's channel (secret)
 *   status.json         what it showed last, without secrets
 *   order.json          what an operator wants it to do, until it is taken
 */
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import * as v from "valibot";
import { readJson } from "../../json/index.js";
import { FileMemory, meterErrors } from "../../meter/index.js";
import { encodeTerms, parseTerms, type SystemTerms } from "../../sipster/index.js";
import { readFileIfPresent, replaceFile } from "../../store/index.js";
import { canonicalTariff, readTariff, tariffHash, type Tariff } from "../../tariff/index.js";
import { cliErrors } from "../errors.js";
import { toJson } from "../io.js";

export class MeterFolder {
  constructor(readonly path: string) {}

  /** Writes what a new meter needs. @throws meter/already-installed where there is one */
  create(terms: SystemTerms, tariff: Tariff, tokenKey: Uint8Array | null): void {
    if (readFileIfPresent(this.#at("terms.json")) !== null) {
      throw meterErrors.error("already-installed", `${this.path} holds a meter already`);
    }
    mkdirSync(this.#at("tariffs"), { recursive: true, mode: 0o700 });
    this.keepTariff(tariff);
    if (tokenKey !== null) replaceFile(this.#at("token.key"), tokenKey);
    replaceFile(this.#at("terms.json"), encodeTerms(terms));
  }

  /** @throws meter/not-installed */
  terms(): SystemTerms {
    const bytes = readFileIfPresent(this.#at("terms.json"));
    if (bytes !== null) return parseTerms(bytes);
    throw meterErrors.error("not-installed", `${this.path} holds no meter: run sipster meter init`);
  }

  /** All that are kept; the first is the one the terms name for installing. */
  async tariffs({ tariffs: named }: SystemTerms): Promise<Tariff[]> {
    const names = readdirSync(this.#at("tariffs"));
    const all: Tariff[] = [];
    for (const name of names) all.push(await readTariff(this.#at(join("tariffs", name))));
    const rank = (t: Tariff): number => (named.includes(tariffHash(t)) ? 0 : 1);
    return all.sort((a, b) => rank(a) - rank(b));
  }

  keepTariff(tariff: Tariff): void {
    const name = join("tariffs", `${tariffHash(tariff).slice(2)}.json`);
    replaceFile(this.#at(name), utf8ToBytes(canonicalTariff(tariff)));
  }

  tokenKey(): Uint8Array | null {
    return readFileIfPresent(this.#at("token.key"));
  }

  /** @throws store/locked while another process runs this meter */
  memory(): FileMemory {
    return new FileMemory(this.#at("memory.store"));
  }

  link(): FileMemory {
    return new FileMemory(this.#at("link.store"));
  }

  writeStatus(status: object): void {
    replaceFile(this.#at("status.json"), utf8ToBytes(`${toJson(status)}\n`));
  }

  readStatus(): object | null {
    const bytes = readFileIfPresent(this.#at("status.json"));
    if (bytes === null) return null;
    return readJson(v.looseObject({}), bytes, (why) =>
      cliErrors.error("damaged-file", `status.json in ${this.path} ${why}`),
    );
  }

  writeOrder(order: object): void {
    replaceFile(this.#at("order.json"), utf8ToBytes(`${toJson(order)}\n`));
  }

  /** The order that waits, which is gone afterwards; `null` if there is none. */
  takeOrder(): Uint8Array | null {
    const bytes = readFileIfPresent(this.#at("order.json"));
    if (bytes !== null) rmSync(this.#at("order.json"));
    return bytes;
  }

  #at(name: string): string {
    return join(this.path, name);
  }
}
