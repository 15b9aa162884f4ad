// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICreditVault} from "../../contracts/interfaces/ICreditVault.sol";
import {RefusingToken} from "../../contracts/mocks/RefusingToken.sol";
import {VaultHandler} from "./support/VaultHandler.sol";
import {vm} from "./support/Vm.sol";

/**
 * @notice What holds of a vault after any sequence of actions of any callers.
 *
 *  V1  The vault holds what it owes: the sum of all deposits that are open or acknowledged and of all that is due.
 *  V2  No role moves a deposit: every resident has what is left after deposits, plus what was withdrawn; the treasury
 *      has the deposits that were acknowledged and could no longer be disputed; nobody else ever has a token.
 *  V3  A deposit ends once: its state is that of the model, in which refunded and collected are the end.
 *  V4  At each moment one party may act: the handler predicts of every call whether it succeeds.
 *  V5  A token that refuses transfers stops deposits, collecting and withdrawing, and no refund and no dispute.
 */
contract VaultInvariantsTest {
    VaultHandler private _handler;
    ICreditVault private _vault;
    RefusingToken private _token;

    function setUp() public {
        _handler = new VaultHandler();
        (_vault, _token) = (_handler.vault(), _handler.token());
    }

    /// @notice Only the handler is called.
    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// @dev After a fork, vault and settlement are of the system of their own chain, both, and the mint's answer to
    ///      a deposit of the other chain is refused: its hash is another.
    function test_forkLeavesVaultAndSettlementInOneSystem() public {
        _handler.deposit(0, 100, 0, 1);
        bytes32 systemId = _vault.systemId();
        bytes32 depositHash = _vault.depositHashOf(1);
        require(systemId == _vault.settlement().systemId(), "two systems");
        vm.chainId(block.chainid + 1);
        require(_vault.systemId() != systemId, "system of the other chain");
        require(_vault.systemId() == _vault.settlement().systemId(), "two systems after the fork");
        require(_vault.depositHashOf(1) != depositHash, "deposit of the other chain");
    }

    /// @dev The invariants would hold of a handler that does nothing: this one can get everywhere.
    function test_handlerReachesEveryOutcome() public {
        uint256 last = 1;
        address stranger = address(0x1234567);
        for (uint256 i = 0; i < 4; ++i) {
            _handler.deposit(i, 100 + i, i, 1 + i);
            _handler.acknowledge(last, false, 0, false, stranger, false);
            _handler.wait_(255);
            _handler.collect(last, last, false, stranger, false);

            _handler.deposit(i, 200 + i, i, 1 + i);
            _handler.acknowledge(last, true, 0, false, stranger, false);
            _handler.refuse(0);
            _handler.dispute(last, 0, 0, stranger);
            _handler.withdraw(i, false);
            require(_handler.withdrawals() == i, "withdrawn while the token refuses");
            _handler.refuse(1);

            _handler.deposit(i, 300 + i, i, 1 + i);
            if (i % 2 == 0) _handler.decline(last, false, stranger, false);
            else _handler.wait_(254);
            _handler.refund(last, stranger);
            _handler.withdraw(i, false);
        }
        for (uint256 i = 0; i < 2; ++i) {
            _handler.deposit(i, 400 + i, i, 1 + i);
            _handler.acknowledge(last, false, 0, false, stranger, false);
        }
        _handler.wait_(255);
        _handler.collect(last, 2, true, stranger, false);
        require(_handler.pairsCollected() == 1, "two collected together");
        require(_handler.collections() == 5, "collections");
        require(_handler.disputes() == 4, "disputes");
        require(_handler.declines() == 2, "declines");
        require(_handler.refunds() == 2, "refunds");
        require(_handler.withdrawals() == 4, "withdrawals");
        invariant_vault();
    }

    /// @dev The handler predicts each call: here all of them, on both sides of both deadlines.
    function test_handlerTriesEverythingAtEachDeadline() public {
        uint256 last = 1;
        address stranger = address(0x1234567);
        for (uint8 side = 0; side < 3; ++side) {
            _handler.deposit(side, 100, side, 3);
            _handler.waitForDeadline(last, side);
            _handler.acknowledge(last, false, 1, false, stranger, false);
            _handler.acknowledge(last, false, 129, false, stranger, false);
            _handler.acknowledge(last, false, 0, true, stranger, false);
            _handler.acknowledge(last, false, 0, false, stranger, true);
            _handler.refund(last, stranger);
            _handler.acknowledge(last, false, 0, false, stranger, false);

            _handler.deposit(side, 200, side, 3);
            _handler.acknowledge(last, true, 0, false, stranger, false);
            _handler.waitForDeadline(last, side);
            _handler.collect(last, 1, false, stranger, true);
            _handler.dispute(last, 1, 0, stranger);
            _handler.dispute(last, 0, 1, stranger);
            _handler.collect(last, 1, false, stranger, false);
            _handler.dispute(last, 0, 0, stranger);

            _handler.deposit(side, 300, side, 3);
            _handler.waitForDeadline(last, side);
            _handler.acknowledge(last, false, 0, false, stranger, false);
            _handler.decline(last, false, stranger, false);
            invariant_vault();
        }
    }

    /// @dev Each party is the first once, a second before each deadline, at it and a second after it: a right that ends
    ///      too late shows only while nobody else has used theirs.
    function test_handlerTriesEachPartyFirstAtEachDeadline() public {
        uint256 last = 1;
        for (uint8 choice = 0; choice < 12; ++choice) {
            _handler.deposit(choice, 100, choice, 3);
            _handler.actAtDeadline(last, choice, address(0x1234567));

            _handler.deposit(choice, 200, choice, 3);
            _handler.acknowledge(last, true, 0, false, address(0), false);
            _handler.actAtDeadline(last, choice, address(0x1234567));
            invariant_vault();
        }
        require(_handler.refunds() > 0 && _handler.disputes() > 0, "the depositor's rights");
        require(_handler.collections() > 0, "the treasurer's right");
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
        for (uint256 i = 0; i < 4; ++i) {
            address resident = _handler.residents(i);
            sum += _check(resident);
            require(_vault.dueTo(resident) == _handler.expectedDue(resident), "due");
        }
        sum += _check(_handler.TREASURY());
        require(sum == _token.totalSupply(), "another account has tokens");
    }

    /// @dev V3.
    function _depositsAreThoseOfTheModel() private view {
        uint256 count = _handler.depositCount();
        require(_vault.depositCount() == count, "count");
        for (uint256 i = count < 8 ? 0 : count - 8; i < count; ++i) {
            require(_vault.depositOf(i + 1).status == _handler.statusOf(i), "status");
        }
    }

    function _check(address account) private view returns (uint256 balance) {
        balance = _token.balanceOf(account);
        require(balance == _handler.expectedBalance(account), "balance");
    }
}
