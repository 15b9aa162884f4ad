/** A small neighbourhood for tests: meters, registrar, keys, and a control centre on a scratch disk. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ControlCentre } from "../../src/ledger/control-centre.js";
import { ORDER } from "../../src/ledger/curve.js";
import { Registrar } from "../../src/ledger/enrolment.js";
import { LedgerMeter } from "../../src/ledger/meter.js";
import {
  ledgerId,
  StatementSigner,
  StatementVerifier,
  type LedgerDomain,
} from "../../src/ledger/statements.js";
import { TestRandom } from "../support/random.js";

export const domain: LedgerDomain = {
  chainId: 31337n,
  contract: "0x5fbdb2315678afecb367f032d93f642f64180aa3",
};
export const ledger = ledgerId(domain);
export const verifier = new StatementVerifier(domain);

export class TestNeighbourhood {
  readonly random: TestRandom;
  readonly meters: readonly LedgerMeter[];
  readonly controlCentreKey: StatementSigner;
  readonly providerKey: StatementSigner;

  constructor(
    seed: string,
    readonly homes: number,
  ) {
    this.random = new TestRandom(seed);
    this.controlCentreKey = new StatementSigner(domain, this.random.bytes(32));
    this.providerKey = new StatementSigner(domain, this.random.bytes(32));
    this.meters = Array.from({ length: homes }, () => {
      const secretKey = 1n + this.random.below(ORDER - 1n);
      return new LedgerMeter(ledger, { secretKey, root: this.random.bytes(32) });
    });
  }

  /** A registrar that has seen every meter as it is now. */
  registrar(): Registrar {
    const registrar = new Registrar();
    for (const meter of this.meters) registrar.enrol(meter.enrolment());
    return registrar;
  }

  openControlCentre(directory: string, k = 1): Promise<ControlCentre> {
    return ControlCentre.open({
      directory,
      signer: this.controlCentreKey,
      ledger,
      k,
      initialAverage: 200n,
    });
  }
}

/** Runs `body` with a directory that is removed afterwards. */
export async function withDirectory<T>(body: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), "sipster-ledger-"));
  try {
    return await body(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}
