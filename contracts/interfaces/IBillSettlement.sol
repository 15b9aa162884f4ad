// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BN254} from "../libraries/BN254.sol";

/**
 * @title  Settlement of metered bills
 * @notice A smart meter signs one bill per period; the bill is a group element R that hides its amount.
 *         Whoever holds the combined receipt σ = a·R (one group element, whatever the amount) settles the
 *         bill with one pairing check, e(σ, P2) = e(R, A2), and the contract records that this meter's
 *         period is settled. It learns neither the amount nor which payments made it up.
 *
 * @dev The group is BN254 (alt_bn128) with the precompiles of EIP-196 and EIP-197: base field p, prime
 *      order ℓ, generators P1 in G1 and P2 in G2. A point of G1 is two words (x, y); a point of G2 four
 *      words in the order of EIP-197, the imaginary part first.
 *
 *      Protocol: S. S. M. Chow, M. Li, Y. Zhao, W. Jin, "Sipster: Settling IOU Privately and Quickly with
 *      Smart Meters", ACSAC 2021. `settle` is its Verify.
 *
 *      There is no proxy, no upgrade, and the contract holds no funds. A pause stops registrations only.
 */
interface IBillSettlement {
    // ---------------------------------------------------------------------------------------------
    // Types
    // ---------------------------------------------------------------------------------------------

    /**
     * @notice A bill with its meter's signature.
     * @param period   Calendar month as YYYYMM by convention (201303); opaque to the contract.
     * @param keyEpoch Key of the utility that its receipts were made with.
     * @param rx       x coordinate of R, in [0, p).
     * @param ry       y coordinate of R, in [0, p).
     * @param r        First half of the meter's ECDSA signature of the EIP-712 message
     *                 `Bill(uint32 period,uint32 keyEpoch,uint256 rx,uint256 ry)`.
     * @param vs       Second half with the recovery bit on top, the compact form of EIP-2098.
     */
    struct SignedBill {
        uint32 period;
        uint32 keyEpoch;
        uint256 rx;
        uint256 ry;
        bytes32 r;
        bytes32 vs;
    }

    /**
     * @notice The utility's public key of one key epoch. It never changes once registered.
     * @param a1          A1 = a·P1.
     * @param a2          A2 = a·P2.
     * @param activatesAt First block timestamp (Unix seconds) at which bills under it settle.
     */
    struct EpochKey {
        BN254.G1Point a1;
        BN254.G2Point a2;
        uint64 activatesAt;
    }

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

    /**
     * @notice What `explain` and `explainBatch` answer.
     * @dev Settles: it would be accepted and change something. AlreadySettled: the meter's period is
     *      settled, nothing is left to do. Refused: it would revert with the reason given beside.
     */
    enum Verdict {
        Settles,
        AlreadySettled,
        Refused
    }

    // ---------------------------------------------------------------------------------------------
    // Events
    // ---------------------------------------------------------------------------------------------

    /// @notice A meter's period was settled. Emitted once for each (meter, period), never again.
    event BillSettled(address indexed meter, uint32 indexed period, uint32 indexed keyEpoch);

    /// @notice A key of the utility was registered; bills under it settle from `activatesAt` (Unix seconds).
    event KeyRegistered(
        uint32 indexed keyEpoch,
        BN254.G1Point a1,
        BN254.G2Point a2,
        uint64 activatesAt
    );

    /// @notice A meter was registered for the periods `validFrom` to `validUntil`, both included.
    event MeterRegistered(
        address indexed meter,
        uint32 indexed index,
        uint32 validFrom,
        uint32 validUntil
    );

    /// @notice A meter was retired: `lastPeriod` is now the last period it may settle.
    event MeterRetired(address indexed meter, uint32 lastPeriod);

    // ---------------------------------------------------------------------------------------------
    // Errors of settlement, in the order of the checks
    // ---------------------------------------------------------------------------------------------

