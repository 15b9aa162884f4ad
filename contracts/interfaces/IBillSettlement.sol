// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BN254} from "../libraries/BN254.sol";
import {IKeyRegistry} from "./IKeyRegistry.sol";
import {IMeterRegistry} from "./IMeterRegistry.sol";
import {IParameterRegistry} from "./IParameterRegistry.sol";

/**
 * @title  Settlement of metered bills
 * @notice A smart meter signs one bill per period; the bill is a group element R that hides its amount.
 *         The holder of the combined receipt σ = a·R (one group element for any amount) settles the
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
interface IBillSettlement is IKeyRegistry, IMeterRegistry, IParameterRegistry {
    // ---------------------------------------------------------------------------------------------
    // Types
    // ---------------------------------------------------------------------------------------------

    /**
     * @notice A bill with its meter's signature.
     * @param period   Calendar month as YYYYMM (201303).
     * @param keyEpoch Key of the utility that its receipts were made with: that of the period.
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
     * @notice Who holds the roles at deployment. They may be the same, and none may be zero.
     * @param admin              Grants and revokes roles, and nothing else.
     * @param keyRegistrar       Registers keys of the utility.
     * @param meterRegistrar     Registers and retires meters.
     * @param parameterRegistrar Announces public parameters.
     * @param pauser             Pauses and resumes registrations.
     */
    struct Appointments {
        address admin;
        address keyRegistrar;
        address meterRegistrar;
        address parameterRegistrar;
        address pauser;
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

    // ---------------------------------------------------------------------------------------------
    // Errors of settlement, in the order of the checks; see also {IKeyRegistry} and {IMeterRegistry}
    // ---------------------------------------------------------------------------------------------

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

    /// @notice A period has words 0 to 16777215, of 256 meters each.
    error SettlementWordOutOfRange(uint32 word);
    /// @notice `explain` or `explainBatch` ran out of gas inside; call it with more.
    error SettlementExplainOutOfGas();

    // ---------------------------------------------------------------------------------------------
    // Settlement: anyone, at any time
    // ---------------------------------------------------------------------------------------------

    /**
     * @notice Settles one bill. Anyone may call: the credit goes to the meter that signed, never to the
     *         caller, so a copied transaction settles the same bill for the same meter.
     * @dev    Checks, in this order: (1) the key epoch is registered and is that of the period; (2) R and σ are
     *         points, before any precompile runs; (3) the signature is a registered meter's; (4) the meter's
     *         period is not settled, and the meter is valid for it; (5) e(σ, P2) = e(R, A2). Emits
     *         {BillSettled}.
     *         Reverts with {SettlementKeyEpochUnknown}, {SettlementKeyEpochNotOfPeriod},
     *         {SettlementBillPointInvalid}, {SettlementReceiptPointInvalid}, {SettlementSignatureHighS},
     *         {SettlementSignatureUnrecoverable}, {SettlementMeterUnregistered}, {SettlementAlreadySettled},
     *         {SettlementMeterNotValid}, {SettlementReceiptMismatch} or {BN254.BN254PrecompileFailed}.
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
     *         emits nothing, also when its meter was retired since: a front-run copy cannot break a batch.
     *         Anything else that is wrong with any
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
     * @return unsettled Number of bills whose period is not settled yet; a bill that comes twice may count twice.
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

    /// @notice Whether the meter's period is settled; false for an address that is not a meter.
    function settled(address meter, uint32 period) external view returns (bool);

    /// @notice Bits of 256 meters for one period: bit i is set when meter number 256·word + i has settled it.
    ///         Reverts with {SettlementWordOutOfRange} for a word of no meter.
    function settledWord(uint32 period, uint32 word) external view returns (uint256 bits);

    // ---------------------------------------------------------------------------------------------
    // Pause
    // ---------------------------------------------------------------------------------------------

    /// @notice Stops registrations of keys and meters and announcements of parameters, and nothing else. Settling
    ///         goes on, and so does retiring. Caller: PAUSER_ROLE.
    function pause() external;

    /// @notice Allows them again. Caller: PAUSER_ROLE.
    function unpause() external;
}
