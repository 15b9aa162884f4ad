import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { getAddress } from "ethers";
import {
  DEPLOYMENT_FORMAT,
  writeDeployment,
  type Deployment,
} from "../../src/chain/deploy/deployment.js";
import {
  readDeployment,
  recordFile,
  saveDeployment,
} from "../../src/chain/node/deployment-files.js";
import { fileJournal } from "../../src/chain/node/file-journal.js";
import { expectRejection } from "../support/errors.js";
import { temporaryDirectory } from "../support/temporary.js";

describe("files of the chain commands", () => {
  const directory = temporaryDirectory();
  const hash = (byte: string) => `0x${byte.repeat(32)}`;

  function deployment(genesis: string): Deployment {
    const holder = `0x${"11".repeat(20)}`;
    const contract = { address: holder, codeHash: hash("22"), abiHash: hash("33") };
    return {
      chainId: 31337n,
      genesisHash: hash(genesis),
      block: 1,
      contracts: { settlement: contract, vault: contract, token: contract, orderBoard: contract },
      roles: {
        admin: holder,
        keyRegistrar: holder,
        meterRegistrar: holder,
        parameterRegistrar: holder,
        pauser: holder,
        mint: holder,
        treasurer: holder,
      },
      noticeSigner: getAddress(`0x${"4e".repeat(20)}`),
      lead: 0,
    };
  }

  it("a record is read as it was written, and names its format", async () => {
    const file = await saveDeployment(directory(), deployment("aa"));
    expect(file).to.equal(recordFile(directory(), 31337n));
    expect(await readDeployment(file)).to.deep.equal(deployment("aa"));
    const raw = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
    expect(raw).to.include({ format: DEPLOYMENT_FORMAT, chainId: "31337" });
    expect(raw.systemId).to.match(/^0x[0-9a-f]{64}$/);
    expect(readdirSync(directory())).to.deep.equal(["31337.json"]);
  });

  it("the record of a chain that was started again does not replace the earlier one", async () => {
    await saveDeployment(directory(), deployment("aa"));
    await saveDeployment(directory(), deployment("bb"));
    expect(readdirSync(directory()).toSorted()).to.deep.equal([
      "31337-aaaaaaaa.json",
      "31337.json",
    ]);
    const earlier = await readDeployment(join(directory(), "31337-aaaaaaaa.json"));
    expect(earlier.genesisHash).to.equal(hash("aa"));
  });

  it("a damaged record stops a second deployment from covering it up", async () => {
    const file = recordFile(directory(), 31337n);
    const text = writeDeployment(deployment("aa")).slice(0, -20);
    writeFileSync(file, text);
    await expectRejection(saveDeployment(directory(), deployment("aa")), "chain/bad-deployment");
    expect(readFileSync(file, "utf8")).to.equal(text);
  });

  it("pending transactions: one file each, private, gone when they are mined", async () => {
    const folder = join(directory(), "pending");
    const journal = fileJournal(folder);
    expect(await journal.list()).to.deep.equal([]);
    const from = `0x${"11".repeat(20)}`;
    await journal.add({ hash: hash("01"), from, nonce: 1 });
    await journal.add({ hash: hash("02"), from, nonce: 2 });
    expect(statSync(join(folder, `${hash("01")}.json`)).mode & 0o777).to.equal(0o600);
    const other = fileJournal(folder);
    expect((await other.list()).toSorted((a, b) => a.nonce - b.nonce)).to.deep.equal([
      { hash: hash("01"), from, nonce: 1 },
      { hash: hash("02"), from, nonce: 2 },
    ]);
    await other.remove(hash("01"));
    await other.remove(hash("01"));
    expect(await journal.list()).to.have.length(1);
  });

  it("a damaged record of a pending transaction is named", async () => {
    writeFileSync(join(directory(), `${hash("01")}.json`), "{}");
    const error = await expectRejection(fileJournal(directory()).list(), "chain/bad-journal");
    expect(error.details.file).to.equal(`${hash("01")}.json`);
  });
});
