// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BN254} from "./BN254.sol";

/**
 * @title  KeyCode
 * @notice A key of the utility, kept as the code of a contract of its own: written once, by nobody ever
 *         again, and read for one cold account access (2,600 gas) where storage asks for five cold slots
 *         (10,500).
 *
 * @dev The code is STOP ‖ A2 (128 bytes) ‖ activatesAt (8) ‖ A1 (64): what settlement reads comes first. The
 *      leading STOP makes a call to it do nothing. Its address follows from the creator and the number of
 *      contracts the creator has created, so it costs no storage either: key epoch e is creation number e.
 *      This holds as long as the creator creates nothing else, and its count starts at 1 (EIP-161).
 */
library KeyCode {
    /// @notice The contract of a key was not created, or not where it is looked for.
    error KeyCodeMisplaced(address expected, address actual);

    /// @dev Returns its input after the first ten bytes as code, which is 201 (0xc9) bytes long:
    ///      PUSH2 00c9, DUP1, PUSH1 0a, RETURNDATASIZE, CODECOPY, RETURNDATASIZE, RETURN, then STOP.
    bytes11 private constant INIT_CODE = hex"6100c980600a3d393df300";

    /// @notice Writes a key as the creation number `keyEpoch` of this contract.
    function write(
        uint32 keyEpoch,
        BN254.G1Point memory a1,
        BN254.G2Point memory a2,
        uint64 activatesAt
    ) internal {
        bytes memory initCode = abi.encodePacked(
            INIT_CODE,
            a2.xC1,
            a2.xC0,
            a2.yC1,
            a2.yC0,
            activatesAt,
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

    /**
     * @notice Reads what settlement needs: A2 into words 8 to 11 of the buffer, where the pairing wants it.
     * @return activatesAt Unix seconds; zero when there is no such key.
     */
    function read(
        uint32 keyEpoch,
        uint256[13] memory buffer
    ) internal view returns (uint64 activatesAt) {
        address code = addressOf(keyEpoch);
        assembly ("memory-safe") {
            // Copying from an account without code writes zeros, and no key activates at zero.
            extcodecopy(code, add(buffer, 0x100), 1, 0x88)
            activatesAt := shr(192, mload(add(buffer, 0x180)))
        }
    }

    /// @notice Reads all of a key; `activatesAt` is zero when there is no such key.
    function readAll(
        uint32 keyEpoch
    ) internal view returns (BN254.G1Point memory a1, BN254.G2Point memory a2, uint64 activatesAt) {
        address code = addressOf(keyEpoch);
        assembly ("memory-safe") {
            extcodecopy(code, a2, 1, 0x80)
            extcodecopy(code, a1, 0x89, 0x40)
            mstore(0x00, 0)
            extcodecopy(code, 0x18, 0x81, 0x08)
            activatesAt := mload(0x00)
        }
    }

    /// @notice Address of creation number `nonce` of this contract: keccak256(rlp([this, nonce])).
    function addressOf(uint32 nonce) internal view returns (address) {
        // rlp: 0xc0 + length, 0x94 ‖ address, then the nonce: a byte below 0x80 as it is, otherwise
        // 0x80 + length and the bytes without leading zeros.
        bytes32 hash;
        if (nonce != 0 && nonce < 0x80) {
            hash = keccak256(abi.encodePacked(bytes2(0xd694), address(this), bytes1(uint8(nonce))));
        } else if (nonce == 0) {
            hash = keccak256(abi.encodePacked(bytes2(0xd694), address(this), bytes1(0x80)));
        } else if (nonce <= 0xff) {
            hash = keccak256(
                abi.encodePacked(bytes2(0xd794), address(this), bytes1(0x81), uint8(nonce))
            );
        } else if (nonce <= 0xffff) {
            hash = keccak256(
                abi.encodePacked(bytes2(0xd894), address(this), bytes1(0x82), uint16(nonce))
            );
        } else if (nonce <= 0xffffff) {
            hash = keccak256(
                abi.encodePacked(bytes2(0xd994), address(this), bytes1(0x83), uint24(nonce))
            );
        } else {
            hash = keccak256(abi.encodePacked(bytes2(0xda94), address(this), bytes1(0x84), nonce));
        }
        return address(uint160(uint256(hash)));
    }
}
