// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ConsumptionLedger} from "../../contracts/ConsumptionLedger.sol";
import {IConsumptionLedger} from "../../contracts/interfaces/IConsumptionLedger.sol";
import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";
import {LedgerHashes} from "../../contracts/libraries/LedgerHashes.sol";
import {LedgerHandler} from "./support/LedgerHandler.sol";
import {PiecewiseLinearPrice} from "../../contracts/prices/PiecewiseLinearPrice.sol";

/**
 * @notice What holds of the ledger whatever is anchored, in whatever order.
 *
 *  L1  Intervals are anchored and billed strictly in order, each once: predicted by the handler.
 *  L2  What is anchored never changes: the words are those of the model.
 *  L3  A bill row can be challenged exactly when it is not price × parcel.
 */
contract ConsumptionLedgerTest {
    using LedgerHashes for IConsumptionLedger.Consumption;

    LedgerHandler private _handler;

    function setUp() public {
        _handler = new LedgerHandler();
    }

    /// @dev L1, L2: many steps in an order that the seed gives.
    function testFuzz_anyOrderKeepsTheInvariants(uint256 seed) public {
        for (uint256 i = 0; i < 60; ++i) _step(seed, i);
        _wordsNeverChange();
    }

    /// @dev The invariants would hold of a handler that does nothing: this one gets on.
    function test_handlerAnchorsAndBills() public {
        for (uint256 i = 0; i < 200; ++i) _step(0, i);
        require(_handler.anchored() > 5 && _handler.billed() > 5, "stuck");
        _wordsNeverChange();
    }

    function _step(uint256 seed, uint256 i) private {
        uint256 random = uint256(keccak256(abi.encode(seed, i)));
        if (random >> 255 == 0) _handler.anchor(uint32(random), bytes32(i));
        else _handler.bill(uint32(random), bytes32(i), uint64(i));
    }

    /// @dev L1, L2.
    function _wordsNeverChange() private view {
        ConsumptionLedger ledger = _handler.ledger();
        uint32 first = _handler.FIRST();
        for (uint32 i = 0; i <= _handler.anchored(); ++i) {
            require(ledger.commitmentOf(first + i) == _handler.wordOf(first + i), "word");
            require(ledger.isBilled(first + i) == (i < _handler.billed()), "billed");
        }
    }

    /// @dev L3.
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
