// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Meters that may settle, by the address of their bill key, each for a range of periods
interface IMeterRegistry {
    /**
     * @notice A registered meter. It can settle the periods validFrom ≤ period ≤ validUntil.
     * @param registered False for an address that was never registered; the rest is then zero.
     * @param index      Sequential number from 0: position of the meter's bit in a period's bitmap.
     * @param validFrom  First period it may settle.
     * @param validUntil Last period it may settle; 4294967295 when open-ended.
     */
    struct Meter {
        bool registered;
        uint32 index;
        uint32 validFrom;
        uint32 validUntil;
    }

    /// @notice A meter was registered for the periods `validFrom` to `validUntil`, both included.
    event MeterRegistered(
        address indexed meter,
        uint32 indexed index,
        uint32 validFrom,
        uint32 validUntil
    );

    /// @notice A meter was retired: `lastPeriod` is now the last period it may settle.
    event MeterRetired(address indexed meter, uint32 lastPeriod);

    /// @notice `meter` was recovered from the signature and is not registered. A bill altered after signing,
    ///         or signed for another chain or contract, also ends here, with an unknown address.
    error SettlementMeterUnregistered(address meter);
    /// @notice The meter is registered, but not valid for this period.
    error SettlementMeterNotValid(
        address meter,
        uint32 period,
        uint32 validFrom,
        uint32 validUntil
    );
    /// @notice The address is registered, as meter number `index`. An address is registered once, for good.
    error SettlementMeterAlreadyRegistered(address meter, uint32 index);
    /// @notice A meter, the holder of a role or the notice signer cannot be the zero address.
    error SettlementZeroAddress();
    /// @notice The first valid period comes after the last.
    error SettlementMeterPeriods(uint32 validFrom, uint32 validUntil);
    /// @notice Retiring only shortens: `lastPeriod` is not before the present last period `validUntil`.
    error SettlementMeterRetirement(address meter, uint32 lastPeriod, uint32 validUntil);
    /// @notice The month after `lastPeriod` has begun: `earliest` is the earliest last period of a retirement now.
    error SettlementMeterPeriodBegun(address meter, uint32 lastPeriod, uint32 earliest);

    /**
     * @notice Registers a meter by the address of its bill key.
     * @dev    Caller: METER_REGISTRAR_ROLE, not while paused. Emits {MeterRegistered}. Reverts with
     *         {SettlementZeroAddress}, {SettlementMeterAlreadyRegistered} or {SettlementMeterPeriods}.
     * @param validFrom  First period it may settle.
     * @param validUntil Last period it may settle, not before `validFrom`; 4294967295 for no end.
     * @return index Its number: 0 for the first, then one more each time.
     */
    function registerMeter(
        address meter,
        uint32 validFrom,
        uint32 validUntil
    ) external returns (uint32 index);

    /**
     * @notice Registers many meters valid for the same periods; they get consecutive numbers.
     * @dev    Caller, events and errors as {registerMeter}. About 600 meters fit under the gas cap of a
     *         transaction (EIP-7825).
     * @return firstIndex Number of the first; the next free number when the list is empty.
     */
    function registerMeters(
        address[] calldata meters,
        uint32 validFrom,
        uint32 validUntil
    ) external returns (uint32 firstIndex);

    /**
     * @notice Ends a meter's validity after `lastPeriod`. What it settled stays settled; periods up to
     *         `lastPeriod` can still be settled.
     * @dev    Caller: METER_REGISTRAR_ROLE, also while paused. It only ever shortens, and never reaches a period
     *         that has begun in any time zone; a development deployment (lead 0) does not compare. Emits
     *         {MeterRetired}. Reverts with {SettlementMeterUnregistered}, {SettlementMeterRetirement} or
     *         {SettlementMeterPeriodBegun}.
     */
    function retireMeter(address meter, uint32 lastPeriod) external;

    /// @notice Number of registered meters; they are numbered from 0.
    function meterCount() external view returns (uint32);

    /// @notice What is registered for an address; all zero when nothing is.
    function meterOf(address meter) external view returns (Meter memory);
}
