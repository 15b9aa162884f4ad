// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBillSettlement} from "../interfaces/IBillSettlement.sol";
import {ICreditVault} from "../interfaces/ICreditVault.sol";
import {BN254} from "../libraries/BN254.sol";
import {PairingCheck, PairingInput} from "../libraries/PairingCheck.sol";
import {Period} from "../libraries/Period.sol";
import {PublicKeys} from "../libraries/PublicKeys.sol";

/**
 * @notice The mint's public keys: append-only, one for each denomination of a mint key id, all of an id at once.
 *         Ids are numbered from 1, and each begins at a period, as key epochs do.
 *
 * @dev A key has one use. Two denominations under one key would make a coin of the smaller worth the larger, and a
 *      receipt key among them would let a withdrawal buy receipts. The keys are read in disputes alone, so plain
 *      storage does.
 */
abstract contract MintKeys is ICreditVault {
    /// @notice Most denominations of one mint key id: with them, registering fits into one transaction.
    uint256 public constant MAX_DENOMINATIONS = 32;

    /// @inheritdoc ICreditVault
    IBillSettlement public immutable override settlement;

    /// @inheritdoc ICreditVault
    uint32 public override mintKeyIds;

    mapping(uint32 mintKeyId => uint32 firstPeriod) private _firstPeriods;
    mapping(uint32 mintKeyId => mapping(uint32 denomination => BN254.G2Point)) private _keys;

    /// @inheritdoc ICreditVault
    mapping(bytes32 keyHash => bool) public override isMintKey;

    constructor(IBillSettlement settlement_) {
        if (address(settlement_) == address(0)) revert VaultZeroAddress();
        settlement = settlement_;
    }

    /// @inheritdoc ICreditVault
    function mintKey(
        uint32 mintKeyId,
        uint32 denomination
    ) public view override returns (BN254.G2Point memory b2) {
        b2 = _keys[mintKeyId][denomination];
        if (_isMissing(b2)) revert VaultMintKeyUnknown(mintKeyId, denomination);
    }

    /// @inheritdoc ICreditVault
    function mintKeyIdOf(uint32 period) external view override returns (uint32 mintKeyId) {
        mintKeyId = mintKeyIds;
        while (mintKeyId > 0 && _firstPeriods[mintKeyId] > period) --mintKeyId;
    }

    /// @inheritdoc ICreditVault
    function firstPeriodOf(uint32 mintKeyId) external view override returns (uint32) {
        _requireMintKeyId(mintKeyId);
        return _firstPeriods[mintKeyId];
    }

    /// @inheritdoc ICreditVault
    function earliestFirstPeriod() public view override returns (uint32 earliest) {
        uint32 last = mintKeyIds;
        if (last == 0) return 0;
        earliest = Period.plus(Period.ofTimestamp(block.timestamp), settlement.lead());
        uint32 before = _firstPeriods[last];
        if (before >= earliest) earliest = Period.plus(before, 1);
    }

    function _registerMintKeys(
        uint32 mintKeyId,
        uint32 firstPeriod,
        MintKey[] calldata keys
    ) internal {
        if (mintKeyId != mintKeyIds + 1) revert VaultMintKeyIdOutOfOrder(mintKeyIds + 1, mintKeyId);
        if (keys.length == 0 || keys.length > MAX_DENOMINATIONS) {
            revert VaultMintKeyCount(keys.length, MAX_DENOMINATIONS);
        }
        uint32 earliest = earliestFirstPeriod();
        bool isFromTheStart = mintKeyId == 1 && firstPeriod == 0;
        if (!isFromTheStart && (firstPeriod < earliest || !Period.isMonth(firstPeriod))) {
            revert VaultMintKeyFirstPeriod(firstPeriod, earliest);
        }
        mintKeyIds = mintKeyId;
        _firstPeriods[mintKeyId] = firstPeriod;
        emit MintKeysRegistered(mintKeyId, firstPeriod, keys.length);
        uint32 previous = 0;
        for (uint256 i = 0; i < keys.length; ++i) {
            uint32 denomination = keys[i].denomination;
            if (denomination <= previous) revert VaultDenominationOrder(previous, denomination);
            previous = denomination;
            _registerMintKey(mintKeyId, keys[i]);
        }
    }

    /// @dev Reverts unless the id is registered.
    function _requireMintKeyId(uint32 mintKeyId) internal view {
        if (mintKeyId == 0 || mintKeyId > mintKeyIds) revert VaultMintKeyIdUnknown(mintKeyId);
    }

    /// @dev Whether S' is the mint's blind signature on M'. Reverts for a message that no signature can be right
    ///      for, and when the precompile runs out of gas: neither may win a dispute.
    function _isSignatureValid(
        uint32 mintKeyId,
        uint32 denomination,
        BN254.G1Point calldata message,
        BN254.G1Point calldata signature
    ) internal view returns (bool) {
        PairingInput input = PairingCheck.allocate();
        input.setOther(mintKey(mintKeyId, denomination));
        BN254.Defect defect = BN254.defect(message.x, message.y);
        if (defect != BN254.Defect.None) revert VaultMessageInvalid(defect, message);
        if (!BN254.isPoint(signature.x, signature.y)) return false;
        return input.holds(signature.x, signature.y, message.x, message.y);
    }

    function _registerMintKey(uint32 mintKeyId, MintKey calldata key) private {
        (PublicKeys.Fault fault, BN254.Defect defect) = PublicKeys.judge(key.b1, key.b2);
        if (fault == PublicKeys.Fault.A1) revert VaultMintKeyB1Invalid(defect, key.b1);
        if (fault == PublicKeys.Fault.A2) revert VaultMintKeyB2Invalid(defect, key.b2);
        if (fault != PublicKeys.Fault.None) revert VaultMintKeyInconsistent(key.b1, key.b2);
        bytes32 keyHash = keccak256(abi.encode(key.b1, key.b2));
        if (isMintKey[keyHash] || settlement.isKey(keyHash)) {
            revert VaultMintKeyInUse(mintKeyId, key.denomination, keyHash);
        }
        isMintKey[keyHash] = true;
        _keys[mintKeyId][key.denomination] = key.b2;
        emit MintKeyRegistered(mintKeyId, key.denomination, key.b1, key.b2);
    }

    /// @dev A registered key is not the identity, so not all its words are zero.
    function _isMissing(BN254.G2Point memory b2) private pure returns (bool) {
        return b2.xC1 | b2.xC0 | b2.yC1 | b2.yC0 == 0;
    }
}
