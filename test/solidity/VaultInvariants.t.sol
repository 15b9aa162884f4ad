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

    /// @dev The invariants would hold of a handler that does nothing: this one gets everywhere.
    function test_handlerReachesEveryOutcome() public {
        for (uint256 i = 0; i < 400; ++i) {
            uint256 seed = uint256(keccak256(abi.encode("vault", i)));
            address caller = address(uint160(seed));
            uint256 action = (seed >> 160) % 8;
            if (action < 2) _handler.deposit(seed, seed >> 8, seed);
            else if (action < 4)
                _handler.acknowledge(seed, seed & 128 == 0, caller, seed & 15 == 0);
            else if (action == 4) _handler.refund(seed, caller);
            else if (action == 5) _handler.dispute(seed, seed >> 64, caller);
            else if (action == 6) _handler.collect(seed, seed >> 16, caller, seed & 15 == 0);
            else if (seed & 15 == 0) _handler.decline(seed, caller, false);
            _handler.wait_(uint8(seed >> 200));
        }
        require(_handler.refunds() > 5, "refunds");
        require(_handler.disputes() > 1, "disputes");
        require(_handler.collections() > 2, "collections");
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
