/**
 * The folder of a town, which stays when the town has ended:
 *
 *   town.json                what it was made with
 *   state.json               what it said last, without secrets; the whole result when it is over
 *   passphrase               seals every secret below (mode 0600): a town is a rehearsal, not a safe
 *   tariff.json
 *   deployments/             the record of the deployment
 *   chain/blocks.jsonl       the chain: a block a line, with its transactions and events
 *   utility/                 the utility's folder: keys, terms, books of counter and mint
 *   relay/queue              what the relayer took
 *   homes/<n>/home.json      which home of the readings this is
 *   homes/<n>/readings.csv   what its meter measures
 *   homes/<n>/meter/         the meter's folder
 *   homes/<n>/wallet/        the wallet's folder
 *   homes/<n>/rounds.jsonl   what the wallet said of each round
 *   logs/<role>.log          what each process said; of meters and wallets <role>-<n>.log
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import * as v from "valibot";
import { countField, readJson } from "../json/index.js";
import { canonicalTariff, type Tariff } from "../tariff/index.js";
import { readFileIfPresent, replaceFile } from "../store/index.js";
import { Keyring } from "../keystore/index.js";
import { townErrors } from "./errors.js";

const stateField = v.looseObject({ format: v.literal("sipster/town-state@1"), pid: countField });

/** Stretching that takes a moment: the passphrase lies beside what it seals. */
const TOY_COST = 2 ** 12;

export class TownFolder {
  constructor(readonly path: string) {}

  /** Makes the folder. @throws town/folder-in-use */
  create(made: object): void {
    mkdirSync(this.path, { recursive: true, mode: 0o700 });
    if (readFileIfPresent(this.at("town.json")) !== null) {
      throw townErrors.error("folder-in-use", `${this.path} holds a town`);
    }
    for (const name of ["chain", "utility", "relay", "homes", "logs"]) {
      mkdirSync(this.at(name), { mode: 0o700 });
    }
    this.writeJson("town.json", { format: "sipster/town-made@1", ...made });
    writeFileSync(this.at("passphrase"), `${randomBytes(16).toString("hex")}\n`, { mode: 0o600 });
  }

  at(...names: string[]): string {
    return join(this.path, ...names);
  }

  home(number: number, ...names: string[]): string {
    return this.at("homes", String(number), ...names);
  }

  /** The option that every role's command takes. */
  get passphrase(): readonly string[] {
    return ["--passphrase-file", this.at("passphrase")];
  }

  /** Makes the keyring of a role's folder, before the role does. */
  async keyring(folder: string): Promise<void> {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const passphrase = new TextDecoder().decode(readFileIfPresent(this.at("passphrase"))!).trim();
    await Keyring.open(join(folder, "keyring.json"), passphrase, TOY_COST);
  }

  writeTariff(tariff: Tariff): string {
    const file = this.at("tariff.json");
    replaceFile(file, Buffer.from(canonicalTariff(tariff)));
    return file;
  }

  writeJson(name: string, value: object): void {
    replaceFile(this.at(name), Buffer.from(`${JSON.stringify(value, null, 2)}\n`));
  }

  /** @throws town/not-a-town */
  readState(): { readonly format: "sipster/town-state@1"; readonly pid: number } {
    const bytes = readFileIfPresent(this.at("state.json"));
    if (bytes === null) throw townErrors.error("not-a-town", `${this.path} holds no town`);
    return readJson(stateField, bytes, (why) =>
      townErrors.error("not-a-town", `state.json in ${this.path} ${why}`),
    );
  }
}
