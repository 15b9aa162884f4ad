// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @notice A token whose issuer can stop all transfers, or those to and from one account, for tests.
contract RefusingToken is ERC20 {
    error TransferRefused();

    bool public isStopped;
    mapping(address => bool) public isBlocked;

    constructor() ERC20("Refusing", "NO") {}

    /// @notice Creates `amount` base units for `to`.
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    /// @notice From now on every transfer fails, or none for this reason.
    function stop(bool isStopped_) external {
        isStopped = isStopped_;
    }

    /// @notice From now on transfers to and from `account` fail, or none for this reason.
    function setBlocked(address account, bool isBlocked_) external {
        isBlocked[account] = isBlocked_;
    }

    function _update(address from, address to, uint256 value) internal override {
        bool isMint = from == address(0);
        if (!isMint && (isStopped || isBlocked[from] || isBlocked[to])) revert TransferRefused();
        super._update(from, to, value);
    }
}
