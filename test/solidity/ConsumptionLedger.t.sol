// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ConsumptionLedger} from "../../contracts/ConsumptionLedger.sol";
import {IConsumptionLedger} from "../../contracts/interfaces/IConsumptionLedger.sol";
import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";
import {LedgerHashes} from "../../contracts/libraries/LedgerHashes.sol";
import {PiecewiseLinearPrice} from "../../contracts/prices/PiecewiseLinearPrice.sol";

/// @notice Challenges, for any numbers; what holds of any order of calls is in {LedgerInvariantsTest}.
contract ConsumptionLedgerTest {
    using LedgerHashes for IConsumptionLedger.Consumption;

    /// @dev A bill row can be challenged exactly when it is not price × parcel.
    function testFuzz_billRowIsChallengedExactlyWhenWrong(
        uint64 price,
        uint64 wattHours,
        uint128 amount,
        bool isRight
    ) public {
        if (isRight) amount = uint128(price) * wattHours;
        bool isWrong = amount != uint256(price) * wattHours;
        PiecewiseLinearPrice.Point[] memory points = new PiecewiseLinearPrice.Point[](1);
        points[0] = PiecewiseLinearPrice.Point(0, price);
        ConsumptionLedger ledger = new ConsumptionLedger(
            address(this),
            address(this),
            address(this),
            new PiecewiseLinearPrice(points),
            1
        );
        IConsumptionLedger.Page memory page;
        (page.consumption.interval, page.price.interval, page.bills.interval) = (1, 1, 1);
        (page.controlCentre, page.provider) = (address(this), address(this));
        (page.price.price, page.price.consumption) = (price, this.hashOf(page.consumption));
        IConsumptionLedger.BillRow memory row;
        (row.wattHours, row.amount, row.cumulative) = (wattHours, amount, amount);
        row.proof = new bytes32[](1);
        page.bills.root = Hashes.commutativeKeccak256(this.leafOf(row), 0);
        ledger.anchorConsumption(page.consumption);
        ledger.anchorBilling(address(this), page.price, page.bills);
        try ledger.challengeBillAmount(page, row) {
            require(isWrong, "proved a right row wrong");
        } catch {
            require(!isWrong, "did not prove a wrong row");
        }
    }

    function hashOf(IConsumptionLedger.Consumption calldata c) external pure returns (bytes32) {
        return c.hash();
    }

    function leafOf(IConsumptionLedger.BillRow calldata row) external pure returns (bytes32) {
        return LedgerHashes.leaf(1, row);
    }
}
