// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/**
 * @title  Hashes of the public parameters
 * @notice What all homes must agree on is published as bytes, whose keccak256 is here: a home that was given other
 *         parameters than its neighbours would be recognised by every payment. `terms` (payee, denominations,
 *         tariffs, schedule, …) hold from a period on; `network` (relays, gateways) holds from a time on. Both
 *         are announced beforehand, and their history stays.
 */
interface IParameterRegistry {
    /**
     * @param hash        keccak256 of the terms as served.
     * @param firstPeriod First period they rule: 0 for the first terms, otherwise a month YYYYMM.
     */
    struct Terms {
        bytes32 hash;
        uint32 firstPeriod;
    }

    /**
     * @param hash      keccak256 of the network parameters as served.
     * @param inForceAt Time from which they hold, Unix seconds.
     */
    struct Network {
        bytes32 hash;
        uint64 inForceAt;
    }

    /// @notice Terms number `number` (from 0) hold from `firstPeriod` on.
    event TermsAnnounced(uint32 indexed number, uint32 indexed firstPeriod, bytes32 hash);

    /// @notice Network parameters number `number` (from 0) hold from `inForceAt` on, Unix seconds.
    event NetworkAnnounced(uint32 indexed number, uint64 inForceAt, bytes32 hash);

    /// @notice The hash of parameters is not zero.
    error SettlementParametersHashZero();

    /**
     * @notice Announces terms.
     * @dev    Caller: PARAMETER_REGISTRAR_ROLE, not while paused. The first begin at period 0; later ones after
     *         the terms before them and at least {IKeyRegistry.lead} months after the month of the block. Emits
     *         {TermsAnnounced}. Reverts with {SettlementParametersHashZero} or
     *         {IKeyRegistry.SettlementFirstPeriodInvalid}.
     * @return number From 0, one more each time.
     */
    function announceTerms(bytes32 hash, uint32 firstPeriod) external returns (uint32 number);

    /**
     * @notice Announces network parameters: the first hold at once, later ones after 24 hours; in a development
     *         deployment (lead 0) all hold at once.
     * @dev    Caller: PARAMETER_REGISTRAR_ROLE, not while paused. Emits {NetworkAnnounced}. Reverts with
     *         {SettlementParametersHashZero}.
     * @return number From 0, one more each time.
     */
    function announceNetwork(bytes32 hash) external returns (uint32 number);

    /// @notice Number of terms announced.
    function termsCount() external view returns (uint32);

    /// @notice Terms by their number.
    function termsAt(uint32 number) external view returns (Terms memory);

    /// @notice Number of network parameters announced.
    function networkCount() external view returns (uint32);

    /// @notice Network parameters by their number.
    function networkAt(uint32 number) external view returns (Network memory);
}
