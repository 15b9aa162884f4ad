import { expect } from "chai";
import { BrowserProvider, JsonRpcProvider, makeError, Network } from "ethers";
import { BillSettlement__factory } from "../../src/chain/bindings/index.js";
import { chainErrors } from "../../src/chain/errors/errors.js";
import { explainFailure } from "../../src/chain/errors/explain-failure.js";
import { walletErrors } from "../../src/chain/wallet/errors.js";
import { startLocalChain } from "../../src/chain/node/local-chain.js";

/** What ethers throws when a wallet answers a transaction with this error. */
async function throughEthers(answer: object): Promise<unknown> {
  const wallet = {
    request({ method }: { method: string }): Promise<unknown> {
      if (method === "eth_chainId") return Promise.resolve("0x7a69");
      if (method === "eth_accounts") return Promise.resolve([`0x${"11".repeat(20)}`]);
      return Promise.reject(answer as Error);
    },
  };
  const provider = new BrowserProvider(wallet, 31337, {
    staticNetwork: Network.from(31337),
    cacheTimeout: -1,
  });
  try {
    const signer = await provider.getSigner();
    await signer.sendTransaction({ to: `0x${"22".repeat(20)}`, gasLimit: 50_000 });
  } catch (error) {
    return error;
  } finally {
    provider.destroy();
  }
  return expect.fail("nothing was thrown");
}

describe("failures of wallets and nodes", () => {
  const wallet: readonly (readonly [number, string])[] = [
    [4001, "wallet/refused"],
    [4100, "wallet/not-authorised"],
    [4200, "wallet/unsupported"],
    [4900, "wallet/disconnected"],
    [4901, "wallet/disconnected"],
    [4902, "wallet/chain-unknown"],
    [-32002, "wallet/request-pending"],
    [-32601, "wallet/unsupported"],
  ];

  for (const [code, expected] of wallet) {
    it(`${code} is ${expected}, bare, wrapped by ethers, and wrapped by the wallet`, async () => {
      const answer = { code, message: "MetaMask: something" };
      expect(explainFailure(answer).code).to.equal(expected);
      expect(explainFailure(await throughEthers(answer)).code).to.equal(expected);
      const internal = { code: -32603, message: "Internal", data: { originalError: answer } };
      expect(explainFailure(internal).code).to.equal(expected);
    });
  }

  it("missing funds, as ethers and as nodes say it", async () => {
    for (const message of [
      "insufficient funds for gas * price + value: balance 0, tx cost 21000",
      "InsufficientFunds, Balance is 0 less than sending value + gas",
      "Sender doesn't have enough funds to send tx.",
    ]) {
      const answer = { code: -32000, message };
      expect(explainFailure(answer).code, message).to.equal("chain/insufficient-funds");
      const thrown = await throughEthers(answer);
      expect(explainFailure(thrown).code, message).to.equal("chain/insufficient-funds");
    }
    const byEthers = makeError("too poor", "INSUFFICIENT_FUNDS", { transaction: {} as never });
    expect(explainFailure(byEthers).code).to.equal("chain/insufficient-funds");
  });

  it("missing funds on a real node", async () => {
    const chain = await startLocalChain({ accounts: 1 });
    const [rich] = chain.accounts as [string];
    const balance = await chain.provider.getBalance(rich);
    const signer = await chain.provider.getSigner(rich);
    const thrown: unknown = await signer
      .sendTransaction({ to: rich, value: balance * 2n, gasLimit: 21_000n })
      .catch((error: unknown) => error);
    expect(explainFailure(thrown).code).to.equal("chain/insufficient-funds");
    await chain.close();
  });

  it("a node that does not answer", async () => {
    const provider = new JsonRpcProvider("http://127.0.0.1:9", 31337, {
      staticNetwork: Network.from(31337),
    });
    const thrown: unknown = await provider.getBlockNumber().catch((error: unknown) => error);
    expect(explainFailure(thrown).code).to.equal("chain/unreachable");
    provider.destroy();
    expect(explainFailure(new TypeError("Failed to fetch")).code).to.equal("chain/unreachable");
  });

  it("a transaction that the node does not take", () => {
    const thrown = makeError("nonce too low", "NONCE_EXPIRED", { transaction: {} as never });
    const error = explainFailure(thrown);
    expect(error.code).to.equal("chain/transaction-refused");
    expect(error.message).to.contain("nonce too low");
  });

  it("a revert, also when a wallet wraps it as an internal error", async () => {
    const contract = BillSettlement__factory.createInterface();
    const data = contract.encodeErrorResult("SettlementBatchEmpty");
    const code = "contract/SettlementBatchEmpty";
    expect(explainFailure({ code: 3, message: "execution reverted", data }).code).to.equal(code);
    const internal = { code: -32603, message: "Internal", data: { code: 3, data } };
    expect(explainFailure(internal).code).to.equal(code);
    expect(explainFailure(await throughEthers(internal)).code).to.equal(code);
  });

  it("an error of the catalogue explains itself", () => {
    const error = chainErrors.error("no-genesis", "no block 0");
    expect(explainFailure(error)).to.equal(error);
  });

  it("anything else keeps its words", () => {
    expect(explainFailure("out of paper").message).to.contain("out of paper");
    const error = explainFailure({ code: -32000, message: "header not found" });
    expect(error.code).to.equal("wallet/failed");
    expect(error.message).to.contain("header not found");
  });

  it("lists every code it can give", () => {
    const given = new Set(wallet.map(([, code]) => code.slice("wallet/".length)));
    const byPages = [
      "wrong-chain",
      "chain-restarted",
      "account-changed",
      "reverted",
      "lost",
      "failed",
    ];
    expect(Object.keys(walletErrors.entries)).to.have.members([...given, ...byPages]);
  });
});
