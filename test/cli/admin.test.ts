import { expect } from "chai";
import { settlementContract } from "../../src/chain/index.js";
import { encodeTerms } from "../../src/sipster/index.js";
import { testMeter } from "../chain/fixture.js";
import { someTerms } from "../support/parameters.js";
import { sipster } from "../support/recorded-io.js";
import { ChainCommands } from "./chain-commands.js";

describe("sipster admin", () => {
  const w = new ChainCommands("sipster admin");
  beforeEach(w.saveRecord);

  const admin = (...args: string[]) => sipster("admin", ...args, ...w.deployments(), ...w.node());

  it("given a new holder, when a role is granted and revoked, then the history shows who held it", async () => {
    const holder = w.chain.accounts[4]!;
    const granted = await admin("grant", "treasurer", holder, "--json");
    expect(granted.code, granted.err).to.equal(0);
    expect((granted.json as { transactions: string[] }).transactions).to.have.length(1);
    const again = await admin("grant", "treasurer", holder);
    expect(again.out).to.contain("nothing was sent");
    const history = await sipster("admin", "history", ...w.deployments(), "--json");
    const { holders } = history.json as { holders: { role: string; holder: string }[] };
    expect(holders.filter((h) => h.role === "treasurer").map((h) => h.holder)).to.include(holder);
    expect((await admin("revoke", "treasurer", holder)).code).to.equal(0);
    const shown = await sipster("admin", "history", ...w.deployments());
    expect(shown.out).to.contain(
      `took from ${holder} the right to collect answered deposits (treasurer)`,
    );
  });

  it("given a pause, when a meter is registered, then it is refused until registrations resume", async () => {
    const meter = testMeter(w.system.random).address;
    expect((await admin("pause")).code).to.equal(0);
    const refused = await admin("register-meters", meter, "--json");
    expect(refused.code).not.to.equal(0);
    expect(refused.json).to.include({ code: "contract/EnforcedPause" });
    expect((await admin("unpause")).code).to.equal(0);
    const done = await admin("register-meters", meter);
    expect(done.code, done.err).to.equal(0);
    const retired = await admin("retire-meter", meter, "--after", "2027-01");
    expect(retired.code, retired.err).to.equal(0);
    const contract = settlementContract(w.system.deployment, w.chain);
    expect((await contract.meterOf(meter)).validUntil).to.equal(202701n);
  });

  it("given terms in a file, when announced, then their hash is on the chain; other bytes are refused", async () => {
    const file = w.writeFile("terms.json", new TextDecoder().decode(encodeTerms(someTerms)));
    const done = await admin("announce-terms", file);
    expect(done.code, done.err).to.equal(0);
    const contract = settlementContract(w.system.deployment, w.chain);
    expect(await contract.termsCount()).to.equal(1n);
    const other = w.writeFile(
      "other.json",
      `${new TextDecoder().decode(encodeTerms(someTerms))}\n`,
    );
    const refused = await admin("announce-terms", other, "--from", "2027-01", "--json");
    expect(refused.json).to.include({ code: "sipster/bad-parameters" });
  });

  it("given an unknown role, when granted, then the usage is explained and nothing is sent", async () => {
    const before = await w.system.sent();
    const refused = await admin("grant", "king", w.chain.accounts[4]!);
    expect(refused.code).to.equal(2);
    expect(await w.system.sent()).to.equal(before);
  });
});
