import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { expect } from "chai";
import { parseDeployment } from "../../src/chain/index.js";
import { serveLocalChain } from "../../src/chain/node/index.js";
import { sipster } from "../support/recorded-io.js";

import { ChainCommands } from "./chain-commands.js";

describe("sipster deploy", () => {
  const w = new ChainCommands("sipster deploy");

  describe("deploy", () => {
    it("writes the record, and does nothing the second time", async () => {
      const first = await sipster("deploy", ...w.deployments(), ...w.node(), "--json");
      expect(first.code, first.err).to.equal(0);
      const document = first.json as { format: string; status: string; file: string };
      expect(document).to.include({ format: "sipster/deploy@1", status: "deployed" });
      const record = readFileSync(w.path("deployments", "31337.json"), "utf8");
      expect(document.file).to.equal(w.path("deployments", "31337.json"));
      const { settlement } = parseDeployment(record).contracts;
      const before = await w.system.sent();
      const second = await sipster("deploy", ...w.deployments(), ...w.node());
      expect(second.code, second.err).to.equal(0);
      expect(second.out).to.contain("Already deployed").and.to.contain(settlement.address);
      expect(await w.system.sent()).to.equal(before);
      expect(readFileSync(w.path("deployments", "31337.json"), "utf8")).to.equal(record);
    });

    it("gives roles, periods and token as told, and refuses others the second time", async () => {
      const [, , admin, mint] = w.chain.accounts as [string, string, string, string];
      const told = ["--role", `admin=${admin}`, "--role", `mint=${mint}`, "--lead", "3"];
      const token = ["--token", w.system.deployment.contracts.token.address];
      const first = await sipster("deploy", ...w.deployments(), ...w.node(), ...told, ...token);
      expect(first.code, first.err).to.equal(0);
      const record = parseDeployment(readFileSync(w.path("deployments", "31337.json"), "utf8"));
      expect(record.roles).to.include({ admin, mint, treasurer: w.chain.accounts[0] });
      expect(record.lead).to.equal(3);
      expect(record.contracts.token.address).to.equal(w.system.deployment.contracts.token.address);
      const second = await sipster("deploy", ...w.deployments(), ...w.node(), ...token, "--json");
      expect(second.code).to.equal(2);
      expect(second.json).to.include({ code: "chain/deployment-differs" });
    });

    it("believes a record without its journal only if the chain agrees", async () => {
      w.saveRecord();
      const known = await sipster("deploy", ...w.deployments(), ...w.node());
      expect(known.code, known.err).to.equal(0);
      expect(known.out).to.contain("Already deployed");
      const file = w.path("deployments", "31337.json");
      const { settlement, vault } = w.system.deployment.contracts;
      const text = readFileSync(file, "utf8");
      writeFileSync(file, text.replace(settlement.address, vault.address));
      const other = await sipster("deploy", ...w.deployments(), ...w.node(), "--json");
      expect(other.code).to.equal(65);
      expect(other.json).to.include({ code: "chain/other-contract" });
    });

    it("deploys again on a chain that was started again, and keeps the earlier record", async () => {
      w.saveRecord();
      const restarted = await serveLocalChain();
      const { genesisHash } = w.system.deployment;
      const again = ["--rpc", restarted.url, "--deployments", w.path("deployments")];
      const settle = await sipster(
        "settle",
        w.billFile(w.system.bills(1)[0]!),
        ...again,
        ...w.node(),
      );
      expect(settle.code).to.equal(65);
      expect(settle.err).to.contain("chain/chain-restarted");
      const { code, err } = await sipster("deploy", ...again, ...w.node());
      expect(code, err).to.equal(0);
      expect(err).to.contain("restarted");
      expect(existsSync(w.path("deployments", `31337-${genesisHash.slice(2, 10)}.json`))).to.equal(
        true,
      );
      const record = parseDeployment(readFileSync(w.path("deployments", "31337.json"), "utf8"));
      expect(record.genesisHash).to.not.equal(genesisHash);
      await restarted.close();
    });

    it("wrong usage", async () => {
      const cases = [
        ["deploy"],
        ["deploy", ...w.deployments(), ...w.node(), "--role", "king=0x00"],
        ["deploy", ...w.deployments(), ...w.node(), "--role", "admin=nobody"],
        ["deploy", ...w.deployments(), ...w.node(), "--activation-delay", "soon"],
        ["deploy", ...w.deployments()],
        ["deploy", ...w.deployments(), "--account", "me"],
        ["deploy", ...w.deployments(), "--account", `0x${"77".repeat(20)}`],
        ["deploy", ...w.deployments(), ...w.node(), "--key-file", "key"],
        ["deploy", "--rpc", "localhost", ...w.node()],
      ];
      for (const args of cases) {
        const { code, out } = await sipster(...args);
        expect(code, args.join(" ")).to.equal(2);
        expect(out).to.equal("");
      }
    });
  });
});
