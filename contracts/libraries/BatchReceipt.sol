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
    /// @dev Words before the first digest in the input of the seed: tag, chain id, contract.
    uint256 private constant PREFIX = 3;

    /// @notice Room for the input of the seed over `count` bills; {putDigest} fills it.
    function allocate(uint256 count) internal view returns (bytes32[] memory seedInput) {
        seedInput = new bytes32[](count + PREFIX);
        seedInput[0] = DomainTags.BATCH;
        seedInput[1] = bytes32(block.chainid);
        seedInput[2] = bytes32(uint256(uint160(address(this))));
    }

    /// @notice Puts the digest of bill `i` in place, i < count.
    function putDigest(bytes32[] memory seedInput, uint256 i, bytes32 digest) internal pure {
        assembly ("memory-safe") {
            // seedInput[PREFIX + i] = digest without the bounds check: the callers loop over the bills the
            // room was made for, and the check costs 60 gas a bill.
            mstore(add(add(seedInput, 0x80), shl(5, i)), digest)
        }
    }

    /// @notice Bill `i` of the batch, i < bills.length.
    function billAt(
        IBillSettlement.SignedBill[] calldata bills,
        uint256 i
    ) internal pure returns (IBillSettlement.SignedBill calldata bill) {
        assembly ("memory-safe") {
            // bills[i] without the bounds check: the callers loop below the length. A bill is six words.
            bill := add(bills.offset, mul(i, 0xc0))
        }
    }

    /// @notice Hash of everything signed: keccak256(tag ‖ chain id ‖ this contract ‖ digests).
    function seedOf(bytes32[] memory seedInput) internal pure returns (bytes32 seed) {
        assembly ("memory-safe") {
            seed := keccak256(add(seedInput, 0x20), shl(5, mload(seedInput)))
        }
    }

    /// @notice Σ δ_i·R_i with δ_i = keccak256(seed ‖ i) mod ℓ. Every R_i has been judged to be on the curve.
    function weightedSum(
        IBillSettlement.SignedBill[] calldata bills,
        bytes32 seed
    ) internal view returns (uint256 x, uint256 y) {
        uint256 order = BN254.ORDER;
        (uint256 mulGas, uint256 addGas) = (BN254.EC_MUL_GAS, BN254.EC_ADD_GAS);
        (uint256 ecMul, uint256 ecAdd) = (BN254.EC_MUL, BN254.EC_ADD);
        bool isDone = true;
        assembly ("memory-safe") {
            // Memory past the free pointer, as scratch: the running sum in words 0 and 1, and in words 2 to
            // 4 the input of the multiplication, whose output lands in words 2 and 3. Sum and product are
            // then the input of the addition as they lie, and nothing is moved.
            let sum := mload(0x40)
            let term := add(sum, 0x40)
            let weight := add(sum, 0x80)
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
                mstore(weight, mod(keccak256(0x00, 0x40), order))
                // A call that answers nothing would leave R without its weight: the size is checked too.
                isDone := and(isDone, staticcall(mulGas, ecMul, term, 0x60, term, 0x40))
                isDone := and(isDone, eq(returndatasize(), 0x40))
                isDone := and(isDone, staticcall(addGas, ecAdd, sum, 0x80, sum, 0x40))
                isDone := and(isDone, eq(returndatasize(), 0x40))
                point := add(point, 0xc0)
            }
            x := mload(sum)
            y := mload(add(sum, 0x20))
        }
        if (!isDone) revert BN254.BN254PrecompileFailed(address(uint160(ecMul)), gasleft());
    }
}
