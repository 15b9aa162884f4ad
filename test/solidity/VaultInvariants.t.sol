// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICreditVault} from "../../contracts/interfaces/ICreditVault.sol";
import {TestToken} from "../../contracts/mocks/TestToken.sol";
import {VaultHandler} from "./support/VaultHandler.sol";

/**
 * @notice What holds of a vault whatever is done to it, in whatever order, by whomever.
 *
 *  V1  The vault holds what it owes: the sum of all deposits that are open or acknowledged.
 *  V2  No role moves a deposit: every resident has what is left after deposits, plus what was paid back; the treasury
 *      has the deposits that were acknowledged and could no longer be disputed; nobody else ever has a token.
 *  V3  A deposit ends once: its state is that of the model, in which refunded and collected are the end.
 */
contract VaultInvariantsTest {
    VaultHandler private _handler;
    ICreditVault private _vault;
    TestToken private _token;

    function setUp() public {
        _handler = new VaultHandler();
        (_vault, _token) = (_handler.vault(), _handler.token());
    }

    /// @notice Only the handler is called.
    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// @dev The invariants would hold of a handler that does nothing: this one can get everywhere.
    function test_handlerReachesEveryOutcome() public {
        uint256 last = 1;
        address stranger = address(0x1234567);
        for (uint256 i = 0; i < 4; ++i) {
            _handler.deposit(i, 100 + i, i);
            _handler.acknowledge(last, false, stranger, false);
            _handler.wait_(255);
            _handler.collect(last, last, false, stranger, false);

            _handler.deposit(i, 200 + i, i);
            _handler.acknowledge(last, true, stranger, false);
            _handler.dispute(last, 0, stranger);

            _handler.deposit(i, 300 + i, i);
            if (i % 2 == 0) _handler.decline(last, stranger, false);
            else for (uint256 k = 0; k < 2; ++k) _handler.wait_(255);
            _handler.refund(last, stranger);
        }
        require(_handler.collections() == 4, "collections");
        require(_handler.disputes() == 4, "disputes");
        require(_handler.refunds() == 4, "refunds");
        invariant_vault();
    }

    /// @dev One function, so that one run serves all of them.
    function invariant_vault() public view {
        _vaultHoldsWhatItOwes();
        _everyoneHasTheirOwn();
        _depositsAreThoseOfTheModel();
    }

    /// @dev V1.
    function _vaultHoldsWhatItOwes() private view {
        require(_vault.owed() == _handler.owed(), "owed");
        require(_token.balanceOf(address(_vault)) == _handler.owed(), "held");
    }

    /// @dev V2.
    function _everyoneHasTheirOwn() private view {
        uint256 sum = _token.balanceOf(address(_vault));
        for (uint256 i = 0; i < 4; ++i) sum += _check(_handler.residents(i));
        sum += _check(_handler.TREASURY());
        require(sum == _token.totalSupply(), "somebody else has tokens");
    }

    /// @dev V3.
    function _depositsAreThoseOfTheModel() private view {
        uint256 count = _handler.depositCount();
        require(_vault.depositCount() == count, "count");
        for (uint256 i = count < 8 ? 0 : count - 8; i < count; ++i) {
            require(_vault.depositOf(i + 1).status == _handler.statusOf(i), "status");
        }
    }

    function _check(address who) private view returns (uint256 balance) {
        balance = _token.balanceOf(who);
        require(balance == _handler.expectedBalance(who), "balance");
    }
}
