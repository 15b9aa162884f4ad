import { expect } from "chai";
import { IndexedPages, type IntervalPages } from "../../src/ledger/audit/indexed-pages.js";
import {
  anchorBillingCall,
  anchorConsumptionCall,
  billRowArgument,
  consumptionRowArgument,
  pageArgument,
} from "../../src/ledger/contract-calls.js";
import { consumptionStruct, hashStruct } from "../../src/ledger/statements.js";
import { ethers, networkHelpers, FIRST, deployed } from "./support/ledger-world.js";

describe("ConsumptionLedger: anchoring", () => {
  it("takes each interval once, strictly in order, from the holders of the roles", async () => {
    const w = await networkHelpers.loadFixture(deployed);
    const { contract, before, honest, send, anchorers } = w;
    const consumption = anchorConsumptionCall(honest.consumption);
    const billing = anchorBillingCall(anchorers.controlCentre, honest.price, honest.bills);
    for (const account of [w.stranger, w.admin, w.provider]) {
      await expect(send(consumption, account as never)).to.be.revertedWithCustomError(
        contract,
        "AccessControlUnauthorizedAccount",
      );
    }
    for (const account of [w.stranger, w.admin, w.controlCentre]) {
      await expect(send(billing, account as never)).to.be.revertedWithCustomError(
        contract,
        "AccessControlUnauthorizedAccount",
      );
    }
    await expect(send(billing, w.provider as never))
      .to.be.revertedWithCustomError(contract, "LedgerConsumptionMissing")
      .withArgs(FIRST + 1);
    await expect(send(anchorConsumptionCall(before.consumption), w.controlCentre as never))
      .to.be.revertedWithCustomError(contract, "LedgerAlreadyAnchored")
      .withArgs(FIRST);
    const at = (interval: number) => ({
      consumption: {
        ...honest.consumption,
        statement: { ...honest.consumption.statement, interval },
      },
      price: { ...honest.price, statement: { ...honest.price.statement, interval } },
      bills: { ...honest.bills, statement: { ...honest.bills.statement, interval } },
    });
    for (const interval of [FIRST + 2, FIRST - 1, 0]) {
      await expect(send(anchorConsumptionCall(at(interval).consumption), w.controlCentre as never))
        .to.be.revertedWithCustomError(contract, "LedgerOutOfOrder")
        .withArgs(interval);
    }

    await expect(send(consumption, w.controlCentre as never))
      .to.emit(contract, "ConsumptionAnchored")
      .withArgs(FIRST + 1, w.controlCentre.address, Object.values(consumption.args[0] as object));
    await expect(send(consumption, w.controlCentre as never))
      .to.be.revertedWithCustomError(contract, "LedgerAlreadyAnchored")
      .withArgs(FIRST + 1);
    await send(anchorConsumptionCall(at(FIRST + 2).consumption), w.controlCentre as never);
    const skipping = at(FIRST + 2);
    await expect(
      send(
        anchorBillingCall(anchorers.controlCentre, skipping.price, skipping.bills),
        w.provider as never,
      ),
    )
      .to.be.revertedWithCustomError(contract, "LedgerOutOfOrder")
      .withArgs(FIRST + 2);
    await expect(
      send(anchorBillingCall(anchorers.provider, honest.price, honest.bills), w.provider as never),
    )
      .to.be.revertedWithCustomError(contract, "LedgerConsumptionMismatch")
      .withArgs(
        FIRST + 1,
        hashStruct(consumptionStruct(honest.consumption.statement)),
        w.provider.address,
      );
    await expect(
      send(
        anchorBillingCall(anchorers.controlCentre, before.price, before.bills),
        w.provider as never,
      ),
    )
      .to.be.revertedWithCustomError(contract, "LedgerAlreadyBilled")
      .withArgs(FIRST);
    await expect(
      send(
        anchorBillingCall(anchorers.controlCentre, honest.price, before.bills),
        w.provider as never,
      ),
    )
      .to.be.revertedWithCustomError(contract, "LedgerIntervalMismatch")
      .withArgs(FIRST + 1, FIRST);

    const anchored = await contract.commitmentOf(FIRST + 1);
    const billed = send(billing, w.provider as never);
    await expect(billed)
      .to.emit(contract, "PriceAnchored")
      .withArgs(FIRST + 1, w.provider.address, Object.values(billing.args[1] as object));
    await expect(billed)
      .to.emit(contract, "BillsAnchored")
      .withArgs(FIRST + 1, w.provider.address, Object.values(billing.args[2] as object));
    expect(await contract.commitmentOf(FIRST + 1)).not.to.equal(anchored);
    expect(await contract.isBilled(FIRST + 1)).to.equal(true);
    expect(await contract.isBilled(FIRST + 2)).to.equal(false);
    await expect(send(billing, w.provider as never))
      .to.be.revertedWithCustomError(contract, "LedgerAlreadyBilled")
      .withArgs(FIRST + 1);
  });

  it("hashes statements and rows as the library does", async () => {
    const { contract, n, before, anchorers } = await networkHelpers.loadFixture(deployed);
    const page = pageArgument(before, anchorers);
    const { consumptionRows, billRows } = new IndexedPages(before, n.rules());
    for (const i of before.bills.rows.keys()) {
      const [parcel] = consumptionRows.prove(i)!;
      const [bill] = billRows.prove(i)!;
      expect(await contract.containsConsumption(page, consumptionRowArgument(parcel!))).to.equal(
        true,
      );
      expect(await contract.containsBill(page, billRowArgument(bill!))).to.equal(true);
      const other = { row: { ...bill!.row, amount: bill!.row.amount + 1n }, proof: bill!.proof };
      expect(await contract.containsBill(page, billRowArgument(other))).to.equal(false);
      const moved = { row: { ...parcel!.row, index: i + 1 }, proof: parcel!.proof };
      expect(await contract.containsConsumption(page, consumptionRowArgument(moved))).to.equal(
        false,
      );
    }
  });

  it("knows no page but the anchored one", async () => {
    const { contract, n, before, honest, anchorers } = await networkHelpers.loadFixture(deployed);
    const pages: IntervalPages[] = [
      honest,
      { ...before, price: honest.price },
      { ...before, bills: honest.bills },
      { ...before, consumption: honest.consumption },
    ];
    const [row] = new IndexedPages(before, n.rules()).billRows.prove(0)!;
    for (const page of pages) {
      await expect(
        contract.containsBill(pageArgument(page, anchorers), billRowArgument(row!)),
      ).to.be.revertedWithCustomError(contract, "LedgerPageUnknown");
    }
    const swapped = { controlCentre: anchorers.provider, provider: anchorers.controlCentre };
    await expect(
      contract.containsBill(pageArgument(before, swapped), billRowArgument(row!)),
    ).to.be.revertedWithCustomError(contract, "LedgerPageUnknown");
  });

  it("is not deployed with a zero address", async () => {
    const { contract, price, admin } = await networkHelpers.loadFixture(deployed);
    const accounts = [admin.address, admin.address, admin.address, await price.getAddress()];
    for (const i of accounts.keys()) {
      const args = accounts.with(i, ethers.ZeroAddress);
      await expect(
        ethers.deployContract("ConsumptionLedger", [...args, FIRST]),
      ).to.be.revertedWithCustomError(contract, "LedgerZeroAddress");
    }
  });
});
