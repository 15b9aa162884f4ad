import { expect } from "chai";
import { parseEther } from "ethers";
import {
  serveLocalChain,
  startLocalChain,
  type LocalChain,
} from "../../src/chain/node/local-chain.js";
import { expectRejection } from "../support/errors.js";

async function sendOneEther(chain: LocalChain): Promise<void> {
  const [from, to] = chain.accounts as [string, string];
  const before = await chain.provider.getBalance(to);
  const signer = await chain.provider.getSigner(from);
  const receipt = await (await signer.sendTransaction({ to, value: parseEther("1") })).wait();
  expect(receipt?.status).to.equal(1);
  expect((await chain.provider.getBalance(to)) - before).to.equal(parseEther("1"));
}

describe("local chains", () => {
  it("in this process: accounts with money, transactions mined at once", async () => {
    const chain = await startLocalChain({ accounts: 3 });
    expect(chain.accounts).to.have.length(3);
    expect(Number((await chain.provider.getNetwork()).chainId)).to.equal(31337);
    await sendOneEther(chain);
    await chain.close();
  });

  it("in this process: each is a chain of its own", async () => {
    const [a, b] = await Promise.all([startLocalChain(), startLocalChain({ chainId: 4711 })]);
    await sendOneEther(a);
    expect(await b.provider.getBlockNumber()).to.equal(0);
    expect((await a.provider.getBlock(0))?.hash).to.not.equal((await b.provider.getBlock(0))?.hash);
    await Promise.all([a.close(), b.close()]);
  });

  it("in this process: mines on request only, when asked to", async () => {
    const chain = await startLocalChain({ mining: "manual" });
    const [from, to] = chain.accounts as [string, string];
    const sent = await (await chain.provider.getSigner(from)).sendTransaction({ to, value: 1n });
    expect(await chain.provider.getTransactionReceipt(sent.hash)).to.equal(null);
    await chain.eip1193.request({ method: "evm_mine" });
    expect((await chain.provider.getTransactionReceipt(sent.hash))?.status).to.equal(1);
    await chain.close();
  });

  it("served on loopback, on any free port", async () => {
    const chain = await serveLocalChain({ accounts: 2 });
    expect(chain.url).to.match(/^http:\/\/127\.0\.0\.1:\d+$/);
    await sendOneEther(chain);
    await chain.close();
  });

  it("says so when the port is taken", async () => {
    const chain = await serveLocalChain();
    const port = Number(new URL(chain.url).port);
    const error = await expectRejection(serveLocalChain({ port }), "chain/local-chain-failed");
    expect(error.details.port).to.equal(port);
    await chain.close();
  });
});
