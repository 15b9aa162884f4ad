// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBillSettlement} from "../interfaces/IBillSettlement.sol";
import {BN254} from "./BN254.sol";
import {DomainTags} from "./DomainTags.sol";

/**
 * @title  BatchReceipt
 * @notice The weights of a batch and the weighted sum of its bills.
 *
 * @dev Without weights one meter could sign −R_victim + x·P1 and the two bills would cancel: the victim would
 *      settle unpaid. The weights follow from everything that is signed (Fiat–Shamir), so that nobody knows
 *      them before all bills are fixed.
 */
library BatchReceipt {
    /**
     * @notice Hash of everything signed: keccak256(tag ‖ chain id ‖ this contract ‖ digests).
     * @dev    The digests lie in `words` from its fourth element on; the first three are filled in here.
     */
    function seedOf(bytes32[] memory words) internal view returns (bytes32 seed) {
        words[0] = DomainTags.BATCH;
        words[1] = bytes32(block.chainid);
        words[2] = bytes32(uint256(uint160(address(this))));
        assembly ("memory-safe") {
            seed := keccak256(add(words, 0x20), shl(5, mload(words)))
        }
    }

    /// @notice Σ δ_i·R_i with δ_i = keccak256(seed ‖ i) mod ℓ. Every R_i has been judged to be on the curve.
    function weightedSum(
        bytes32 seed,
        IBillSettlement.SignedBill[] calldata bills
    ) internal view returns (uint256 x, uint256 y) {
        uint256 order = BN254.ORDER;
        (uint256 mulGas, uint256 addGas) = (BN254.EC_MUL_GAS, BN254.EC_ADD_GAS);
        (uint256 ecMul, uint256 ecAdd) = (BN254.EC_MUL, BN254.EC_ADD);
        uint256 failed;
        assembly ("memory-safe") {
            // Four words at the free pointer, never allocated: the running sum in words 0 and 1, and in
            // words 2 to 4 the input of the multiplication, whose output lands in words 2 and 3. The sum
            // and the product are then the input of the addition as they lie, and nothing is moved.
            let sum := mload(0x40)
            let term := add(sum, 0x40)
            mstore(sum, 0)
            mstore(add(sum, 0x20), 0)
            mstore(0x00, seed)
            // R lies in the third and fourth of a bill's six words.
            let point := add(bills.offset, 0x40)
            for {
                let i := 0
            } lt(i, bills.length) {
                i := add(i, 1)
            } {
                mstore(0x20, i)
                calldatacopy(term, point, 0x40)
                mstore(add(sum, 0x80), mod(keccak256(0x00, 0x40), order))
                if iszero(staticcall(mulGas, ecMul, term, 0x60, term, 0x40)) {
                    failed := ecMul
                    break
                }
                if iszero(staticcall(addGas, ecAdd, sum, 0x80, sum, 0x40)) {
                    failed := ecAdd
                    break
                }
                point := add(point, 0xc0)
            }
            x := mload(sum)
            y := mload(add(sum, 0x20))
        }
        if (failed != 0) revert BN254.BN254PrecompileFailed(address(uint160(failed)), gasleft());
    }
}
