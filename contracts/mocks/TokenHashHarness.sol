// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TokenHash} from "../libraries/TokenHash.sol";

/// @notice {TokenHash} from outside, for tests and for comparing an implementation of one's own.
contract TokenHashHarness {
    /// @notice See {TokenHash.checkHint}.
    function checkHint(
        bytes32 systemId,
        TokenHash.Token calldata token,
        uint256 y
    ) external pure returns (bool isValid, uint256 x) {
        return TokenHash.checkHint(systemId, token, y);
    }

    /// @notice See {TokenHash.toPoint}.
    function toPoint(
        bytes32 systemId,
        TokenHash.Token calldata token
    ) external view returns (bool isValid, uint256 x, uint256 y) {
        return TokenHash.toPoint(systemId, token);
    }
}
