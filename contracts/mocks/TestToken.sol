// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @notice A token for local chains and tests: anyone may create any amount. Two decimals, as money has.
contract TestToken is ERC20 {
    constructor() ERC20("Sipster test credit", "TEST") {}

    /// @notice Creates `amount` hundredths for `to`.
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    /// @notice Hundredths.
    function decimals() public pure override returns (uint8) {
        return 2;
    }
}
