// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {BN254} from "./BN254.sol";
import {DomainTags} from "./DomainTags.sol";

/**
 * @title  TokenHash
 * @notice H1, the hash of a token to G1, for contracts that check receipts of single tokens. Settlement does
 *         not need it.
 *
 * @dev h = keccak256(tag ‖ systemId ‖ keyEpoch ‖ denomination ‖ seed ‖ ctr), packed; x = h mod 2^254, which does
 *      not give a point if x ≥ p or x³ + 3 is not a square; y is the root whose parity is bit 255 of h. The meter
 *      counts ctr up from 0 until there is a point (about 2.65 tries), so the length of that search tells nothing
 *      but a public value.
 */
library TokenHash {
    /// @notice What identifies a token besides the system.
    struct Token {
        uint32 keyEpoch;
        uint32 denomination;
        bytes32 seed;
        uint8 ctr;
    }

    /// @notice h of a token: x in bits 0 to 253, the parity of y in bit 255.
    function digest(bytes32 systemId, Token memory token) internal pure returns (uint256) {
        return
            uint256(
                keccak256(
                    abi.encodePacked(
                        DomainTags.TOKEN_H1,
                        systemId,
                        token.keyEpoch,
                        token.denomination,
                        token.seed,
                        token.ctr
                    )
                )
            );
    }

    /**
     * @notice The point of a token, given its y: three multiplications, and no square root.
     * @return isValid Whether (x, y) is the token's point; false for any other y, and for a ctr without point.
     * @return x       Its x coordinate; meaningless unless valid.
     */
    function checkHint(
        bytes32 systemId,
        Token memory token,
        uint256 y
    ) internal pure returns (bool isValid, uint256 x) {
        uint256 h = digest(systemId, token);
        x = _x(h);
        isValid = BN254.isPoint(x, y) && (y & 1) == (h >> 255);
    }

    /**
     * @notice The point of a token, with the square root by the modular exponentiation precompile (EIP-198).
     * @return isValid False if this ctr gives no point.
     */
    function toPoint(
        bytes32 systemId,
        Token memory token
    ) internal view returns (bool isValid, uint256 x, uint256 y) {
        uint256 h = digest(systemId, token);
        x = _x(h);
        if (x >= BN254.P) return (false, 0, 0);
        uint256 square = addmod(mulmod(mulmod(x, x, BN254.P), x, BN254.P), 3, BN254.P);
        // p ≡ 3 (mod 4): if there is a root, a^((p + 1)/4) is one.
        y = Math.modExp(square, (BN254.P + 1) / 4, BN254.P);
        if (mulmod(y, y, BN254.P) != square) return (false, 0, 0);
        // No point has y = 0, so the other root is p − y, of the other parity.
        if ((y & 1) != (h >> 255)) y = BN254.P - y;
        return (true, x, y);
    }

    function _x(uint256 h) private pure returns (uint256) {
        return h & ((1 << 254) - 1);
    }
}