    /// @notice No key was ever registered for this epoch.
    error SettlementKeyEpochUnknown(uint32 keyEpoch);
    /// @notice The key is registered and starts to settle at `activatesAt`; the block is at `timestamp` (Unix seconds).
    error SettlementKeyEpochNotActive(uint32 keyEpoch, uint256 activatesAt, uint256 timestamp);
    /// @notice R is not a point that can be settled.
    error SettlementBillPointInvalid(BN254.Defect defect, uint256 rx, uint256 ry);
    /// @notice The combined receipt σ is not a point that can be checked.
    error SettlementReceiptPointInvalid(BN254.Defect defect, uint256 sx, uint256 sy);
    /// @notice A signature is 64 bytes (EIP-2098) or 65 bytes (r, s, v).
    error SettlementSignatureLength(uint256 length);
    /// @notice The last byte of a 65-byte signature is 27 or 28.
    error SettlementSignatureV(uint8 v);
    /// @notice s is in the upper half of the secp256k1 order: the malleable twin of a signature.
    error SettlementSignatureHighS(bytes32 s);
    /// @notice The signature recovers to no address. `digest` is the EIP-712 digest that was checked.
    error SettlementSignatureUnrecoverable(bytes32 digest);
    /// @notice `meter` was recovered from the signature and is not registered. A bill altered after signing,
    ///         or signed for another chain or contract, also ends here, with an address nobody knows.
    error SettlementMeterUnregistered(address meter);
    /// @notice The meter is registered, but not valid for this period.
    error SettlementMeterNotValid(
        address meter,
        uint32 period,
        uint32 validFrom,
        uint32 validUntil
    );
    /// @notice The meter's period is settled: nothing is left to do.
    error SettlementAlreadySettled(address meter, uint32 period);
    /// @notice e(σ, P2) ≠ e(R, A2): the receipts do not add up to this bill under this key.
    error SettlementReceiptMismatch(address meter, uint32 period, uint32 keyEpoch);
    /// @notice e(σ*, P2) ≠ e(Σδ·R, A2) over the batch of `bills` bills: at least one is not paid, or σ* was
    ///         weighted over other bills or another order.
    error SettlementBatchReceiptMismatch(uint256 bills);
    /// @notice A batch has at least one bill.
    error SettlementBatchEmpty();
    /// @notice All bills of a batch are under one key epoch; bill number `index` (from 0) is not.
    error SettlementBatchKeyEpoch(uint256 index, uint32 expected, uint32 actual);

    // ---------------------------------------------------------------------------------------------
    // Errors of registration
    // ---------------------------------------------------------------------------------------------

    /// @notice A1 is not a point of G1 that can be a key.
    error SettlementKeyA1Invalid(BN254.Defect defect, BN254.G1Point a1);
    /// @notice A2 is not a point of the order-ℓ subgroup of G2 that can be a key.
    error SettlementKeyA2Invalid(BN254.Defect defect, BN254.G2Point a2);
    /// @notice e(A1, P2) ≠ e(P1, A2): the two halves belong to different secrets.
    error SettlementKeyInconsistent(BN254.G1Point a1, BN254.G2Point a2);
    /// @notice A role or a meter cannot be the zero address.
    error SettlementZeroAddress();
    /// @notice The address is registered, as meter number `index`. An address is registered once, for good.
    error SettlementMeterAlreadyRegistered(address meter, uint32 index);
    /// @notice The first valid period comes after the last.
    error SettlementMeterPeriods(uint32 validFrom, uint32 validUntil);
    /// @notice Retiring only shortens: `lastPeriod` is not before the present last period `validUntil`.
    error SettlementMeterRetirement(address meter, uint32 lastPeriod, uint32 validUntil);
    /// @notice `explain` or `explainBatch` ran out of gas inside; call it with more.
    error SettlementExplainOutOfGas();

    // ---------------------------------------------------------------------------------------------
    // Settlement: anyone, at any time
    // ---------------------------------------------------------------------------------------------

