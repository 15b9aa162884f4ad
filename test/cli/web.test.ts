import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { writeDeployment } from "../../src/chain/index.js";
import { parseWebConfig } from "../../src/pages/index.js";
import { sipster } from "../support/recorded-io.js";
import { killCommands, startCommand } from "../support/serving-command.js";
import { temporaryDirectory } from "../support/temporary.js";
import { startWorld, type World } from "../pages/support/world.js";

describe("sipster web", () => {
  const directory = temporaryDirectory();
  let world: World;
  afterEach(killCommands);
  before(async () => {
    world = await startWorld({ meters: 1 });
  });
  after(async () => {
    await world.close();
  });

  function options(): string[] {
    const record = join(directory(), "record.json");
    writeFileSync(record, writeDeployment(world.deployment));
    return ["web", "--rpc", world.chain.url, "--deployment", record];
  }

  it("writes the pages into a folder, for one deployment", async () => {
    const folder = join(directory(), "public");
    const named = [
      "--chain-name",
      "Town chain",
      "--currency",
      "TWN",
      "--relayer",
      "https://relay.example",
      ...["--explorer", "https://explorer.example", "--compare", "https://second.example"],
      ...["--finality", "2"],
    ];
    const { code, out } = await sipster(...options(), "--out", folder, ...named);
    expect(code).to.equal(0);
    expect(out).to.contain(folder);
    expect(readdirSync(folder)).to.include.members(["index.html", "assets", "sipster-web.json"]);
    const config = parseWebConfig(readFileSync(join(folder, "sipster-web.json"), "utf8"));
    expect(config).to.deep.equal({
      deployment: world.deployment,
      rpcUrl: world.chain.url,
      relayUrl: "https://relay.example",
      explorerUrl: "https://explorer.example",
      compareUrl: "https://second.example",
      finality: { rule: "confirmations", blocks: 2 },
      chainName: "Town chain",
      currency: "TWN",
    });
    const again = await sipster(...options(), "--out", folder, "--json");
    expect(again.code).to.equal(2);
    expect(JSON.parse(again.out)).to.include({ code: "web/folder-not-empty" });
  });

  it("serves the pages until it is told to stop", async () => {
    const { json, stop } = await startCommand<{ settle: string }>(...options(), "--port", "0");
    const url = json.settle;
    expect(await (await fetch(url)).text()).to.contain("<title>Sipster</title>");
    expect(json).to.deep.equal({
      format: "sipster/web-server@1",
      settle: url,
      audit: `${url}#/audit`,
    });
    expect(await stop("SIGTERM")).to.equal(0);
  });

  it("serves nothing for a deployment that is not on the node's chain", async () => {
    const other = await startWorld({ meters: 1 });
    const { code } = await sipster(...options().with(2, other.chain.url), "--json");
    expect(code).to.equal(65);
    await other.close();
  });
});
