// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BN254} from "./BN254.sol";
import {PairingCheck, PairingInput} from "./PairingCheck.sol";

/**
 * @title  KeyCode
 * @notice A key of the utility, kept as the code of a contract of its own: written once, by nobody ever
 *         again, and read for one cold account access (2,600 gas) where storage asks for five cold slots
 *         (10,500).
 *
 * @dev The code is STOP ‖ A2 (128 bytes) ‖ A1 (64): what settlement reads comes first. The
 *      leading STOP makes a call to it do nothing. Its address follows from the creator and the number of
 *      contracts the creator has created, so it costs no storage either: key epoch e is creation number e.
 *      This holds as long as the creator creates nothing else, and its count starts at 1 (EIP-161).
 */
library KeyCode {
    /// @notice The contract of a key was not created, or not where it is looked for.
    error KeyCodeMisplaced(address expected, address actual);

    /// @dev Returns its input after the first ten bytes as code, which is 193 (0xc1) bytes long:
    ///      PUSH2 00c1, DUP1, PUSH1 0a, RETURNDATASIZE, CODECOPY, RETURNDATASIZE, RETURN, then STOP.
    bytes11 private constant INIT_CODE = hex"6100c180600a3d393df300";

    /// @notice Writes a key as the creation number `keyEpoch` of this contract.
    function write(uint32 keyEpoch, BN254.G1Point memory a1, BN254.G2Point memory a2) internal {
        bytes memory initCode = abi.encodePacked(
            INIT_CODE,
            a2.xC1,
            a2.xC0,
            a2.yC1,
            a2.yC0,
            a1.x,
            a1.y
        );
        address created;
        assembly ("memory-safe") {
            created := create(0, add(initCode, 0x20), mload(initCode))
        }
        address expected = addressOf(keyEpoch);
        if (created != expected) revert KeyCodeMisplaced(expected, created);
    }

    /// @notice Reads what settlement needs: A2 into its place in the input of the pairing check. The epoch has
    ///         a key: of an account without code the copy is zeros, the identity.
    function read(uint32 keyEpoch, PairingInput input) internal view {
        address code = addressOf(keyEpoch);
        uint256 offset = PairingCheck.OTHER_OFFSET;
        assembly ("memory-safe") {
            extcodecopy(code, add(input, offset), 1, 0x80)
        }
    }

    /// @notice Reads all of a key; zeros when the key does not exist.
    function readAll(
        uint32 keyEpoch
    ) internal view returns (BN254.G1Point memory a1, BN254.G2Point memory a2) {
        address code = addressOf(keyEpoch);
        assembly ("memory-safe") {
            extcodecopy(code, a2, 1, 0x80)
            extcodecopy(code, a1, 0x81, 0x40)
        }
    }

    /// @notice Address of creation number `nonce` of this contract: keccak256(rlp([this, nonce])).
    function addressOf(uint32 nonce) internal view returns (address created) {
        assembly ("memory-safe") {
            // rlp([this, nonce]) is 0xc0 + length, 0x94, the 20 bytes of this, and the nonce: a byte from 1 to
            // 0x7f as it is, otherwise 0x80 + its length and its bytes without leading zeros. It is laid at
            // the right end of the scratch word 0, byte 31 last, and hashed from where it starts.
            let tail := nonce
            let size := 1
            if iszero(and(gt(nonce, 0), lt(nonce, 0x80))) {
                let count := add(
                    add(gt(nonce, 0), gt(nonce, 0xff)),
                    add(gt(nonce, 0xffff), gt(nonce, 0xffffff))
                )
                tail := or(shl(shl(3, count), add(0x80, count)), nonce)
                size := add(count, 1)
            }
            let bits := shl(3, size)
            mstore(
                0x00,
                or(
                    or(
                        shl(add(bits, 160), or(0xc094, shl(8, add(21, size)))),
                        shl(bits, address())
                    ),
                    tail
                )
            )
            created := and(
                keccak256(sub(10, size), add(22, size)),
                0xffffffffffffffffffffffffffffffffffffffff
            )
        }
    }
}