    /**
     * @notice Settles one bill. Anyone may call: the credit goes to the meter that signed, never to the
     *         caller, so whoever copies a pending settlement does somebody's work for them.
     * @dev    Checks, in this order: key epoch registered and active; R and σ are points, before any
     *         precompile runs; signature; meter registered and valid for the period; not settled;
     *         e(σ, P2) = e(R, A2). Emits {BillSettled}.
     *         Reverts with {SettlementKeyEpochUnknown}, {SettlementKeyEpochNotActive},
     *         {SettlementBillPointInvalid}, {SettlementReceiptPointInvalid}, {SettlementSignatureHighS},
     *         {SettlementSignatureUnrecoverable}, {SettlementMeterUnregistered}, {SettlementMeterNotValid},
     *         {SettlementAlreadySettled}, {SettlementReceiptMismatch} or {BN254.BN254PrecompileFailed}.
     * @param bill The signed bill.
     * @param sx   x coordinate of the combined receipt σ, in [0, p).
     * @param sy   y coordinate of the combined receipt σ, in [0, p).
     */
    function settle(SignedBill calldata bill, uint256 sx, uint256 sy) external;

    /**
     * @notice The same as {settle}, for a signature in bytes: 65 bytes r ‖ s ‖ v with v in {27, 28}, or the
     *         64 bytes of EIP-2098.
     * @dev    Reverts as {settle} does, and with {SettlementSignatureLength} or {SettlementSignatureV}.
     */
    function settleWithSignature(
        uint32 period,
        uint32 keyEpoch,
        uint256 rx,
        uint256 ry,
        bytes calldata signature,
        uint256 sx,
        uint256 sy
    ) external;

    /**
     * @notice Settles many bills of one key epoch with one combined receipt and one pairing check.
     * @dev    σ* = Σδ_i·σ_i with the weights
     *         t = keccak256("SIPSTER-V1-BATCH" ‖ chain id ‖ this contract ‖ digest_0 ‖ … ‖ digest_{n-1}),
     *         δ_i = keccak256(t ‖ i) mod ℓ, where every part of the hash is one word (the tag padded with
     *         zeros on the right) and digest_i is the EIP-712 digest of bill i. The check is
     *         e(σ*, P2) = e(Σδ_i·R_i, A2).
     *
     *         A bill that is settled already, or that comes twice, stays in the sum, changes nothing and
     *         emits nothing: a front-run copy cannot break a batch. Anything else that is wrong with any
     *         bill reverts all. A batch is accepted exactly when each of its bills is either settled already
     *         or would be settled by {settle} with its own receipt.
     *         Reverts as {settle} does (except {SettlementAlreadySettled}), with {SettlementBatchEmpty},
     *         {SettlementBatchKeyEpoch}, and {SettlementBatchReceiptMismatch} in place of
     *         {SettlementReceiptMismatch}.
     * @param keyEpoch Key epoch of every bill.
     * @param bills    The signed bills, in the order the weights were computed in; at least one.
     * @param sx       x coordinate of σ*, in [0, p).
     * @param sy       y coordinate of σ*, in [0, p).
     */
    function settleBatch(
        uint32 keyEpoch,
        SignedBill[] calldata bills,
        uint256 sx,
        uint256 sy
    ) external;

    // ---------------------------------------------------------------------------------------------
    // Checking without settling
    // ---------------------------------------------------------------------------------------------

    /**
     * @notice Says what {settle} would do now, and spends nothing.
     * @return verdict Settles, AlreadySettled or Refused.
     * @return reason  The very bytes {settle} would revert with (selector and arguments of a custom error);
     *                 empty when it would settle.
     */
    function explain(
        SignedBill calldata bill,
        uint256 sx,
        uint256 sy
    ) external view returns (Verdict verdict, bytes memory reason);

    /**
     * @notice Says what {settleBatch} would do now, and spends nothing.
     * @return verdict Settles; AlreadySettled when it would be accepted and every bill is settled already;
     *                 or Refused.
     * @return index   Number of the first bill at fault, from 0; the number of bills when none is at fault by
     *                 itself: the key epoch, σ*, or the sum.
     * @return reason  The very bytes {settleBatch} would revert with; empty when it would be accepted.
     */
    function explainBatch(
        uint32 keyEpoch,
        SignedBill[] calldata bills,
        uint256 sx,
        uint256 sy
    ) external view returns (Verdict verdict, uint256 index, bytes memory reason);

    /**
     * @notice The checks of {settle} and nothing else: returns if it would settle now, reverts as it would.
     * @return meter The meter that signed.
     */
    function check(
        SignedBill calldata bill,
        uint256 sx,
        uint256 sy
    ) external view returns (address meter);

