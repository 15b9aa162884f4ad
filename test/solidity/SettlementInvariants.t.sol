// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBillSettlement} from "../../contracts/interfaces/IBillSettlement.sol";
import {SettlementHandler} from "./support/SettlementHandler.sol";

/**
 * @notice What holds of a settlement after any calls, in any order, from any senders.
 *
 *  S1  A settled bit never clears, and is set only by settling: the bits are those of the model, in which nothing
 *      is ever cleared.
 *  S2  Events equal set bits: one event for each, and no more.
 *  S3  Keys are immutable: the code of every key is what it was when it was registered, and so is its first
 *      period; every period has one key epoch, that of the model.
 *  S4  The effect of settlement does not depend on caller or order: the model knows neither, and agrees.
 *  S5  A batch is accepted exactly when every bill in it would be, or is settled already: predicted by the
 *      handler for every batch.
 *
 * S4 is also tested directly, by replaying in other orders, in {SettlementTest}.
 */
contract SettlementInvariantsTest {
    SettlementHandler private _handler;
    IBillSettlement private _settlement;

    function setUp() public {
        _handler = new SettlementHandler();
        _settlement = _handler.settlement();
    }

    /// @notice Only the handler is called.
    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// @dev The invariants would hold of a handler that does nothing: this one gets everywhere.
    function test_handlerReachesEveryOutcome() public {
        for (uint256 i = 0; i < 120; ++i) {
            uint256 seed = uint256(keccak256(abi.encode(i)));
            address caller = address(uint160(seed));
            if (i % 20 == 0) _handler.registerKey(seed);
            if (i % 30 == 29) _handler.retireMeter(seed, uint32(seed >> 64));
            if (i % 4 == 0) _handler.settleBatch(seed, uint8(seed >> 8), seed >> 16, caller);
            else if (i % 10 == 9) _handler.replay(seed, caller);
            else _handler.settle(seed, uint8(seed >> 8), caller);
            _handler.wait_(uint8(seed >> 96));
        }
        require(_handler.accepted() > 20, "accepted");
        require(_handler.refused() > 20, "refused");
        require(_handler.batchesAccepted() > 5, "batches accepted");
        require(_handler.batchesRefused() > 5, "batches refused");
        invariant_settlement();
    }

    /// @dev One function, so that one run serves all of them.
    function invariant_settlement() public view {
        _bitsAndEventsAreThoseOfTheModel();
        _keysAreImmutable();
    }

    /// @dev S1, S2, S4.
    function _bitsAndEventsAreThoseOfTheModel() private view {
        for (uint32 i = 0; i < _handler.periods(); ++i) {
            uint32 period = _handler.period(i);
            for (uint256 word = 0; 256 * word < _handler.meterCount(); ++word) {
                uint256 bits = _settlement.settledWord(period, uint32(word));
                require(bits == _handler.settledBits(period, word), "bits");
                require(bits == _handler.eventBits(period, word), "events");
            }
        }
    }

    /// @dev S3.
    function _keysAreImmutable() private view {
        require(_settlement.keyEpochs() == _handler.keyCount(), "count");
        for (uint32 i = 0; i < _handler.keyCount(); ++i) {
            (, uint32 firstPeriod, bytes32 codeHash) = _handler.keys(i);
            require(_settlement.epochKeyAddress(i + 1).codehash == codeHash, "code");
            require(_settlement.epochKey(i + 1).firstPeriod == firstPeriod, "first period");
        }
        for (uint32 i = 0; i < _handler.periods(); ++i) {
            uint32 period = _handler.period(i);
            require(_settlement.epochOf(period) == _handler.epochOf(period), "epoch");
        }
        uint32 next = uint32(_handler.keyCount()) + 1;
        require(_settlement.epochKeyAddress(next).code.length == 0, "next");
    }
}
