// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {IMeterRegistry} from "../interfaces/IMeterRegistry.sol";
import {MeterRecord, MeterRecords} from "../libraries/MeterRecord.sol";
import {LeadTime} from "./LeadTime.sol";

/// @notice The meters that may settle, by the address of their bill key, each for a range of periods.
abstract contract MeterRegistry is LeadTime, IMeterRegistry, AccessControl, Pausable {
    /// @notice May register and retire meters.
    bytes32 public constant METER_REGISTRAR_ROLE = keccak256("METER_REGISTRAR_ROLE");

    /// @inheritdoc IMeterRegistry
    uint32 public override meterCount;

    mapping(address meter => MeterRecord) private _meters;

    /// @inheritdoc IMeterRegistry
    function registerMeter(
        address meter,
        uint32 validFrom,
        uint32 validUntil
    ) external override onlyRole(METER_REGISTRAR_ROLE) whenNotPaused returns (uint32 index) {
        if (validFrom > validUntil) revert SettlementMeterPeriods(validFrom, validUntil);
        index = meterCount;
        meterCount = index + 1;
        _register(meter, index, validFrom, validUntil);
    }

    /// @inheritdoc IMeterRegistry
    function registerMeters(
        address[] calldata meters,
        uint32 validFrom,
        uint32 validUntil
    ) external override onlyRole(METER_REGISTRAR_ROLE) whenNotPaused returns (uint32 firstIndex) {
        if (validFrom > validUntil) revert SettlementMeterPeriods(validFrom, validUntil);
        firstIndex = meterCount;
        uint32 index = firstIndex;
        for (uint256 i = 0; i < meters.length; ++i) {
            _register(meters[i], index++, validFrom, validUntil);
        }
        meterCount = index;
    }

    /// @inheritdoc IMeterRegistry
    function retireMeter(
        address meter,
        uint32 lastPeriod
    ) external override onlyRole(METER_REGISTRAR_ROLE) {
        MeterRecord record = _meters[meter];
        if (!record.isRegistered()) revert SettlementMeterUnregistered(meter);
        if (lastPeriod >= record.validUntil()) {
            revert SettlementMeterRetirement(meter, lastPeriod, record.validUntil());
        }
        uint32 earliest = _lastBegunPeriod();
        if (lastPeriod < earliest) revert SettlementMeterPeriodBegun(meter, lastPeriod, earliest);
        _meters[meter] = MeterRecords.pack(record.index(), record.validFrom(), lastPeriod);
        emit MeterRetired(meter, lastPeriod);
    }

    /// @inheritdoc IMeterRegistry
    function meterOf(address meter) external view override returns (Meter memory) {
        MeterRecord record = _meters[meter];
        return
            Meter(record.isRegistered(), record.index(), record.validFrom(), record.validUntil());
    }

    /// @dev The meter's number, if it is registered at all.
    function _meterIndex(address meter) internal view returns (bool isRegistered, uint32 index) {
        MeterRecord record = _meters[meter];
        return (record.isRegistered(), record.index());
    }

    /// @dev Second half of check 3: the meter is registered.
    function _registeredMeter(address meter) internal view returns (MeterRecord record) {
        record = _meters[meter];
        if (!record.isRegistered()) revert SettlementMeterUnregistered(meter);
    }

    /// @dev Second half of check 4: the meter may settle the period.
    function _requireValid(MeterRecord record, address meter, uint32 period) internal pure {
        if (!record.isValidFor(period)) {
            revert SettlementMeterNotValid(meter, period, record.validFrom(), record.validUntil());
        }
    }

    function _register(address meter, uint32 index, uint32 validFrom, uint32 validUntil) private {
        if (meter == address(0)) revert SettlementZeroAddress();
        MeterRecord record = _meters[meter];
        if (record.isRegistered()) revert SettlementMeterAlreadyRegistered(meter, record.index());
        _meters[meter] = MeterRecords.pack(index, validFrom, validUntil);
        emit MeterRegistered(meter, index, validFrom, validUntil);
    }
}
