// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ConsumptionLedger} from "../../contracts/ConsumptionLedger.sol";
import {LedgerHandler} from "./support/LedgerHandler.sol";

/**
 * @notice What holds of a ledger whatever is anchored and challenged, in whatever order, by whomever.
 *
 *  L1  Intervals are anchored and billed strictly in order, each once, by the holders of the roles alone: predicted
 *      by the handler for every call.
 *  L2  What is anchored never changes: the words are those of the model, which writes each twice at most, and no
 *      interval but those has a word.
 *  L3  A contradiction is recorded exactly when it was proved, of whoever proved it, and never cleared.
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
        for (uint256 i = 0; i < 480; ++i) {
            uint256 random = uint256(keccak256(abi.encode(i)));
            address caller = address(uint160(random >> 32));
            if (i % 3 == 0) _handler.anchor(uint32(random), bytes32(random), caller);
            else if (i % 3 == 1) {
                _handler.bill(uint32(random), bytes32(random), uint64(random >> 192), caller);
            } else _handler.challenge(uint32(random), caller);
        }
        require(_handler.anchored() > 5 && _handler.billed() > 3, "stuck");
        require(_handler.proved() > 1, "proved");
        require(_handler.refused() > 50, "refused");
        invariant_ledger();
    }

    /// @dev One function, so that one run serves all of them.
    function invariant_ledger() public view {
        uint32 first = _handler.FIRST();
        (uint32 anchored, uint32 billed) = (_handler.anchored(), _handler.billed());
        require(billed <= anchored, "billed before anchored");
        for (uint32 i = first - 1; i <= first + anchored; ++i) {
            bool isAnchored = i >= first && i < first + anchored;
            bytes32 word = _ledger.commitmentOf(i);
            require((word != 0) == isAnchored, "anchored");
            require(word == _handler.wordOf(i), "word");
            require(_ledger.isBilled(i) == (i >= first && i < first + billed), "billed");
            require(_ledger.contradictionsOf(i) == _handler.contradictionsOf(i), "contradictions");
        }
    }
}
