// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILedgerTypes} from "../interfaces/ILedgerTypes.sol";

/**
 * @title  Schnorr signatures of meters, over secp256k1
 * @notice R ‖ s with s·G = R + c·P and c = SHA-256(tag ‖ R ‖ P ‖ message): src/ledger/schnorr.ts.
 * @dev    The precompile that recovers ECDSA keys computes r⁻¹·(s·R − m·G) for a point R with x coordinate r. With
 *         P in place of R, m = −s·x(P) and s = −c·x(P) it gives s·G − c·P, as an address (V. Buterin, "You can
 *         *kinda* abuse ECRECOVER to do ECMUL in secp256k1 today", ethresear.ch 2018).
 */
library SchnorrSecp256k1 {
    uint256 private constant P = 0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f;
    uint256 private constant N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141;

    bytes private constant TAG = "sipster/ledger/schnorr@1";

    /// @notice Is the signature right? False for anything malformed.
    function verify(
        bytes calldata key,
        bytes calldata signature,
        bytes memory message
    ) internal view returns (bool) {
        if (key.length != 33 || signature.length != 65) return false;
        uint256 s = uint256(bytes32(signature[33:65]));
        (address commitment, , ) = _point(signature[0:33]);
        if (commitment == address(0) || s >= N) return false;
        uint256 c = uint256(sha256(abi.encodePacked(TAG, signature[0:33], key, message))) % N;
        (address point, uint256 x, uint256 y) = _point(key);
        if (point == address(0)) return false;
        if (x >= N || c == 0) revert ILedgerTypes.LedgerSignatureUndecided();
        bytes32 m = bytes32(N - mulmod(s, x, N));
        bytes32 t = bytes32(N - mulmod(c, x, N));
        return ecrecover(m, uint8(27 + (y & 1)), bytes32(x), t) == commitment;
    }

    /// @dev The point with this encoding (SEC 1, 2.3.4) and its address; zero if it encodes none. p is 3 modulo 4, so
    ///      a root is a power.
    function _point(
        bytes calldata encoded
    ) private view returns (address named, uint256 x, uint256 y) {
        uint8 prefix = uint8(encoded[0]);
        x = uint256(bytes32(encoded[1:33]));
        if ((prefix != 2 && prefix != 3) || x >= P) return (address(0), 0, 0);
        uint256 square = addmod(mulmod(mulmod(x, x, P), x, P), 7, P);
        y = _power(square, (P + 1) / 4);
        if (mulmod(y, y, P) != square) return (address(0), 0, 0);
        if (y & 1 != prefix & 1) y = P - y;
        named = address(uint160(uint256(keccak256(abi.encode(x, y)))));
    }

    function _power(uint256 base, uint256 exponent) private view returns (uint256) {
        bytes memory input = abi.encode(32, 32, 32, base, exponent, P);
        (, bytes memory result) = address(5).staticcall(input);
        return abi.decode(result, (uint256));
    }
}
