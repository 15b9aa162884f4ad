import { expect } from "chai";
import { JsonRpcProvider, Network, type JsonRpcPayload, type JsonRpcResult } from "ethers";
import { nodeFailure } from "../../src/chain/rpc.js";
import { suggestedFees } from "../../src/chain/transactions/fees.js";
import { SipsterError } from "../../src/errors/sipster-error.js";

type Answers = Readonly<Record<string, unknown>>;

/** A node that gives the answers of a table, and an error for any other method. */
class TableProvider extends JsonRpcProvider {
  constructor(private readonly answers: Answers) {
    super("http://127.0.0.1:1", Network.from(31337), { staticNetwork: true });
  }

  override async _send(
    payload: JsonRpcPayload | JsonRpcPayload[],
  ): Promise<(JsonRpcResult & { error?: object })[]> {
    return [payload].flat().map(({ id, method }) => {
      const result = this.answers[method];
      const error = { code: -32601, message: "Method not found" };
      return result === undefined ? ({ id, error } as never) : { id, result };
    });
  }
}

const block = (baseFeePerGas?: string) => ({
  hash: `0x${"11".repeat(32)}`,
  parentHash: `0x${"00".repeat(32)}`,
  number: "0x1",
  timestamp: "0x1",
  difficulty: "0x0",
  gasLimit: "0x1",
  gasUsed: "0x0",
  miner: `0x${"00".repeat(20)}`,
  extraData: "0x",
  transactions: [],
  ...(baseFeePerGas === undefined ? {} : { baseFeePerGas }),
});

describe("a node that refuses", () => {
  it("given a transaction of many thousand characters, when a node refuses it, then its own words are told and not the transaction", async () => {
    const provider = new TableProvider({});
    const transaction = `0x${"ab".repeat(20_000)}`;
    const thrown: unknown = await provider.send("eth_unheardOf", [transaction]).catch(nodeFailure);
    provider.destroy();
    expect(thrown).to.be.instanceOf(SipsterError);
    const { code, message } = thrown as SipsterError;
    expect(code).to.equal("chain/node-refused");
    expect(message).to.equal("the node refused: Method not found");
  });
});

describe("the price of gas", () => {
  const feesOf = async (answers: Answers) => {
    const provider = new TableProvider(answers);
    try {
      return await suggestedFees(provider);
    } finally {
      provider.destroy();
    }
  };

  it("given a base fee of 0 and a node that suggests nothing, then a small tip is offered", async () => {
    const { perGas, fields } = await feesOf({ eth_getBlockByNumber: block("0x0") });
    expect(perGas).to.equal(1_000_000_000n);
    expect(fields).to.deep.equal({
      type: 2,
      maxFeePerGas: 1_000_000_000n,
      maxPriorityFeePerGas: 1_000_000_000n,
    });
  });

  it("given no base fee and no price, then no-fees", async () => {
    const thrown: unknown = await feesOf({ eth_getBlockByNumber: block() }).catch(
      (e: unknown) => e,
    );
    expect((thrown as SipsterError).code).to.equal("chain/no-fees");
  });
});
