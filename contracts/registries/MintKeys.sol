// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICreditVault} from "../interfaces/ICreditVault.sol";
import {BN254} from "../libraries/BN254.sol";
import {PairingCheck, PairingInput} from "../libraries/PairingCheck.sol";
import {PublicKeys} from "../libraries/PublicKeys.sol";

/// @notice The mint's public keys, one for each denomination of a mint key: append-only. They are read in
///         disputes alone, so plain storage does.
abstract contract MintKeys is ICreditVault {
    mapping(uint32 mintKeyId => mapping(uint32 denomination => BN254.G2Point)) private _keys;

    /// @inheritdoc ICreditVault
    function mintKey(
        uint32 mintKeyId,
        uint32 denomination
    ) public view override returns (BN254.G2Point memory b2) {
        b2 = _keys[mintKeyId][denomination];
        if (_isMissing(b2)) revert VaultMintKeyUnknown(mintKeyId, denomination);
    }

    function _registerMintKey(
        uint32 mintKeyId,
        uint32 denomination,
        BN254.G1Point calldata b1,
        BN254.G2Point calldata b2
    ) internal {
        if (!_isMissing(_keys[mintKeyId][denomination])) {
            revert VaultMintKeyExists(mintKeyId, denomination);
        }
        (PublicKeys.Fault fault, BN254.Defect defect) = PublicKeys.judge(b1, b2);
        if (fault == PublicKeys.Fault.A1) revert VaultMintKeyB1Invalid(defect, b1);
        if (fault == PublicKeys.Fault.A2) revert VaultMintKeyB2Invalid(defect, b2);
        if (fault != PublicKeys.Fault.None) revert VaultMintKeyInconsistent(b1, b2);
        _keys[mintKeyId][denomination] = b2;
        emit MintKeyRegistered(mintKeyId, denomination, b1, b2);
    }

    /// @dev Whether S' is the mint's blind signature on M'. Reverts when the precompile runs out of gas: a
    ///      dispute must not succeed for want of it.
    function _isSignatureValid(
        uint32 mintKeyId,
        BlindedMessage calldata message,
        BN254.G1Point calldata signature
    ) internal view returns (bool) {
        BN254.G2Point memory b2 = _keys[mintKeyId][message.denomination];
        if (
            _isMissing(b2) ||
            !BN254.isPoint(message.x, message.y) ||
            !BN254.isPoint(signature.x, signature.y)
        ) return false;
        PairingInput input = PairingCheck.allocate();
        input.setOther(b2);
        return input.holds(signature.x, signature.y, message.x, message.y);
    }

    /// @dev A registered key is no identity, so not all its words are zero.
    function _isMissing(BN254.G2Point memory b2) private pure returns (bool) {
        return b2.xC1 | b2.xC0 | b2.yC1 | b2.yC0 == 0;
    }
}
