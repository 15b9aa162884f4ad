// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {IBillSettlement} from "../interfaces/IBillSettlement.sol";
import {BN254} from "../libraries/BN254.sol";
import {KeyCode} from "../libraries/KeyCode.sol";
import {PairingCheck, PairingInput} from "../libraries/PairingCheck.sol";
import {PublicKeys} from "../libraries/PublicKeys.sol";

/// @notice The utility's keys, one a key epoch, numbered from 1: append-only, each in the code of its own contract.
abstract contract KeyRegistry is IBillSettlement, AccessControl, Pausable {
    /// @notice May register keys of the utility.
    bytes32 public constant KEY_REGISTRAR_ROLE = keccak256("KEY_REGISTRAR_ROLE");

    /// @inheritdoc IBillSettlement
    uint32 public immutable override activationDelay;

    /// @inheritdoc IBillSettlement
    uint32 public override keyEpochs;

    /// @inheritdoc IBillSettlement
    mapping(bytes32 keyHash => bool) public override isKey;

    constructor(uint32 activationDelay_) {
        activationDelay = activationDelay_;
    }

    /// @inheritdoc IBillSettlement
    function registerKey(
        BN254.G1Point calldata a1,
        BN254.G2Point calldata a2
    ) external override onlyRole(KEY_REGISTRAR_ROLE) whenNotPaused returns (uint32 keyEpoch) {
        (PublicKeys.Fault fault, BN254.Defect defect) = PublicKeys.judge(a1, a2);
        if (fault == PublicKeys.Fault.A1) revert SettlementKeyA1Invalid(defect, a1);
        if (fault == PublicKeys.Fault.A2) revert SettlementKeyA2Invalid(defect, a2);
        if (fault != PublicKeys.Fault.None) revert SettlementKeyInconsistent(a1, a2);

        isKey[keccak256(abi.encode(a1, a2))] = true;
        keyEpoch = ++keyEpochs;
        uint64 activatesAt = uint64(block.timestamp) + activationDelay;
        KeyCode.write(keyEpoch, a1, a2, activatesAt);
        emit KeyRegistered(keyEpoch, a1, a2, activatesAt);
    }

    /// @inheritdoc IBillSettlement
    function epochKey(uint32 keyEpoch) external view override returns (EpochKey memory key) {
        (key.a1, key.a2, key.activatesAt) = KeyCode.readAll(keyEpoch);
        if (key.activatesAt == 0) revert SettlementKeyEpochUnknown(keyEpoch);
    }

    /// @inheritdoc IBillSettlement
    function lead() external pure override returns (uint32) {
        return 0;
    }

    /// @inheritdoc IBillSettlement
    function epochKeyAddress(uint32 keyEpoch) external view override returns (address) {
        return KeyCode.addressOf(keyEpoch);
    }

    /// @dev Check 1: the input of a pairing check with A2 of the epoch in place.
    function _activeKey(uint32 keyEpoch) internal view returns (PairingInput input) {
        input = PairingCheck.allocate();
        uint256 activatesAt = KeyCode.read(keyEpoch, input);
        if (activatesAt == 0) revert SettlementKeyEpochUnknown(keyEpoch);
        if (block.timestamp < activatesAt) {
            revert SettlementKeyEpochNotActive(keyEpoch, activatesAt, block.timestamp);
        }
    }
}
