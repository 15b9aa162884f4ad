// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ConsumptionLedger} from "../../contracts/ConsumptionLedger.sol";
import {LedgerHandler} from "./support/LedgerHandler.sol";

/**
 * @notice What holds of a ledger after anything is anchored, replaced, billed, abandoned or challenged, in any order, by
 *         anyone.
 *
 *  L1  Pages are anchored in order, replaced once before they are anchored or while they are the last and not billed, billed once unless they are
 *      void or replaced, by the holders of the roles alone: predicted by the handler for every call.
 *  L2  The terms of a page name the last page before it that was not void.
 *  L3  What is anchored never changes but for its flags, and no other page has a word.
 *  L4  A contradiction is recorded exactly when it was proved, and never cleared; then nobody owes the page.
 */
contract LedgerInvariantsTest {
    LedgerHandler private _handler;
    ConsumptionLedger private _ledger;

    function setUp() public {
        _handler = new LedgerHandler();
        _ledger = _handler.ledger();
    }

    /// @notice Only the handler is called.
    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// @dev The invariants would hold of a handler that does nothing: this one gets everywhere.
    function test_handlerReachesEveryOutcome() public {
        for (uint256 i = 0; i < 900; ++i) {
            uint256 random = uint256(keccak256(abi.encode(i)));
            address caller = address(uint160(random >> 32));
            bool isSecond = (random >> 200) % 3 == 0;
            uint32 seed = uint32(random);
            if (i % 5 < 2) {
                _handler.anchor(seed, isSecond, uint32(random >> 208), bytes32(random), caller);
            } else if (i % 5 == 2) _handler.bill(seed, isSecond, uint64(random >> 192), caller);
            else if (i % 5 == 3) _handler.challenge(seed, isSecond, caller);
            else if (i % 15 == 4) _handler.abandon(seed, isSecond, caller);
        }
        require(_handler.anchored() > 5 && _handler.billed() > 3, "stuck");
        require(_handler.proved() > 1 && _handler.replaced() > 1, "proved");
        require(_handler.refused() > 50, "refused");
        invariant_ledger();
    }

    /// @dev One function, so that one run serves all of them.
    function invariant_ledger() public view {
        uint32 first = _handler.FIRST();
        uint32 anchored = _handler.anchored();
        for (uint32 i = first - 1; i <= first + anchored; ++i) {
            for (uint8 r = 0; r < 3; ++r) {
                bool isAnchored = r == 0 && i >= first && i < first + anchored;
                bool isSecond = r == 1 && _handler.isReplaced(i);
                bytes32 word = _ledger.commitmentOf(i, r);
                require((word != 0) == (isAnchored || isSecond), "anchored");
                require(word == _handler.wordOf(i, r), "word");
                bool isOwed = _handler.isBilled(i, r) && !_handler.isVoid(i, r);
                require(_ledger.isOwed(i, r) == isOwed, "owed");
                require(
                    _ledger.contradictionsOf(i, r) == _handler.contradictionsOf(i, r),
                    "contradictions"
                );
            }
        }
    }
}
