/**
 * The wallet as a program against a chain, the utility's service over HTTP, and a meter: what it pins,
 * what it refuses, and one month from accrual to a bill that verifies.
 */
import { join } from "node:path";
import { expect } from "chai";
import { toAddress } from "../../src/algebra/index.js";
import {
  settlementContract,
  systemOf,
  VaultCalls,
  type RpcProvider,
} from "../../src/chain/index.js";
import { openWallet, type OpenWallet } from "../../src/cli/wallet/open-wallet.js";
import { WalletFolder } from "../../src/cli/wallet/folder.js";
import { keepMeter } from "../../src/cli/wallet/paired-meter.js";
import { WalletRounds } from "../../src/cli/wallet/rounds.js";
import { statusOf } from "../../src/cli/wallet/status.js";
import {
  blindBls,
  blindSigner,
  checkBlindedMessage,
  generateMintKeys,
  mintPublicKeys,
} from "../../src/ecash/index.js";
import type { MeterClient } from "../../src/meter/index.js";
import { startOfDay } from "../../src/resident/index.js";
import { serveUtility } from "../../src/service/index.js";
import {
  addressOf,
  encodeParameters,
  encodeTerms,
  hashBoundSuite,
  parametersHash,
  parseAddress,
  parseBillFile,
  parseDenominations,
  publicKeyOf,
  ReceiptIssuer,
  type SystemTerms,
} from "../../src/sipster/index.js";
import { MemoryStore } from "../../src/store/index.js";
import { Counter, inThread, StoredCounterBook } from "../../src/utility/index.js";
import { TestSystem } from "../chain/fixture.js";
import { expectRejection } from "../support/errors.js";
import { ANSWER_KEY } from "../support/exchange.js";
import { someTerms } from "../support/parameters.js";
import { meterPeriod } from "../support/settlement.js";
import { temporaryDirectory } from "../support/temporary.js";
import { numbered } from "../support/wallet.js";

const PERIOD = 202701;
const SIZES = [100, 10, 10, 1];

