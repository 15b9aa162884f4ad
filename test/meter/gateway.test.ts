import { once } from "node:events";
import { connect } from "node:net";
import { expect } from "chai";
import {
  MeterClient,
  pairWithMeter,
  VolatileMemory,
  type PairedMeter,
} from "../../src/meter/index.js";
import { encodeMeterRequest, type MeterRequest } from "../../src/meter/gateway/messages.js";
import { SecureChannel } from "../../src/meter/gateway/secure-channel.js";
import { newPairingCode, pairingKey } from "../../src/meter/gateway/pairing-code.js";
import {
  combine,
  signMeterNotice,
  verifyCombined,
  type SystemTerms,
  type TimeNotice,
} from "../../src/sipster/index.js";
import { tariffHash } from "../../src/tariff/index.js";
import { expectRejection } from "../support/errors.js";
import {
  FEBRUARY,
  flatTariff,
  HALF_HOUR,
  installMeter,
  keyNotice,
  MARCH,
  noticeKey,
  residentShare,
  termsFor,
  unitsOf,
} from "../support/meter.js";
import { curve, tap, TestGateway } from "../support/meter-gateway.js";
import { system, world } from "../support/settlement.js";

const hashOf = (tariff: Parameters<typeof tariffHash>[0]): Uint8Array =>
  Buffer.from(tariffHash(tariff).slice(2), "hex");

