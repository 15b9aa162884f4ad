// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ConsumptionLedger} from "../../../contracts/ConsumptionLedger.sol";
import {IConsumptionLedger} from "../../../contracts/interfaces/IConsumptionLedger.sol";
import {PiecewiseLinearPrice} from "../../../contracts/prices/PiecewiseLinearPrice.sol";
import {LedgerHashes} from "../../../contracts/libraries/LedgerHashes.sol";
import {Bills} from "./Bills.sol";
import {vm} from "./Vm.sol";

/// @notice Anchors, bills and challenges intervals in any order, and predicts from a model of its own what is accepted.
contract LedgerHandler {
    using LedgerHashes for IConsumptionLedger.Consumption;

    uint32 public constant FIRST = 100;
    uint32 private constant SPAN = 8;
    /// @dev What the price function says, whatever the load.
    uint64 private constant PRICE = 5;

    ConsumptionLedger public ledger;
    uint32 public anchored;
    uint32 public billed;
    uint256 public proved;
    uint256 public refused;
    mapping(uint32 interval => bytes32) public wordOf;
    mapping(uint32 interval => uint256) public contradictionsOf;
    mapping(uint32 interval => IConsumptionLedger.Page) private _pageOf;

    constructor() {
        PiecewiseLinearPrice.Point[] memory points = new PiecewiseLinearPrice.Point[](1);
        points[0] = PiecewiseLinearPrice.Point(0, PRICE);
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

    function anchor(uint32 seed, bytes32 root, address caller) external {
        uint32 interval = _pick(seed);
        IConsumptionLedger.Consumption memory c;
        (c.interval, c.average, c.root) = (interval, 200, root);
        bool isNext = interval == FIRST + anchored && _become(caller);
        try ledger.anchorConsumption(c) {
            require(isNext, "accepted out of order, or from a stranger");
            ++anchored;
            wordOf[interval] = ledger.commitmentOf(interval);
            (_pageOf[interval].consumption, _pageOf[interval].controlCentre) = (c, address(this));
        } catch {
            require(!isNext, "refused the next");
            ++refused;
        }
    }

    /// @param price Taken modulo ten: the right one is common, and so is a wrong one.
    function bill(uint32 seed, bytes32 root, uint64 price, address caller) external {
        uint32 interval = _pick(seed);
        IConsumptionLedger.Page memory page = _pageOf[interval];
        page.price = IConsumptionLedger.Price(interval, price % 10, this.hashOf(page.consumption));
        page.bills = IConsumptionLedger.Bills(interval, 0, 0, root);
        page.provider = address(this);
        bool isNext = interval == FIRST + billed && billed < anchored && _become(caller);
        try ledger.anchorBilling(address(this), page.price, page.bills) {
            require(isNext, "billed out of order, or by a stranger");
            ++billed;
            wordOf[interval] = ledger.commitmentOf(interval);
            _pageOf[interval].price = page.price;
            _pageOf[interval].bills = page.bills;
            _pageOf[interval].provider = page.provider;
        } catch {
            require(!isNext, "refused the next bill");
            ++refused;
        }
    }

    /// @notice Anybody challenges the price of an interval that is billed, or is not.
    function challenge(uint32 seed, address caller) external {
        uint32 interval = _pick(seed);
        IConsumptionLedger.Page memory page = _pageOf[interval];
        bool isWrong = interval >= FIRST && interval < FIRST + billed && page.price.price != PRICE;
        _become(caller);
        try ledger.challengePrice(page) {
            require(isWrong, "proved a right price wrong");
            contradictionsOf[interval] |= 1 << uint8(IConsumptionLedger.Contradiction.Price);
            ++proved;
        } catch {
            require(!isWrong, "did not prove a wrong price");
            ++refused;
        }
    }

    function hashOf(IConsumptionLedger.Consumption calldata c) external pure returns (bytes32) {
        return c.hash();
    }

    /// @dev The next call comes from `caller`, of whom one in two holds the roles. Says whether it does.
    function _become(address caller) private returns (bool holdsRoles) {
        bool canBe = uint160(caller) > 0xffff && caller != address(vm) && caller != address(this);
        holdsRoles = !canBe || uint160(caller) % 2 == 0;
        if (!holdsRoles) vm.prank(caller);
    }

    /// @dev Near what comes next, so that both outcomes are common.
    function _pick(uint32 seed) private view returns (uint32) {
        uint32 least = FIRST + (billed > 2 ? billed - 2 : 0) - 1;
        return least + (seed % SPAN);
    }
}
