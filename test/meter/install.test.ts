import { expect } from "chai";
import { createMclBn254 } from "../../src/algebra/index.js";
import {
  FileMemory,
  MeterInstallation,
  TrustedMeter,
  VolatileMemory,
} from "../../src/meter/index.js";
import { commitToShare, openViewKey, termsHash } from "../../src/sipster/index.js";
import { expectError } from "../support/errors.js";
import {
  centPerKwh,
  flatTariff,
  installMeter,
  residentShare,
  settingsFor,
  type MeterOptions,
} from "../support/meter.js";
import { sharedTokenKey, system } from "../support/settlement.js";
import { temporaryDirectory } from "../support/temporary.js";
import { join } from "node:path";

const curve = await createMclBn254();

describe("installing a meter", () => {
  it("given an installed meter, changes nothing, whether asked to begin or to complete again", () => {
    const memory = new VolatileMemory();
    const first = new MeterInstallation(curve, memory, settingsFor());
    const second = new MeterInstallation(curve, memory, settingsFor());
    const { meter } = first.complete(residentShare);
    const { address } = meter;
    meter.advance(settingsFor().now, []);
    const before = memory.read();
    for (const again of [
      () => first.complete(residentShare),
      () => second.complete(new Uint8Array(32).fill(6)),
      () => new MeterInstallation(curve, memory, settingsFor()),
    ]) {
      expectError(again, "meter/already-installed");
    }
    expect(memory.read()).to.deep.equal(before);
    expect(new TrustedMeter(curve, memory, [centPerKwh]).address).to.equal(address);
  });

  it("the meter's share opens its commitment; the resident refuses every other share", () => {
    const installation = new MeterInstallation(curve, new VolatileMemory(), settingsFor());
    const { commitment } = installation;
    const { meterShare } = installation.complete(residentShare);
    openViewKey(system.systemId, { commitment, meterShare, residentShare });
    const other = meterShare.slice();
    other[0]! ^= 1;
    expectError(
      () => openViewKey(system.systemId, { commitment, meterShare: other, residentShare }),
      "sipster/broken-commitment",
    );
  });

  it("no two meters commit to one share, and none to a share of zeros", () => {
    const commitments = Array.from({ length: 5 }, () => {
      const { commitment } = new MeterInstallation(curve, new VolatileMemory(), settingsFor());
      return Buffer.from(commitment).toString("hex");
    });
    expect(new Set(commitments).size).to.equal(5);
    expectError(() => commitToShare(new Uint8Array(32)), "sipster/bad-view-key");
  });

  it("given a resident's share of zeros, or of another length, installs nothing", () => {
    for (const share of [new Uint8Array(32), new Uint8Array(31), new Uint8Array(33).fill(1)]) {
      const memory = new VolatileMemory();
      const installation = new MeterInstallation(curve, memory, settingsFor());
      expectError(() => installation.complete(share), "sipster/bad-view-key");
      expect(memory.read()).to.equal(null);
    }
  });

  const wrong: [string, MeterOptions, Partial<ReturnType<typeof settingsFor>>, string][] = [
    ["a tariff that the terms do not name", {}, { tariff: flatTariff("0.02") }, "meter/bad-terms"],
    ["a token key in the hash-bound suite", {}, { tokenKey: sharedTokenKey }, "meter/bad-terms"],
    [
      "no token key in the classic suite",
      { suite: "classic" },
      { tokenKey: null },
      "meter/bad-terms",
    ],
  ];
  for (const [what, options, changed, code] of wrong) {
    it(`given ${what}, installs nothing`, () => {
      const memory = new VolatileMemory();
      const settings = { ...settingsFor(options), ...changed };
      expectError(() => new MeterInstallation(curve, memory, settings), code);
      expect(memory.read()).to.equal(null);
    });
  }

  it("the meter says by which terms it was installed, so that the wallet can compare them", () => {
    const { meter } = installMeter(curve);
    const { termsHash: held, tariffs } = meter.status;
    expect(`0x${Buffer.from(held).toString("hex")}`).to.equal(termsHash(settingsFor().terms));
    expect(tariffs).to.have.length(1);
  });

  it("gives its share again to who has the resident's share, and to nobody else", () => {
    const { meter, viewKey } = installMeter(curve);
    const meterShare = meter.shareFor(residentShare);
    const commitment = commitToShare(meterShare);
    expect(openViewKey(system.systemId, { commitment, meterShare, residentShare })).to.deep.equal(
      viewKey,
    );
    for (const share of [new Uint8Array(32), new Uint8Array(32).fill(6), new Uint8Array()]) {
      expectError(() => meter.shareFor(share), "meter/wrong-share");
    }
  });
});

describe("two processes and one meter's memory", () => {
  const directory = temporaryDirectory();

  it("the second one is refused, also in the same process, and the first goes on", () => {
    const path = join(directory(), "meter");
    const memory = new FileMemory(path);
    const home = installMeter(curve, memory);
    expectError(() => new FileMemory(path), "store/locked");
    home.use(150_000);
    memory.close();
    const again = new FileMemory(path);
    expect(new TrustedMeter(curve, again, [centPerKwh]).status.units).to.equal(100n);
    again.close();
  });
});
