/**
 * A process of the mint over a store and a node, for processes.test.ts: it makes passes until every
 * deposit is answered, or dies by SIGKILL at a chosen point.
 *
 *   argv: a file with the settings below
 */
import { readFileSync } from "node:fs";
import { createMclBn254 } from "../../src/algebra/index.js";
import {
  connectRpc,
  finalBlock,
  latestBlock,
  parseDeployment,
  TransactionSender,
  VaultCalls,
  VaultReader,
} from "../../src/chain/index.js";
import { BlindBlsIssuer, blindSigner } from "../../src/ecash/index.js";
import { VaultMint } from "../../src/mint/index.js";
import { openStore, type Store, type Transaction } from "../../src/store/index.js";
import { BASE_UNITS, MARGIN, MINT_KEY_ID } from "../support/vault-world.js";

/** Where the process dies: at a write of its books, or at a transaction. */
export interface DeathPoint {
  readonly at: "write" | "transaction";
  readonly number: number;
  readonly side: "before" | "after";
}

export interface MintProcess {
  readonly rpc: string;
  readonly deployment: string;
  /** Of the store. */
  readonly location: string;
  readonly book: string;
  /** Denomination and secret scalar. */
  readonly scalars: readonly (readonly [number, string])[];
  /** Index of the node's account that has the mint's role. */
  readonly account: number;
  readonly requests: readonly { readonly id: string; readonly request: string }[];
  readonly passes: number;
  readonly death: DeathPoint | null;
}

function die(): void {
  process.kill(process.pid, "SIGKILL");
}

/** Counts up, and says whether this is the point. */
function counter(death: DeathPoint | null, at: DeathPoint["at"]) {
  let count = 0;
  return (): { before: () => void; after: () => void } => {
    const isHere = death?.at === at && count++ === death.number;
    return {
      before: () => void (isHere && death.side === "before" && die()),
      after: () => void (isHere && death.side === "after" && die()),
    };
  };
}

function dying(store: Store, death: DeathPoint | null): Store {
  const next = counter(death, "write");
  return {
    close: () => store.close(),
    async transaction(body) {
      let wrote = false;
      let point: ReturnType<typeof next> | null = null;
      const result = await store.transaction(async (tx) => {
        const noting: Transaction = {
          get: (key) => tx.get(key),
          list: (prefix) => tx.list(prefix),
          put: (key, value) => {
            wrote = true;
            tx.put(key, value);
          },
          delete: (key) => {
            wrote = true;
            tx.delete(key);
          },
        };
        const value = await body(noting);
        if (wrote) point ??= next();
        point?.before();
        return value;
      });
      (point as ReturnType<typeof next> | null)?.after();
      return result;
    },
  };
}

async function main(): Promise<void> {
  const settings = JSON.parse(readFileSync(process.argv[2]!, "utf8")) as MintProcess;
  const { rpc, location, book, scalars, account, requests, passes, death } = settings;
  const provider = await connectRpc(rpc);
  const deployment = parseDeployment(settings.deployment);
  const store = dying(await openStore(location, book), death);
  const curve = await createMclBn254();
  const secret = {
    mintKeyId: MINT_KEY_ID,
    scalars: new Map(scalars.map(([d, b]) => [d, BigInt(b)])),
  };
  const calls = new VaultCalls(
    await TransactionSender.create(await provider.getSigner(account)),
    deployment,
  );
  const next = counter(death, "transaction");
  const acknowledge = calls.acknowledge.bind(calls);
  calls.acknowledge = async (...args) => {
    const { before, after } = next();
    before();
    const cost = await acknowledge(...args);
    after();
    return cost;
  };
  const mint = new VaultMint({
    issuers: new Map([[MINT_KEY_ID, new BlindBlsIssuer(curve, blindSigner(curve, secret))]]),
    store,
    reader: new VaultReader(provider, deployment),
    calls,
    baseUnitsPerUnit: BASE_UNITS,
    finalBlock: () => finalBlock(provider, { rule: "confirmations", blocks: 0 }),
    latestBlock: () => latestBlock(provider),
    margin: MARGIN,
  });
  for (const { id, request } of requests) {
    await mint.submit(Buffer.from(request, "hex"), BigInt(id)).catch((error: unknown) => {
      // Answered by another process meanwhile.
      if (!String(error).includes("acknowledged")) throw error;
    });
  }
  for (let pass = 0; pass < passes; pass++) await mint.step();
  await store.close();
  provider.destroy();
}

await main();
