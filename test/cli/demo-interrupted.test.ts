import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect } from "chai";
import {
  parseDeployment,
  settlementContract,
  VaultReader,
  type Deployment,
} from "../../src/chain/index.js";
import { serveLocalChain, type ServedChain } from "../../src/chain/node/index.js";
import { startScript } from "../support/child.js";
import { withPassphrase } from "../support/passphrase.js";
import { sipster } from "../support/recorded-io.js";

const child = resolve(import.meta.dirname, "command-child.ts");

describe("sipster demo that is killed while keys are registered", function () {
  this.timeout(300_000);
  withPassphrase();
  let chain: ServedChain;
  let folder: string;
  before(async () => {
    chain = await serveLocalChain();
  });
  after(() => chain.close());
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "sipster-demo-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** What the chain shows when the process is killed. */
  const moments: [string, (deployment: Deployment) => Promise<boolean>][] = [
    ["has the contracts", () => Promise.resolve(true)],
    [
      "has the receipt key",
      async (deployment) =>
        (await settlementContract(deployment, { provider: chain.provider }).keyEpochs()) > 0n,
    ],
    [
      "has the mint's keys",
      async (deployment) =>
        (await new VaultReader(chain.provider, deployment).nextMintKeys()).mintKeyId > 1,
    ],
  ];

  for (const [what, reached] of moments) {
    it(`given a chain that ${what}, when the folder is run again, then every bill settles`, async () => {
      const args = ["demo", "--homes", "1", "--rpc", chain.url, "--out", folder, "--json"];
      const running = startScript(child, args);
      running.stdout!.resume();
      const ended = once(running, "exit");
      const record = join(folder, "deployment.json");
      const isReached = async (): Promise<boolean> =>
        existsSync(record) && reached(parseDeployment(readFileSync(record, "utf8")));
      while (running.exitCode === null && !(await isReached())) {
        await new Promise((wake) => setTimeout(wake, 5));
      }
      running.kill("SIGKILL");
      const [, signal] = (await ended) as [number | null, string | null];
      expect(signal, "killed before it was done").to.equal("SIGKILL");

      const again = await sipster(...args);
      expect(again.code, again.err).to.equal(0);
      const { bills, audit } = JSON.parse(again.out) as {
        bills: { status: string }[];
        audit: { ok: boolean };
      };
      expect(bills.map(({ status }) => status)).to.deep.equal(["settled"]);
      expect(audit.ok).to.equal(true);
    });
  }
});
