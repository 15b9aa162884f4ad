// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ConsumptionLedger} from "../../../contracts/ConsumptionLedger.sol";
import {ILedgerTypes} from "../../../contracts/interfaces/ILedgerTypes.sol";
import {IPriceFunction} from "../../../contracts/interfaces/IPriceFunction.sol";
import {PiecewiseLinearPrice} from "../../../contracts/prices/PiecewiseLinearPrice.sol";
import {LedgerHashes} from "../../../contracts/libraries/LedgerHashes.sol";
import {Bills} from "./Bills.sol";
import {vm} from "./Vm.sol";

/// @notice Anchors, replaces, bills and challenges pages in any order, and predicts from a model of its own what is
///         accepted.
contract LedgerHandler {
    using LedgerHashes for ILedgerTypes.Consumption;

    uint32 public constant FIRST = 100;
    uint32 private constant SPAN = 6;
    uint64 private constant AVERAGE = 200;
    /// @dev What the price function says, for every load.
    uint64 private constant PRICE = 5;

    ConsumptionLedger public ledger;
    /// @notice Intervals that have a page.
    uint32 public anchored;
    uint256 public replaced;
    uint256 public billed;
    uint256 public proved;
    uint256 public refused;
    mapping(uint32 interval => mapping(uint8 revision => bytes32)) public wordOf;
    mapping(uint32 interval => mapping(uint8 revision => uint256)) public contradictionsOf;
    mapping(uint32 interval => mapping(uint8 revision => bool)) public isBilled;
    mapping(uint32 interval => mapping(uint8 revision => bool)) public isVoid;
    mapping(uint32 interval => bool) public isReplaced;
    mapping(uint32 interval => mapping(uint8 revision => ILedgerTypes.Page)) private _pageOf;

    constructor() {
        PiecewiseLinearPrice.Point[] memory points = new PiecewiseLinearPrice.Point[](1);
        points[0] = PiecewiseLinearPrice.Point(0, PRICE);
        address price = Bills.create(
            "PiecewiseLinearPrice.sol:PiecewiseLinearPrice",
            abi.encode(points)
        );
        address me = address(this);
        ConsumptionLedger.Rules memory rules = ConsumptionLedger.Rules(
            me,
            me,
            me,
            IPriceFunction(price),
            FIRST,
            3600,
            3,
            AVERAGE
        );
        ledger = ConsumptionLedger(
            Bills.create("ConsumptionLedger.sol:ConsumptionLedger", abi.encode(rules))
        );
    }

    /// @param source Which page the terms name: the right one is common, and so is a wrong one.
    function anchor(
        uint32 seed,
        bool isSecond,
        uint32 source,
        bytes32 root,
        address caller
    ) external {
        uint32 interval = _pick(seed);
        uint8 revision = isSecond ? 1 : 0;
        ILedgerTypes.Consumption memory c;
        (c.interval, c.revision, c.average, c.root) = (interval, revision, AVERAGE, root);
        uint32 standing = _lastStanding(interval);
        c.source = source % 4 == 0 ? source % (2 * FIRST) : standing;
        bool mayAnchor = isSecond ? _mayReplace(interval) : interval == FIRST + anchored;
        mayAnchor = mayAnchor && c.source == standing && _become(caller);
        try ledger.anchorConsumption(c) {
            require(mayAnchor, "accepted out of order, or from a stranger");
            if (isSecond) {
                (isReplaced[interval], replaced) = (true, replaced + 1);
                if (interval == FIRST + anchored) ++anchored;
                wordOf[interval][0] = bytes32(uint256(wordOf[interval][0]) | 2);
            } else {
                ++anchored;
            }
            wordOf[interval][revision] = ledger.commitmentOf(interval, revision);
            ILedgerTypes.Page storage page = _pageOf[interval][revision];
            (page.consumption, page.controlCentre) = (c, address(this));
        } catch {
            require(!mayAnchor, "refused a page that may be anchored");
            ++refused;
        }
    }

    /// @param price Taken modulo ten: the right one is common, and so is a wrong one.
    function bill(uint32 seed, bool isSecond, uint64 price, address caller) external {
        uint32 interval = _pick(seed);
        uint8 revision = isSecond ? 1 : 0;
        ILedgerTypes.Page memory page = _pageOf[interval][revision];
        ILedgerTypes.Billing memory b;
        (b.interval, b.revision, b.price) = (interval, revision, price % 10);
        b.consumption = this.hashOf(page.consumption);
        bool mayBill =
            wordOf[interval][revision] != 0 &&
                !isBilled[interval][revision] &&
                !isVoid[interval][revision] &&
                !(revision == 0 && isReplaced[interval]) &&
                _become(caller);
        try ledger.anchorBilling(address(this), page.consumption.load, b) {
            require(mayBill, "billed twice, a void page, or by a stranger");
            (isBilled[interval][revision], billed) = (true, billed + 1);
            wordOf[interval][revision] = ledger.commitmentOf(interval, revision);
            _pageOf[interval][revision].price = b.price;
            _pageOf[interval][revision].provider = address(this);
        } catch {
            require(!mayBill, "refused a page that may be billed");
            ++refused;
        }
    }

    /// @notice Anybody challenges the price of a page that is billed, or is not.
    function challenge(uint32 seed, bool isSecond, address caller) external {
        uint32 interval = _pick(seed);
        uint8 revision = isSecond ? 1 : 0;
        ILedgerTypes.Page memory page = _pageOf[interval][revision];
        bool isWrong = isBilled[interval][revision] && page.price != PRICE;
        _become(caller);
        try ledger.challengePrice(page) {
            require(isWrong, "proved a right price wrong");
            _void(interval, revision, ILedgerTypes.Contradiction.Price);
        } catch {
            require(!isWrong, "did not prove a wrong price");
            ++refused;
        }
    }

    function abandon(uint32 seed, bool isSecond, address caller) external {
        uint32 interval = _pick(seed);
        uint8 revision = isSecond ? 1 : 0;
        bool isOpen =
            wordOf[interval][revision] != 0 &&
                interval + 1 == FIRST + anchored &&
                !isBilled[interval][revision] &&
                !isVoid[interval][revision] &&
                !(revision == 0 && isReplaced[interval]);
        bool mayAbandon = isOpen && _become(caller);
        try ledger.abandon(_pageOf[interval][revision]) {
            require(mayAbandon, "abandoned a final page");
            _void(interval, revision, ILedgerTypes.Contradiction.Abandoned);
        } catch {
            require(!mayAbandon, "refused to abandon");
            ++refused;
        }
    }

    function hashOf(ILedgerTypes.Consumption calldata c) external pure returns (bytes32) {
        return c.hash();
    }

    function _void(uint32 interval, uint8 revision, ILedgerTypes.Contradiction kind) private {
        isVoid[interval][revision] = true;
        wordOf[interval][revision] = bytes32(uint256(wordOf[interval][revision]) | 4);
        contradictionsOf[interval][revision] |= 1 << uint8(kind);
        ++proved;
    }

    function _mayReplace(uint32 interval) private view returns (bool) {
        bool isLast = anchored > 0 && interval + 1 == FIRST + anchored;
        bool isNext = interval == FIRST + anchored;
        return isNext || (isLast && !isReplaced[interval] && !isBilled[interval][0]);
    }

    function _lastStanding(uint32 interval) private view returns (uint32) {
        for (uint32 i = interval; i > FIRST;) {
            --i;
            if (!isVoid[i][isReplaced[i] ? 1 : 0]) return i;
        }
        return 0;
    }

    /// @dev The next call comes from `caller`, of whom one in two holds the roles. Says whether it does.
    function _become(address caller) private returns (bool holdsRoles) {
        bool canBe = uint160(caller) > 0xffff && caller != address(vm) && caller != address(this);
        holdsRoles = !canBe || uint160(caller) % 2 == 0;
        if (!holdsRoles) vm.prank(caller);
    }

    /// @dev Near what comes next, so that both outcomes are common.
    function _pick(uint32 seed) private view returns (uint32) {
        uint32 least = FIRST + (anchored > 3 ? anchored - 3 : 0) - 1;
        return least + (seed % SPAN);
    }
}
