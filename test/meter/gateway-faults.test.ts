/** What a refused pairing and a defect of the gateway leave behind. */
import { connect } from "node:net";
import { expect } from "chai";
import { MeterClient, pairWithMeter, type PairedMeter } from "../../src/meter/index.js";
import { decodeMeterAnswer, encodeMeterRequest } from "../../src/meter/gateway/messages.js";
import { newPairingCode, pairingKey } from "../../src/meter/gateway/pairing-code.js";
import { SecureChannel } from "../../src/meter/gateway/secure-channel.js";
import { expectRejection } from "../support/errors.js";
import { residentShare } from "../support/meter.js";
import { curve, TestGateway } from "../support/meter-gateway.js";

describe("a gateway at the edge", function () {
  this.timeout(30_000);
  let g: TestGateway;
  beforeEach(async () => {
    g = await TestGateway.start();
  });
  afterEach(() => g.close());

  const pair = (code: string): Promise<PairedMeter> =>
    pairWithMeter(g.address, { code, residentShare, terms: g.terms }, () => undefined);

  it("given a pairing that is refused, the code is not used up by it", async () => {
    const code = g.server.newCode();
    const socket = connect(g.address.port, g.address.host);
    const channel = await SecureChannel.connect(socket, "code", pairingKey(code));
    // No share came before, and a message of another channel is refused too.
    for (const request of [{ kind: "paired" }, { kind: "askTime" }] as const) {
      channel.send(encodeMeterRequest(request));
      expect(decodeMeterAnswer(await channel.receive(30_000)).kind).to.equal("refused");
    }
    channel.close();
    await pair(code);
  });

  it("given a defect in the gateway, the connection ends, and the operator is told", async () => {
    const paired = await pair(g.server.newCode());
    const client = await MeterClient.connect(g.address, { curve, terms: g.terms, paired });
    const defect = new Error("a defect");
    g.gateway.answer = () => Promise.reject(defect);
    await expectRejection(client.status(), "meter/no-answer");
    while (g.faults.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(g.faults.splice(0)).to.deep.equal([defect]);
  });

  it("given nine wrong tries of ten, the right code pairs all the same", async () => {
    const code = g.server.newCode();
    for (let i = 0; i < 9; i++) {
      await expectRejection(pair(newPairingCode()), "meter/no-answer");
    }
    await pair(code);
  });
});
