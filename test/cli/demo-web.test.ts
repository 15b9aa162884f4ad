import { httpErrors } from "../../src/http/index.js";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { audit, connectRpc, type Deployment } from "../../src/chain/index.js";
import { serveLocalChain } from "../../src/chain/node/index.js";
import type { DemoAddresses } from "../../src/cli/demo/pages.js";
import { preferred } from "../../src/demo/preferred-port.js";
import { parseWebConfig, webErrors, type WebConfig } from "../../src/pages/index.js";
import { sipster } from "../support/recorded-io.js";
import { killCommands, startCommand } from "../support/serving-command.js";
import { withPassphrase } from "../support/passphrase.js";
import { temporaryDirectory } from "../support/temporary.js";

interface Printed {
  readonly bills: readonly { readonly meter: string; readonly status: string }[];
  readonly web: DemoAddresses;
}

async function configOf({ settle }: DemoAddresses): Promise<WebConfig> {
  return parseWebConfig(await (await fetch(`${settle}sipster-web.json`)).text());
}

/** Hands each bill file to the relayer, and resolves when the chain has settled them all. */
async function relayAll({ bills, relayer, rpc }: DemoAddresses, deployment: Deployment) {
  for (const name of readdirSync(bills)) {
    const body = readFileSync(join(bills, name), "utf8");
    const { status } = await fetch(`${relayer}/bills`, { method: "POST", body });
    expect(status).to.equal(202);
  }
  const node = await connectRpc(rpc);
  try {
    for (;;) {
      const { settlements, ok } = await audit(node, deployment);
      if (settlements.length === readdirSync(bills).length) return { settlements, ok };
      await new Promise((resume) => setTimeout(resume, 200));
    }
  } finally {
    node.destroy();
  }
}

const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    () => true,
    () => false,
  );

describe("sipster demo --web", function () {
  withPassphrase();
  this.timeout(120_000);
  const directory = temporaryDirectory();
  afterEach(killCommands);
  const homes = ["--homes", "2", "--unit", "100"];

  it("leaves chain, pages, relayer and bills to be settled, until Ctrl-C", async () => {
    const command = await startCommand<Printed>("demo", "--web", "--no-settle", ...homes);
    const { bills, web } = command.json;
    expect(bills.map((b) => b.status)).to.deep.equal(["ready", "ready"]);
    expect(web.audit).to.equal(`${web.settle}#/audit`);
    expect(await (await fetch(web.settle)).text()).to.contain("<title>Sipster</title>");
    const { deployment, rpcUrl, relayUrl } = await configOf(web);
    expect({ rpcUrl, relayUrl }).to.deep.equal({ rpcUrl: web.rpc, relayUrl: web.relayer });
    for (const url of [web.settle, web.rpc, web.relayer!])
      expect(new URL(url).hostname).to.equal("127.0.0.1");

    const { settlements, ok } = await relayAll(web, deployment);
    expect(ok).to.equal(true);
    const meters = settlements.map(({ meter }) => meter.toLowerCase()).sort();
    expect(meters).to.deep.equal(bills.map(({ meter }) => meter.toLowerCase()).sort());

    expect(await command.stop("SIGINT")).to.equal(0);
    expect(existsSync(web.bills)).to.equal(false);
    for (const url of [web.settle, web.rpc, web.relayer!])
      expect(await answers(url), url).to.equal(false);
  });

  it("serves the pages for a chain that is there, and leaves that and its folder alone", async () => {
    const chain = await serveLocalChain();
    const out = join(directory(), "town");
    const args = [...homes, "--rpc", chain.url, "--out", out];
    const command = await startCommand<Printed>("demo", "--web", ...args);
    const { bills, web } = command.json;
    expect(bills.map((b) => b.status)).to.deep.equal(["settled", "settled"]);
    expect(web.rpc).to.equal(chain.url);
    expect(web.bills).to.equal(join(out, "bills"));
    expect(web.relayer).to.be.a("string");
    expect(await command.stop("SIGTERM")).to.equal(0);
    expect(readdirSync(web.bills)).to.have.length(2);
    expect(await answers(chain.url)).to.equal(true);
    await chain.close();
  });

  it("has no relayer where the node has no second account", async () => {
    const chain = await serveLocalChain({ accounts: 1 });
    const args = ["--homes", "1", "--unit", "200", "--no-settle", "--rpc", chain.url];
    const command = await startCommand<Printed>("demo", "--web", ...args);
    const { web } = command.json;
    expect(web.relayer).to.equal(null);
    expect(await configOf(web)).not.to.have.property("relayUrl");
    expect(await command.stop("SIGINT")).to.equal(0);
    await chain.close();
  });

  it("tells people where everything is", async () => {
    const listeners = process.listenerCount("SIGINT");
    const stopWhenServed = setInterval(() => {
      if (process.listenerCount("SIGINT") > listeners) process.emit("SIGINT");
    }, 200);
    const { code, out } = await sipster("demo", "--web", "--homes", "1", "--unit", "200");
    clearInterval(stopWhenServed);
    expect(code).to.equal(0);
    expect(out).to.match(/settle bills +http:\/\/127\.0\.0\.1:\d+\/\n/);
    expect(out).to.match(/audit settlements +http:\/\/127\.0\.0\.1:\d+\/#\/audit\n/);
    expect(out).to.match(/node +http:\/\/127\.0\.0\.1:\d+\n/);
    expect(out).to.match(/relayer +http:\/\/127\.0\.0\.1:\d+\n/);
    expect(out).to.match(/bill files +\S+bills/);
  });

  it("takes another port where the usual one is taken, and for no other reason", async () => {
    const taken = httpErrors.error("port-unusable", "taken");
    const tried: number[] = [];
    const serve = (port: number): Promise<number> => {
      tried.push(port);
      return port === 8640 ? Promise.reject(taken) : Promise.resolve(port);
    };
    expect(await preferred(8641, serve)).to.equal(8641);
    expect(await preferred(8640, serve)).to.equal(0);
    expect(tried).to.deep.equal([8641, 8640, 0]);
    const other = webErrors.error("not-built", "not built");
    const fail = (port: number): Promise<number> =>
      port === 0 ? Promise.resolve(0) : Promise.reject(other);
    expect(await preferred(1, fail).catch((error: unknown) => error)).to.equal(other);
  });
});
