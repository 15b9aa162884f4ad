// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BN254} from "../libraries/BN254.sol";
import {PairingCheck, PairingInput} from "../libraries/PairingCheck.sol";

/// @notice The least a settlement can cost, for the gas comparison: the precompiles, and no check, key registry,
///         nullifier or event.
contract BareChecks {
    error BareCheckFailed();

    /// @notice e(σ, P2) = e(R, A2), with A2 from the caller.
    function pair(
        BN254.G1Point calldata sigma,
        BN254.G1Point calldata r,
        BN254.G2Point calldata a2
    ) public view {
        PairingInput input = PairingCheck.allocate();
        input.setOther(a2);
        if (!input.holds(sigma.x, sigma.y, r.x, r.y)) revert BareCheckFailed();
    }

    /// @notice The same, and the recovery of one signature.
    function pairAndRecover(
        BN254.G1Point calldata sigma,
        BN254.G1Point calldata r,
        BN254.G2Point calldata a2,
        bytes32 sigR,
        bytes32 sigVs
    ) external view {
        uint8 v = uint8(uint256(sigVs) >> 255) + 27;
        bytes32 s = bytes32(uint256(sigVs) & (type(uint256).max >> 1));
        if (ecrecover(bytes32(r.x), v, sigR, s) == address(0)) revert BareCheckFailed();
        pair(sigma, r, a2);
    }
}