describe("the wallet as a program", () => {
  const folder = temporaryDirectory();
  let chain: TestSystem;
  let terms: SystemTerms;
  let served: Uint8Array;
  let close: () => Promise<void>;
  let url: string;
  /** The deployment's clock: set by the test, read through the time shift of a wallet's terms. */
  let now: number;

  before(async () => {
    chain = await TestSystem.start("wallet program", { meters: 1 });
    const { deployment, curve } = chain;
    const system = systemOf(deployment);
    const denominations = parseDenominations([1, 10, 100]);
    const contracts = deployment.contracts;
    terms = {
      ...someTerms,
      deployment: {
        chainId: deployment.chainId,
        settlement: parseAddress(contracts.settlement.address),
        vault: parseAddress(contracts.vault.address),
        orderBoard: parseAddress(contracts.orderBoard.address),
      },
      denominations,
      schedule: { ...someTerms.schedule, paying: { first: 2, last: 10 } },
      sizeClasses: [
        {
          name: "small",
          basket: [1, 10, 100].map((denomination) => ({ denomination, count: 3 })),
          requests: 0,
        },
      ],
      answerKey: addressOf(ANSWER_KEY),
      finality: { rule: "confirmations", blocks: 0 },
      lead: 0,
    };
    const admin = await chain.signer(0);
    const settlement = settlementContract(deployment, { provider: chain.chain.provider });
    const hash = parametersHash(encodeTerms(terms));
    await (settlement.connect(admin) as typeof settlement).announceTerms(hash, 0);
    served = encodeParameters({ terms: [terms], network: [] });
    const secret = generateMintKeys(1, denominations);
    const mint = mintPublicKeys(curve, secret);
    await new VaultCalls(await chain.sender(), deployment).registerMintKeys({
      mintKeyId: 1,
      firstPeriod: 0,
      keys: [...mint.keys].map(([denomination, { b1, b2 }]) => ({
        denomination,
        b1: curve.g1.encode(b1),
        b2: curve.g2.encode(b2),
      })),
    });
    const suite = hashBoundSuite(curve, system.systemId);
    const issuer = new ReceiptIssuer(suite, chain.utility);
    const ecash = blindBls(curve, system, secret);
    const payee = toAddress(Buffer.from(terms.payee.slice(2), "hex"));
    const counter = new Counter({
      suite,
      epochs: [{ issuer, maker: inThread(issuer, suite) }],
      denominations,
      ecash,
      refreshing: {
        ecash,
        signer: blindSigner(curve, secret),
        checkMessage: (message) => checkBlindedMessage(curve, message),
      },
      payee,
      book: new StoredCounterBook(new MemoryStore(), ecash),
      answers: { systemId: system.systemId, answerKey: ANSWER_KEY },
      clock: () => BigInt(now),
    });
    const health = { ready: async () => null };
    const service = await serveUtility(
      {
        parameters: async () => served,
        tariffs: new Map(),
        exchange: (request) => counter.answer(request),
        health,
        version: "test",
        onDefect: () => undefined,
      },
      { port: 0 },
    );
    ({ url } = service);
    close = () => service.close();
    issue = (request) => ecash.issue(request);
  });
  let issue: (request: Uint8Array) => Promise<Uint8Array>;
  after(async () => {
    await close();
    await chain.chain.close();
  });

  const provider = (): RpcProvider => chain.chain.provider as unknown as RpcProvider;

  async function open(name: string, changes: object = {}): Promise<OpenWallet> {
    const home = await WalletFolder.open(join(folder(), name), "passphrase");
    home.writeConfig({
      utility: url,
      rpc: "http://127.0.0.1:1",
      sizeClass: "small",
      meter: null,
      deployment: chain.deployment,
      ...changes,
    });
    return openWallet(home, provider());
  }

  it("given a month of tokens, when rounds are run as its times come, then it is paid, and the bill verifies", async () => {
    const wallet = await open("month");
    const { resident, purse, store, curve } = wallet;
    // The program reads the time of final blocks; the test moves it as the chain would.
    const at = (time: number): void => {
      now = time;
    };
    Object.defineProperty(wallet.clock, "now", { get: () => now });
    wallet.clock.read = async () => now;
    at(startOfDay(202612, 15));
    await purse.withdraw([1, 1, 10, 10, 100], issue);
    const suite = hashBoundSuite(curve, wallet.pinned.system.systemId);
    const w = {
      suite,
      issuer: new ReceiptIssuer(suite, chain.utility),
      key: publicKeyOf(curve, chain.utility),
    };
    const period = meterPeriod(w, SIZES, { period: PERIOD, system: wallet.pinned.system });
    const meter = addressOf(period.billKey);
    const blank = new Uint8Array(32).fill(1);
    await keepMeter(store, { key: blank, viewKey: blank as never, meter, tariffs: [] });
    const all = numbered(period.generated.map((g) => g.token));
    const link = {
      followKeyNotice: async () => undefined,
      tokens: async (p: number, known = 0) => (p === PERIOD ? all.slice(known) : []),
      bill: async () => ({ bill: period.bill, blinding: period.blinding }),
      status: async () => ({ clock: now * 1000, open: PERIOD + 1, closed: [PERIOD], epochs: [] }),
      close: () => undefined,
    } as unknown as MeterClient;
    const paired = { ...wallet, meter: async () => link };
    const board = { post: async () => undefined, posts: async () => [] };
    at(startOfDay(202702, 1));
    const rounds = new WalletRounds(paired, provider(), board, null);
    const bill = async () => (await rounds.round()).bills.find((b) => b.period === PERIOD)!;
    expect(await bill()).to.include({ units: 121n, unitsPaid: 0n, stage: "unpaid" });
    const month = async () => (await statusOf(paired, provider())).months[0];
    expect(await month()).to.include({ period: PERIOD, due: 4, paid: 0n, missing: 0 });
    for (;;) {
      const next = await resident.nextDue();
      if ((await resident.pending()) === 0 || next === null) break;
      at(Math.max(now, next));
      await rounds.round();
    }
    expect(await month()).to.include({ due: 0, paid: 121n, tx: null });
    at((await resident.settlingTime(PERIOD)) - 1);
    expect(await bill()).to.include({ stage: "waits", file: null });
    at(await resident.settlingTime(PERIOD));
    const ready = await bill();
    expect(ready).to.include({ stage: "ready", tx: null });
    const { readFileSync } = await import("node:fs");
    expect(parseBillFile(curve, readFileSync(ready.file!, "utf8")).meter).to.equal(meter);
    const status = await statusOf(paired, provider());
    expect(status.sees).to.contain("network address");
    await store.close();
  });

  it("refuses parameters that differ from the contract's: a payee of one's own, terms left out, terms added", async () => {
    const right = served;
    const own = { ...terms, payee: parseAddress(`0x${"9".repeat(40)}`) };
    try {
      for (const lie of [[own], [], [terms, own]]) {
        served = encodeParameters({ terms: lie, network: [] });
        await expectRejection(open("lied to"), "cli/other-parameters");
      }
    } finally {
      served = right;
    }
  });

  it("names a size class that the parameters do not have, a wallet that is not there, a meter that is not paired", async () => {
    await expectRejection(open("class", { sizeClass: "huge" }), "cli/no-size-class");
    const empty = await WalletFolder.open(join(folder(), "empty"), "passphrase");
    await expectRejection(openWallet(empty, provider()), "cli/no-wallet");
    const wallet = await open("unpaired");
    await expectRejection(wallet.meter(), "cli/no-meter");
    await store(wallet);
  });

  const store = async ({ store: books }: OpenWallet): Promise<void> => books.close();
});