    /**
     * @notice The checks of {settleBatch} and nothing else: returns if it would be accepted now, reverts as it
     *         would.
     * @return unsettled Number of bills whose period is not settled yet.
     */
    function checkBatch(
        uint32 keyEpoch,
        SignedBill[] calldata bills,
        uint256 sx,
        uint256 sy
    ) external view returns (uint256 unsettled);

    /**
     * @notice The checks of {settleBatch} on bill number `index` by itself: everything but the pairing.
     * @return meter     The meter that signed.
     * @return isSettled Whether the meter's period is settled already.
     */
    function checkBatchBill(
        uint32 keyEpoch,
        uint256 index,
        SignedBill calldata bill
    ) external view returns (address meter, bool isSettled);

    // ---------------------------------------------------------------------------------------------
    // State
    // ---------------------------------------------------------------------------------------------

    /// @notice keccak256(abi.encode(chain id, this contract)): binds every hash of the protocol to this deployment.
    function systemId() external view returns (bytes32);

    /// @notice EIP-712 digest that the meter signs for this bill.
    function billDigest(
        uint32 period,
        uint32 keyEpoch,
        uint256 rx,
        uint256 ry
    ) external view returns (bytes32);

    /// @notice Whether the meter's period is settled; false for an address that is no meter.
    function settled(address meter, uint32 period) external view returns (bool);

    /// @notice Bits of 256 meters for one period: bit i is set when meter number 256·word + i has settled it.
    function settledWord(uint32 period, uint32 word) external view returns (uint256 bits);

    /// @notice Number of registered keys; they are the key epochs 1 to this number.
    function keyEpochs() external view returns (uint32);

    /// @notice The key of an epoch. Reverts with {SettlementKeyEpochUnknown}.
    function epochKey(uint32 keyEpoch) external view returns (EpochKey memory);

    /// @notice Whether a key is registered under any epoch: keccak256(abi.encode(a1, a2)).
    function isKey(bytes32 keyHash) external view returns (bool);

    /// @notice Periods between the month of registering a key and the first period it can be the key of.
    function lead() external view returns (uint32);

    /// @notice Contract whose code is the key of an epoch; it has no code for an epoch without a key.
    function epochKeyAddress(uint32 keyEpoch) external view returns (address);

    /// @notice Seconds between the registration of a key and its first settlement.
    function activationDelay() external view returns (uint32);

    /// @notice Number of registered meters; they are numbered from 0.
    function meterCount() external view returns (uint32);

    /// @notice What is registered for an address; all zero when nothing is.
    function meterOf(address meter) external view returns (Meter memory);

    // ---------------------------------------------------------------------------------------------
    // Registration: roles
    // ---------------------------------------------------------------------------------------------

    /**
     * @notice Registers the next key of the utility, for good. Bills under it settle after the activation delay.
     * @dev    Caller: KEY_REGISTRAR_ROLE, not while paused. Checks that A1 is on the curve and not the
     *         identity, that A2 is on the twist, in the subgroup of order ℓ and not the identity, and
     *         e(A1, P2) = e(P1, A2). Emits {KeyRegistered}.
     *         Reverts with {SettlementKeyA1Invalid}, {SettlementKeyA2Invalid}, {SettlementKeyInconsistent}
     *         or {BN254.BN254GasTooLow}.
     * @return keyEpoch Its number: 1 for the first, then one more each time.
     */
    function registerKey(
        BN254.G1Point calldata a1,
        BN254.G2Point calldata a2
    ) external returns (uint32 keyEpoch);

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
     * @dev    Caller: METER_REGISTRAR_ROLE, also while paused. It only ever shortens. Emits {MeterRetired}.
     *         Reverts with {SettlementMeterUnregistered} or {SettlementMeterRetirement}.
     */
    function retireMeter(address meter, uint32 lastPeriod) external;

    /// @notice Stops registrations of keys and meters, and nothing else. Caller: PAUSER_ROLE.
    function pause() external;

    /// @notice Allows registrations again. Caller: PAUSER_ROLE.
    function unpause() external;
}
