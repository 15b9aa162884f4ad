/** Gas of the ledger's functions, with the same bytes in every run, so that it is exact. */
import { network } from "hardhat";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { utf8ToBytes } from "@noble/hashes/utils.js";
import type { Challenge } from "../../../src/ledger/audit/finding.js";
import { IndexedPages, type IntervalPages } from "../../../src/ledger/audit/indexed-pages.js";
import { compareBytes } from "../../../src/ledger/merkle.js";
import {
  anchorBillingCall,
  anchorConsumptionCall,
  challengeCall,
  type ContractCall,
} from "../../../src/ledger/contract-calls.js";
import {
  billRows,
  billStatement,
  consumptionStatement,
  type ConsumptionPage,
} from "../../../src/ledger/pages.js";
import { consumptionStruct, hashStruct, receiptStruct } from "../../../src/ledger/statements.js";
import { INITIAL_AVERAGE, TestNeighbourhood, testPrice } from "../../ledger/support.js";

const FIRST = 761_328;
const bytes = (name: string): Uint8Array => keccak_256(utf8ToBytes(name));

/** Pages of an interval with made-up rows, and one wrong bill row and total if there are rows. */
function pagesOf(interval: number, count: number): IntervalPages {
  const signature = new Uint8Array(65);
  let cumulative = 0n;
  const rows = Array.from({ length: count }, (_, i) => bytes(`pseudonym ${interval} ${i}`))
    .sort(compareBytes)
    .map((pseudonym, index) => {
      cumulative += INITIAL_AVERAGE;
      const key = new Uint8Array(33);
      return { index, pseudonym, wattHours: INITIAL_AVERAGE, cumulative, key, signature } as never;
    }) as ConsumptionPage["rows"];
  const terms = {
    interval,
    homes: count,
    k: 1,
    average: INITIAL_AVERAGE,
    enrolment: bytes("enrolment"),
    previousRoot: bytes("previous root"),
  };
  const { previousRoot } = terms;
  const statement = consumptionStatement(terms, 0, rows);
  const consumption = { statement, signature, rows, previousRoot };
  const price = {
    statement: {
      interval,
      price: testPrice.priceAt(interval, consumption.statement.load) + 1n,
      consumption: hashStruct(consumptionStruct(consumption.statement)),
    },
    signature,
  };
  const bills = billRows(rows, price.statement.price).map((row, i) =>
    i === 1 ? { ...row, amount: row.amount + 1n } : row,
  );
  const billed = billStatement(interval, bills, previousRoot);
  return { consumption, price, bills: { statement: billed, signature, rows: bills, previousRoot } };
}

/** Gas by what is done. */
export async function measureLedgerGas(): Promise<Record<string, number>> {
  const { ethers, networkHelpers } = await network.create();
  const gas: Record<string, number> = {};
  const n = new TestNeighbourhood("gas", 0);
  const wallets = [n.secretKeys.controlCentre, n.secretKeys.provider].map(
    (key) => new ethers.Wallet(ethers.hexlify(key), ethers.provider),
  );
  const [controlCentre, provider] = wallets as [(typeof wallets)[0], (typeof wallets)[0]];
  for (const { address } of wallets) await networkHelpers.setBalance(address, 10n ** 18n);
  const [admin] = await ethers.getSigners();
  const price = await ethers.deployContract("PiecewiseLinearPrice", [testPrice.points]);
  const contract = await ethers.deployContract("ConsumptionLedger", [
    admin!.address,
    controlCentre.address,
    provider.address,
    await price.getAddress(),
    FIRST,
  ]);
  const code = await ethers.provider.getCode(await contract.getAddress());
  gas["bytes of code"] = ethers.dataLength(code);

  const signer = n.controlCentreKey;
  const anchorers = { controlCentre: signer.address, provider: n.providerKey.address };
  const send = async (call: ContractCall, from: unknown): Promise<number> => {
    const sent = await contract.connect(from as never).getFunction(call.method)(...call.args);
    return Number((await sent.wait())!.gasUsed);
  };
  for (const [i, count] of [0, 10, 1000, 1024].entries()) {
    const pages = pagesOf(FIRST + i, count);
    const consumption = await send(anchorConsumptionCall(pages.consumption), controlCentre);
    const billing = await send(
      anchorBillingCall(anchorers.controlCentre, pages.price, pages.bills),
      provider,
    );
    gas[`anchorConsumption, ${count} rows`] = consumption;
    gas[`anchorBilling, ${count} rows`] = billing;
    gas[`an interval, ${count} rows`] = consumption + billing;
  }

  const pages = pagesOf(FIRST + 3, 1024);
  const signedDomain = new TestNeighbourhood("gas", 0, {
    chainId: (await ethers.provider.getNetwork()).chainId,
    contract: await contract.getAddress(),
  });
  const { consumptionRows, billRows: bills } = new IndexedPages(pages, n.rules());
  const receipt = {
    interval: FIRST + 3,
    pseudonyms: [bytes("never published") as never],
    categories: [2 as const],
  };
  const signature = signedDomain.controlCentreKey.sign(receiptStruct(receipt));
  const after = consumptionRows.rows.findIndex(
    (row) => compareBytes(row.pseudonym, receipt.pseudonyms[0]!) > 0,
  );
  const challenges: Challenge[] = [
    { kind: "price" },
    { kind: "bill-amount", row: bills.prove(1)![0]! },
    {
      kind: "missing-row",
      claim: { receipt, signature, which: 0 },
      neighbours: consumptionRows.prove(after - 1, after)!,
    },
  ];
  for (const challenge of challenges) {
    const call = challengeCall(pages, anchorers, challenge);
    gas[`${call.method}, 1024 rows`] = await send(call, admin);
  }
  return gas;
}