describe("a meter on the home network", function () {
  this.timeout(30_000);
  let g: TestGateway;
  beforeEach(async () => {
    g = await TestGateway.start();
  });
  afterEach(async () => {
    await g.close();
    expect(g.faults).to.deep.equal([]);
  });

  const pair = (code: string, address = g.address, share = residentShare): Promise<PairedMeter> =>
    pairWithMeter(address, { code, residentShare: share, terms: g.terms }, () => undefined);
  const open = (paired: PairedMeter, address = g.address): Promise<MeterClient> =>
    MeterClient.connect(address, { curve, terms: g.terms, paired });
  /** Paired, following the first key epoch, with 250 kWh in January. */
  async function metered(): Promise<{ paired: PairedMeter; client: MeterClient }> {
    const paired = await pair(g.server.newCode());
    const client = await open(paired);
    await client.followKeyNotice(keyNotice(1, 0));
    g.source.use(250_000);
    g.goTo(FEBRUARY);
    return { paired, client };
  }

  it("pairs by its code, which installs it, and gives tokens and a bill that settles", async () => {
    const { paired, client } = await metered();
    const status = await client.status();
    expect([status.open, status.closed]).to.deep.equal([201302, [201301]]);
    expect(status.address).to.equal(paired.meter);
    const numbered = await client.tokens(201301);
    expect(numbered.map(({ number }) => number)).to.deep.equal([0, 1, 0, 1, 2, 3, 4]);
    const tokens = numbered.map(({ token }) => token);
    expect(unitsOf(tokens)).to.equal(250);
    expect((await client.tokens(201301, 2)).length).to.equal(numbered.length - 2);
    const w = world({ curve, name: "hash-bound" });
    const { bill, blinding } = await client.bill(201301);
    const receipts = tokens.map((t) => w.issuer.issue(t));
    const combined = combine({ curve, receipts, blinding, key: w.key });
    expect(verifyCombined({ curve, key: w.key, r: curve.g1.decode(bill.r), combined })).to.equal(
      true,
    );
    client.close();
  });

  it("hands over a thousand tokens in pieces", async () => {
    const { client } = await metered();
    g.source.use(100_900_000);
    g.goTo(MARCH);
    const tokens = await client.tokens(201302);
    expect(tokens.length).to.equal(1009 + 0);
    expect(unitsOf(tokens.map(({ token }) => token))).to.equal(100_900);
    client.close();
  });

  it("given a gateway that makes up tokens, numbers them otherwise or takes another counter, when the wallet asks, then it takes none", async () => {
    const { client } = await metered();
    const honest = g.gateway.answer.bind(g.gateway);
    const lies: ((token: Uint8Array, number: number) => [Uint8Array, number])[] = [
      (token, number) => [token.with(20, token[20]! ^ 1), number],
      (token, number) => [token, number + 1],
      (token, number) => [token.with(40, token[40]! + 1), number],
      // Of another epoch than the meter is in.
      (token, number) => [token.with(3, 2), number],
    ];
    for (const lie of lies) {
      g.gateway.answer = async (request, visit) => {
        const answer = await honest(request, visit);
        if (answer.kind !== "tokens") return answer;
        const [last, ...rest] = answer.tokens.toReversed();
        const [token, number] = lie(last!.token, last!.number);
        return { ...answer, tokens: [...rest.toReversed(), { token, number }] };
      };
      await expectRejection(client.tokens(201301), "meter/foreign-token");
    }
    g.gateway.answer = honest;
    expect((await client.tokens(201301)).length).to.equal(7);
    client.close();
  });

  it("given a meter that was installed under terms since replaced, when a wallet that knows them pairs again, then it does; a new meter must have those in force", async () => {
    const { paired } = await metered();
    const later = { ...g.terms, payee: g.terms.noticeSigner };
    const request = { residentShare, terms: later };
    const again = (of: TestGateway, announced: readonly SystemTerms[]) =>
      pairWithMeter(
        of.address,
        { ...request, code: of.server.newCode(), announced },
        () => undefined,
      );
    await expectRejection(again(g, [later]), "meter/other-terms");
    expect((await again(g, [g.terms, later])).meter).to.equal(paired.meter);
    const fresh = await TestGateway.start();
    await expectRejection(again(fresh, [g.terms, later]), "meter/other-terms");
    await fresh.close();
  });

  it("given a wrong code, tells and installs nothing; after ten wrong ones the right one is used up", async () => {
    const code = g.server.newCode();
    for (let i = 0; i < 10; i++) {
      await expectRejection(pair(newPairingCode()), "meter/no-answer");
    }
    await expectRejection(pair(code), "meter/no-answer");
    expect([g.memory.read(), g.link.read()]).to.deep.equal([null, null]);
    await pair(g.server.newCode());
  });

  it("a code ends with the pairing it was made for", async () => {
    const code = g.server.newCode();
    await pair(code);
    await expectRejection(pair(code), "meter/no-answer");
  });

  it("given a stranger without code or key, closes the connection and answers nothing", async () => {
    const { paired, client } = await metered();
    const before = g.memory.read();
    const others: Uint8Array[] = [
      Buffer.from([0, 1, 9]),
      Buffer.from([0xff, 0xff, ...new Uint8Array(65_535)]),
      Buffer.from([0, 49, 1, ...new Uint8Array(48)]),
    ];
    for (const bytes of others) {
      const socket = connect(g.address.port, g.address.host);
      const heard: Buffer[] = [];
      socket.on("data", (chunk: Buffer) => heard.push(chunk)).on("error", () => undefined);
      socket.write(bytes);
      await once(socket, "close");
      expect(heard).to.deep.equal([]);
    }
    const key = new Uint8Array(32).fill(7);
    await expectRejection(open({ ...paired, key }), "meter/no-answer");
    await expectRejection(pair(newPairingCode()), "meter/no-answer");
    expect(g.memory.read()).to.deep.equal(before);
    // The wallet's own channel goes on.
    await client.status();
    client.close();
  });

  it("given a recorded conversation again, does nothing", async () => {
    const { paired } = await metered();
    const between = await tap(g.address);
    const client = await open(paired, between);
    await client.followKeyNotice(keyNotice(2, 201302));
    client.close();
    await between.close();
    const before = g.memory.read();
    const socket = connect(g.address.port, g.address.host);
    const heard: Buffer[] = [];
    socket.on("data", (chunk: Buffer) => heard.push(chunk)).on("error", () => undefined);
    for (const chunk of between.sent[0]!) socket.write(chunk);
    await once(socket, "close");
    // Its own part of a handshake, 50 bytes, for the holder of the key; and no answer.
    expect(Buffer.concat(heard).length).to.equal(50);
    expect(g.memory.read()).to.deep.equal(before);
  });

  it("given a wallet that lies, refuses with the trusted part's own reason and changes nothing", async () => {
    const { client } = await metered();
    const before = g.memory.read();
    const forged = keyNotice(2, 201302, new Uint8Array(32).fill(9));
    const cases: [() => Promise<unknown>, string][] = [
      [() => client.bill(209912), "meter/period-not-kept"],
      [() => client.bill(201302), "meter/period-not-kept"],
      [() => client.bill(4_294_967_295), "meter/period-not-kept"],
      [() => client.tokens(201212), "meter/period-not-kept"],
      [() => client.followKeyNotice(forged), "sipster/bad-notice"],
      [() => client.release([]), "meter/not-released"],
    ];
    for (const [asked, code] of cases) {
      const error = await expectRejection(asked(), "meter/refused");
      expect(error.details.code).to.equal(code);
    }
    expect(await client.tokens(201301, 4_294_967_295)).to.deep.equal([]);
    expect(g.memory.read()).to.deep.equal(before);
    client.close();
  });

  it("given bytes that are not a message, or a message of the other channel, does nothing", async () => {
    const { paired, client } = await metered();
    const before = [g.memory.read(), g.link.read()];
    const channel = async (): Promise<SecureChannel> => {
      const socket = connect(g.address.port, g.address.host);
      await once(socket, "connect");
      return SecureChannel.connect(socket, "paired", paired.key);
    };
    const wrong: MeterRequest[] = [
      { kind: "begin" },
      { kind: "share", residentShare: new Uint8Array(32).fill(8), firstNumbers: [] },
      { kind: "paired" },
    ];
    for (const request of wrong) {
      const line = await channel();
      line.send(encodeMeterRequest(request));
      const answer = Buffer.from(await line.receive(1000)).toString("latin1");
      expect(answer).to.include("meter/bad-message");
      line.close();
    }
    for (const bytes of [Buffer.alloc(0), Buffer.from([99]), Buffer.from([4, 0, 0])]) {
      const line = await channel();
      line.send(bytes);
      await expectRejection(line.receive(1000), "meter/no-answer");
    }
    expect([g.memory.read(), g.link.read()]).to.deep.equal(before);
    client.close();
  });

  it("given a meter installed with other terms or another tariff, the wallet does not pair", async () => {
    for (const terms of [
      { ...g.terms, payee: g.terms.noticeSigner },
      { ...g.terms, tariffs: [tariffHash(flatTariff("0.02"))] },
      termsFor({ timeZone: "Europe/London" }),
    ]) {
      const code = g.server.newCode();
      await expectRejection(
        pairWithMeter(g.address, { code, residentShare, terms }, () => undefined),
        "meter/other-terms",
      );
    }
    expect(g.memory.read()).to.equal(null);
  });

  it("killed at every message of a pairing, the wallet repeats it and ends with one meter", async () => {
    let cuts = 0;
    for (let frames = 0; ; frames++) {
      const h = await TestGateway.start();
      const kept: PairedMeter[] = [];
      const setting = (code: string) => ({ code, residentShare, terms: h.terms });
      const keep = (paired: PairedMeter): void => void kept.push(paired);
      const between = await tap(h.address, frames);
      let finished = true;
      try {
        await pairWithMeter(between, setting(h.server.newCode()), keep);
      } catch {
        finished = false;
      }
      await between.close();
      await h.restart();
      const first = h.gateway.meter?.address ?? null;
      // What the wallet has kept may be the channel already; otherwise it pairs again.
      let paired = kept.at(-1);
      const usable = async (p: PairedMeter): Promise<boolean> => {
        try {
          const client = await MeterClient.connect(h.address, { curve, terms: h.terms, paired: p });
          client.close();
          return true;
        } catch {
          return false;
        }
      };
      if (paired === undefined || !(await usable(paired))) {
        paired = await pairWithMeter(h.address, setting(h.server.newCode()), keep);
      }
      expect(await usable(paired)).to.equal(true);
      if (first !== null) expect(paired.meter).to.equal(first);
      expect(new Set(kept.map((k) => Buffer.from(k.viewKey).toString("hex"))).size).to.equal(1);
      await h.close();
      if (finished) break;
      cuts++;
    }
    expect(cuts).to.be.at.least(7);
  });

  it("after a lost disk, a new code and the share from the backup give the same view key", async () => {
    const { paired } = await metered();
    const again = await pair(g.server.newCode());
    expect(again.viewKey).to.deep.equal(paired.viewKey);
    expect(again.meter).to.equal(paired.meter);
    // The lost channel is closed for good.
    await expectRejection(open(paired), "meter/no-answer");
    const thief = pair(g.server.newCode(), g.address, new Uint8Array(32).fill(6));
    expect((await expectRejection(thief, "meter/refused")).details.code).to.equal(
      "meter/wrong-share",
    );
    await open(again).then((c) => {
      c.close();
    });
  });

  it("takes a tariff that its wallet brings, keeps its body, and prices by it after a restart", async () => {
    const { paired, client } = await metered();
    const dearer = flatTariff("0.02");
    const notice = signMeterNotice(
      system,
      {
        kind: "tariff",
        tariff: hashOf(g.kept[0]!),
        successor: hashOf(dearer),
        firstPeriod: 201303,
      },
      noticeKey,
    );
    await client.followTariffNotice(notice, dearer);
    await g.restart();
    g.goTo(MARCH);
    g.source.use(10_000);
    g.goTo(Date.UTC(2013, 3, 1));
    const after = await open(paired);
    expect(unitsOf((await after.tokens(201303)).map(({ token }) => token))).to.equal(20);
    after.close();
  });

  it("sets a lost clock by the utility's time, and the wallet refuses a time that is not its own", async () => {
    const { client } = await metered();
    const { clock } = await client.status();
    g.source.clock = 0;
    expect(g.gateway.tick()?.code).to.equal("meter/clock-lost");
    const real = clock + 5 * HALF_HOUR;
    const utility =
      (time: number) =>
      (nonce: Uint8Array): Promise<TimeNotice> =>
        Promise.resolve(signMeterNotice(system, { kind: "time", nonce, time }, noticeKey));
    const off = client.setClock(utility(real + 120_001), () => real);
    await expectRejection(off, "meter/bad-time");
    g.source.use(30_000);
    await client.setClock(utility(real), () => real);
    expect((await client.status()).clockLost).to.equal(false);
    client.close();
  });

  it("removes, confirms, erases, and pairs with the next resident as another meter", async () => {
    const { paired, client } = await metered();
    await client.remove(
      signMeterNotice(system, { kind: "removal", meter: paired.meter }, noticeKey),
    );
    const { closed } = await client.status();
    const bills = [];
    for (const period of closed) bills.push((await client.bill(period)).bill);
    await client.release(bills);
    client.close();
    await expectRejection(open(paired), "meter/no-answer");
    const next = await pair(g.server.newCode(), g.address, new Uint8Array(32).fill(6));
    expect(next.meter).not.to.equal(paired.meter);
    expect(Buffer.from(g.memory.read()!).includes(Buffer.from(residentShare))).to.equal(false);
  });
});

describe("a notice for one meter alone", () => {
  it("reaches a meter by its wallet's channel only: who signs notices cannot bring one", async () => {
    const g = await TestGateway.start();
    try {
      const home = installMeter(curve, g.memory);
      await g.restart();
      g.link.write(new Uint8Array(32).fill(1));
      const before = home.memory.read();
      const socket = connect(g.address.port, g.address.host);
      await once(socket, "connect");
      const utility = SecureChannel.connect(socket, "paired", pairingKey(newPairingCode()));
      await expectRejection(utility, "meter/no-answer");
      expect(g.memory.read()).to.deep.equal(before);
      expect(new VolatileMemory().read()).to.equal(null);
    } finally {
      await g.close();
    }
  });
});
