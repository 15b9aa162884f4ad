// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ConsumptionLedger} from "../../../contracts/ConsumptionLedger.sol";
import {IConsumptionLedger} from "../../../contracts/interfaces/IConsumptionLedger.sol";
import {PiecewiseLinearPrice} from "../../../contracts/prices/PiecewiseLinearPrice.sol";
import {LedgerHashes} from "../../../contracts/libraries/LedgerHashes.sol";
import {Bills} from "./Bills.sol";

/// @notice Anchors intervals in any order, and predicts from a model of its own which are accepted.
contract LedgerHandler {
    using LedgerHashes for IConsumptionLedger.Consumption;

    uint32 public constant FIRST = 100;
    uint32 private constant SPAN = 8;

    ConsumptionLedger public ledger;
    uint32 public anchored;
    uint32 public billed;
    mapping(uint32 interval => bytes32) public wordOf;
    mapping(uint32 interval => bytes32) private _hashOf;

    constructor() {
        PiecewiseLinearPrice.Point[] memory points = new PiecewiseLinearPrice.Point[](1);
        points[0] = PiecewiseLinearPrice.Point(0, 5);
        address price = Bills.create(
            "PiecewiseLinearPrice.sol:PiecewiseLinearPrice",
            abi.encode(points)
        );
        address me = address(this);
        bytes memory arguments = abi.encode(me, me, me, price, FIRST);
        ledger = ConsumptionLedger(
            Bills.create("ConsumptionLedger.sol:ConsumptionLedger", arguments)
        );
    }

    function anchor(uint32 seed, bytes32 root) external {
        uint32 interval = _pick(seed);
        IConsumptionLedger.Consumption memory c;
        (c.interval, c.average, c.root) = (interval, 200, root);
        try ledger.anchorConsumption(c) {
            require(interval == FIRST + anchored, "accepted out of order");
            ++anchored;
            wordOf[interval] = ledger.commitmentOf(interval);
            _hashOf[interval] = this.hashOf(c);
        } catch {
            require(interval != FIRST + anchored, "refused the next");
        }
    }

    function bill(uint32 seed, bytes32 root, uint64 price) external {
        uint32 interval = _pick(seed);
        IConsumptionLedger.Price memory p = IConsumptionLedger.Price(
            interval,
            price,
            _hashOf[interval]
        );
        IConsumptionLedger.Bills memory b = IConsumptionLedger.Bills(interval, 0, 0, root);
        bool isNext = interval == FIRST + billed && billed < anchored;
        try ledger.anchorBilling(address(this), p, b) {
            require(isNext, "billed out of order");
            ++billed;
            wordOf[interval] = ledger.commitmentOf(interval);
        } catch {
            require(!isNext, "refused the next bill");
        }
    }

    function hashOf(IConsumptionLedger.Consumption calldata c) external pure returns (bytes32) {
        return c.hash();
    }

    /// @dev Near what comes next, so that both outcomes are common.
    function _pick(uint32 seed) private view returns (uint32) {
        uint32 least = FIRST + (billed > 2 ? billed - 2 : 0) - 1;
        return least + (seed % SPAN);
    }
}
