// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BN254} from "./BN254.sol";
import {PairingCheck, PairingInput} from "./PairingCheck.sol";

/**
 * @title  PublicKeys
 * @notice The checks before a public key is registered: a key is a pair A1 = a·P1 in G1, A2 = a·P2 in G2.
 */
library PublicKeys {
    /// @notice What is wrong with a key: with which half, or that the halves disagree.
    enum Fault {
        None,
        A1,
        A2,
        Inconsistent
    }

    /// @dev Enough for the pairing with all the gas it may get, of which a call passes on 63/64.
    uint256 private constant GAS_NEEDED = (BN254.TWO_PAIRINGS_GAS * 64) / 63 + 5_000;

    /**
     * @notice Judges a key: A1 on the curve and not the identity; A2 on the twist, not the identity and in the
     *         subgroup of order ℓ; e(A1, P2) = e(P1, A2).
     * @dev    The pairing precompile fails on a point outside the subgroup, and so it does without gas; the
     *         gas is therefore asked for first. Reverts with {BN254.BN254GasTooLow}.
     */
    function judge(
        BN254.G1Point memory a1,
        BN254.G2Point memory a2
    ) internal view returns (Fault fault, BN254.Defect defect) {
        defect = BN254.defect(a1.x, a1.y);
        if (defect != BN254.Defect.None) return (Fault.A1, defect);
        defect = BN254.defect(a2);
        if (defect != BN254.Defect.None) return (Fault.A2, defect);

        if (gasleft() < GAS_NEEDED) revert BN254.BN254GasTooLow(gasleft(), GAS_NEEDED);
        PairingInput input = PairingCheck.allocate();
        input.setOther(a2);
        (bool isDone, bool isEqual) = input.tryHolds(a1.x, a1.y, 1, 2);
        if (!isDone) return (Fault.A2, BN254.Defect.NotInSubgroup);
        return (isEqual ? Fault.None : Fault.Inconsistent, BN254.Defect.None);
    }
}
