// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IKeyRegistry} from "../interfaces/IKeyRegistry.sol";
import {BN254} from "../libraries/BN254.sol";
import {CompactSignature} from "../libraries/CompactSignature.sol";
import {EpochRange, EpochRanges} from "../libraries/EpochRange.sol";
import {KeyCode} from "../libraries/KeyCode.sol";
import {PublicKeys} from "../libraries/PublicKeys.sol";
import {LeadTime} from "./LeadTime.sol";

/// @notice The utility's keys, one a key epoch: append-only, each in the code of its own contract.
abstract contract KeyRegistry is LeadTime, AccessControl, Pausable, EIP712 {
    /// @notice May register keys of the utility.
    bytes32 public constant KEY_REGISTRAR_ROLE = keccak256("KEY_REGISTRAR_ROLE");

    bytes32 private constant KEY_NOTICE_TYPEHASH = keccak256(
        "KeyNotice(uint32 keyEpoch,uint32 firstPeriod,bytes32 keyHash)"
    );

    /// @inheritdoc IKeyRegistry
    address public immutable override noticeSigner;

    /// @inheritdoc IKeyRegistry
    uint32 public override keyEpochs;

    mapping(uint32 keyEpoch => EpochRange) private _ranges;
    mapping(bytes32 keyHash => uint32 keyEpoch) private _epochOfKey;

    constructor(address noticeSigner_) {
        noticeSigner = noticeSigner_;
    }

    /// @inheritdoc IKeyRegistry
    function registerKey(
        BN254.G1Point calldata a1,
        BN254.G2Point calldata a2,
        uint32 firstPeriod,
        bytes calldata notice
    ) external override onlyRole(KEY_REGISTRAR_ROLE) whenNotPaused returns (uint32 keyEpoch) {
        (PublicKeys.Fault fault, BN254.Defect defect) = PublicKeys.judge(a1, a2);
        if (fault == PublicKeys.Fault.A1) revert SettlementKeyA1Invalid(defect, a1);
        if (fault == PublicKeys.Fault.A2) revert SettlementKeyA2Invalid(defect, a2);
        if (fault != PublicKeys.Fault.None) revert SettlementKeyInconsistent(a1, a2);
        bytes32 keyHash = keccak256(abi.encode(a1, a2));
        if (isKey(keyHash)) revert SettlementKeyInUse(keyHash, _epochOfKey[keyHash]);

        uint32 last = keyEpochs;
        EpochRange lastRange = _ranges[last];
        _requireFirstPeriod(firstPeriod, last, lastRange.first());

        keyEpoch = last + 1;
        (bytes32 r, bytes32 vs) = CompactSignature.compact(notice);
        bytes32 digest = keyNoticeDigest(keyEpoch, firstPeriod, keyHash);
        address signer = CompactSignature.recover(digest, r, vs);
        if (signer != noticeSigner) revert SettlementKeyNoticeInvalid(signer, noticeSigner);

        if (last != 0) _ranges[last] = EpochRanges.pack(lastRange.first(), firstPeriod);
        _ranges[keyEpoch] = EpochRanges.pack(firstPeriod, EpochRanges.OPEN_END);
        _epochOfKey[keyHash] = keyEpoch;
        keyEpochs = keyEpoch;
        KeyCode.write(keyEpoch, a1, a2);
        emit KeyRegistered(keyEpoch, firstPeriod, a1, a2, r, vs);
    }

    /// @inheritdoc IKeyRegistry
    function epochKey(uint32 keyEpoch) external view override returns (EpochKey memory key) {
        EpochRange range = _epochRange(keyEpoch);
        (key.a1, key.a2) = KeyCode.readAll(keyEpoch);
        (key.firstPeriod, key.endPeriod) = (range.first(), range.end());
    }

    /// @inheritdoc IKeyRegistry
    function epochOf(uint32 period) external view override returns (uint32 keyEpoch) {
        keyEpoch = keyEpochs;
        while (keyEpoch != 0 && _ranges[keyEpoch].first() > period) --keyEpoch;
    }

    /// @inheritdoc IKeyRegistry
    function epochKeyAddress(uint32 keyEpoch) external view override returns (address) {
        return KeyCode.addressOf(keyEpoch);
    }

    /// @inheritdoc IKeyRegistry
    function isKey(bytes32 keyHash) public view override returns (bool) {
        return _epochOfKey[keyHash] != 0;
    }

    /// @inheritdoc IKeyRegistry
    function keyNoticeDigest(
        uint32 keyEpoch,
        uint32 firstPeriod,
        bytes32 keyHash
    ) public view override returns (bytes32) {
        return
            _hashTypedDataV4(
                keccak256(abi.encode(KEY_NOTICE_TYPEHASH, keyEpoch, firstPeriod, keyHash))
            );
    }

    /// @dev First half of check 1: the epoch has a key, for these periods.
    function _epochRange(uint32 keyEpoch) internal view returns (EpochRange range) {
        range = _ranges[keyEpoch];
        if (!range.isRegistered()) revert SettlementKeyEpochUnknown(keyEpoch);
    }

    /// @dev Second half of check 1 failed: the period is not under the epoch's key.
    function _revertNotOfPeriod(EpochRange range, uint32 keyEpoch, uint32 period) internal pure {
        revert SettlementKeyEpochNotOfPeriod(keyEpoch, period, range.first(), range.end());
    }
}
