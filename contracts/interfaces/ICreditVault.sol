// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {BN254} from "../libraries/BN254.sol";

/**
 * @title  Vault of prepaid credit
 * @notice A resident deposits tokens together with a digest of blinded messages; the mint answers by publishing
 *         a blind signature on every message, which the resident unblinds into coins. The vault is the fair
 *         exchange of the one for the other.
 *
 * @dev The life of a deposit, with exactly one party entitled to act at any moment:
 *
 *        Open          until `acknowledgeBy`, only the mint may act: acknowledge it, by publishing the blind
 *                      signatures, or decline it. After that moment nobody but the depositor is entitled to
 *                      anything: the money goes back on {refund}.
 *        Acknowledged  until `disputableUntil`, anyone who shows that a published signature is wrong gets the
 *                      money back to the depositor ({dispute}); after that moment the treasurer may collect.
 *        Refunded, Collected   the end.
 *
 *      Why a depositor cannot take the money back while the mint may still acknowledge: the signatures are
 *      readable in the mint's pending transaction, and a refund that overtakes it would leave the depositor
 *      with money and coins. Why an acknowledgement publishes signatures: a mint that only claimed to have
 *      issued would take deposits by its word. Publishing loses no privacy: a blind signature says nothing of
 *      the coin, and it lets a wallet that has lost its disk find its coins again.
 *
 *      So no role moves a deposit: not to any address but its depositor's while Open, and to the treasury only
 *      against signatures that anyone could have disputed. Nothing but deposits can be withdrawn, nothing else
 *      is counted: tokens sent without {deposit} stay.
 */
interface ICreditVault {
    // ---------------------------------------------------------------------------------------------
    // Types
    // ---------------------------------------------------------------------------------------------

    /// @notice Where a deposit stands. None: no such deposit.
    enum Status {
        None,
        Open,
        Acknowledged,
        Refunded,
        Collected
    }

    /**
     * @notice A deposit.
     * @param depositor      Who paid, and who is paid back.
     * @param deadline       Unix seconds. While Open: last moment to acknowledge. While Acknowledged: last moment
     *                       to dispute.
     * @param status         Where it stands.
     * @param amount         Base units of the token.
     * @param messagesDigest Digest of the blinded messages, see {depositDigest}.
     * @param signaturesHash keccak256 of the published blind signatures, all x ‖ y in order; zero before.
     */
    struct Deposit {
        address depositor;
        uint64 deadline;
        Status status;
        uint256 amount;
        bytes32 messagesDigest;
        bytes32 signaturesHash;
    }

    /// @notice A blinded message M' in G1 and the denomination of the coin it is to become.
    struct BlindedMessage {
        uint32 denomination;
        uint256 x;
        uint256 y;
    }

    // ---------------------------------------------------------------------------------------------
    // Events
    // ---------------------------------------------------------------------------------------------

    /// @notice The mint's public key for one denomination was registered, for good.
    event MintKeyRegistered(
        uint32 indexed mintKeyId,
        uint32 indexed denomination,
        BN254.G1Point b1,
        BN254.G2Point b2
    );

    /// @notice `amount` base units of the token were deposited for the messages of this digest; the mint may
    ///         acknowledge until `acknowledgeBy` (Unix seconds).
    event Deposited(
        uint256 indexed id,
        address indexed depositor,
        bytes32 indexed messagesDigest,
        uint256 amount,
        uint64 acknowledgeBy
    );

    /// @notice The mint published the blind signatures of a deposit, one for each message, in order; anyone may
    ///         dispute them until `disputableUntil` (Unix seconds).
    event Acknowledged(uint256 indexed id, BN254.G1Point[] blindSignatures, uint64 disputableUntil);

    /// @notice The mint gave up its time to acknowledge: the deposit can be refunded.
    event Declined(uint256 indexed id);

    /// @notice Signature number `index` of an acknowledged deposit was shown to be wrong.
    event Disputed(uint256 indexed id, uint256 index);

    /// @notice A deposit went back to its depositor.
    event Refunded(uint256 indexed id, address indexed depositor, uint256 amount);

    /// @notice A deposit went to the treasury.
    event Collected(uint256 indexed id, address indexed to, uint256 amount);

    // ---------------------------------------------------------------------------------------------
    // Errors
    // ---------------------------------------------------------------------------------------------

    /// @notice A deposit is of at least one base unit.
    error VaultAmountZero();
    /// @notice The token delivered another amount than it was told to: it takes a fee or changes balances.
    error VaultTransferShort(uint256 expected, uint256 received);
    /// @notice The deposit is not in the state this needs.
    error VaultDepositStatus(uint256 id, Status needed, Status actual);
    /// @notice The time of the mint is over since `deadline`; the block is at `timestamp` (Unix seconds).
    error VaultAcknowledgeTooLate(uint256 id, uint256 deadline, uint256 timestamp);
    /// @notice The mint may acknowledge until `deadline`; the block is at `timestamp` (Unix seconds).
    error VaultRefundTooEarly(uint256 id, uint256 deadline, uint256 timestamp);
    /// @notice Signatures could be disputed until `deadline`; the block is at `timestamp` (Unix seconds).
    error VaultDisputeTooLate(uint256 id, uint256 deadline, uint256 timestamp);
    /// @notice Signatures may be disputed until `deadline`; the block is at `timestamp` (Unix seconds).
    error VaultCollectTooEarly(uint256 id, uint256 deadline, uint256 timestamp);
    /// @notice These are not the messages of the deposit.
    error VaultMessagesDiffer(uint256 id, bytes32 expected, bytes32 actual);
    /// @notice These are not the published signatures of the deposit.
    error VaultSignaturesDiffer(uint256 id, bytes32 expected, bytes32 actual);
    /// @notice There is no message and no signature of this number.
    error VaultDisputeIndex(uint256 id, uint256 index);
    /// @notice Signature number `index` is right: there is nothing to dispute.
    error VaultSignatureValid(uint256 id, uint256 index);
    /// @notice An acknowledgement publishes at least one signature.
    error VaultNoSignatures(uint256 id);
    /// @notice This mint key has a key for this denomination; it is never replaced.
    error VaultMintKeyExists(uint32 mintKeyId, uint32 denomination);
    /// @notice B1 is not a point of G1 that can be a key.
    error VaultMintKeyB1Invalid(BN254.Defect defect, BN254.G1Point b1);
    /// @notice B2 is not a point of the order-ℓ subgroup of G2 that can be a key.
    error VaultMintKeyB2Invalid(BN254.Defect defect, BN254.G2Point b2);
    /// @notice e(B1, P2) ≠ e(P1, B2): the two halves belong to different secrets.
    error VaultMintKeyInconsistent(BN254.G1Point b1, BN254.G2Point b2);
    /// @notice No mint key has this identifier and denomination.
    error VaultMintKeyUnknown(uint32 mintKeyId, uint32 denomination);
    /// @notice A role, the token, the settlement or a recipient cannot be the zero address.
    error VaultZeroAddress();

    // ---------------------------------------------------------------------------------------------
    // Residents
    // ---------------------------------------------------------------------------------------------

    /**
     * @notice Takes `amount` of the token from the caller, for the messages of this digest.
     * @dev    Not while paused. The caller has approved the vault. Emits {Deposited}. Reverts with
     *         {VaultAmountZero} or {VaultTransferShort}. The resident sends the messages themselves to the mint,
     *         which acknowledges only if they fit the digest and their denominations the amount.
     * @param amount         Base units of the token, at least one.
     * @param messagesDigest Digest of the blinded messages, see {depositDigest}.
     * @return id Number of the deposit, from 1.
     */
    function deposit(uint256 amount, bytes32 messagesDigest) external returns (uint256 id);

    /**
     * @notice Pays a deposit back to its depositor, when the mint's time is over or it declined. Anyone may call.
     * @dev    Also while paused. Emits {Refunded}. Reverts with {VaultDepositStatus} or {VaultRefundTooEarly}.
     */
    function refund(uint256 id) external;

    /**
     * @notice Shows that published signature number `index` is wrong, and pays the deposit back to its depositor.
     *         Anyone may call, until `disputableUntil`.
     * @dev    Also while paused. Signature S' of message M' in denomination d is right when M' and S' are points
     *         other than the identity, the mint key has a key B2_d, and e(S', P2) = e(M', B2_d). A number that
     *         has a message and no signature, or a signature and no message, is wrong too. Emits {Disputed} and
     *         {Refunded}. Reverts with {VaultDepositStatus}, {VaultDisputeTooLate}, {VaultMessagesDiffer},
     *         {VaultSignaturesDiffer}, {VaultDisputeIndex}, {VaultSignatureValid} or
     *         {BN254.BN254PrecompileFailed} (too little gas proves nothing).
     * @param mintKeyId       Mint key of the digest.
     * @param messages        All messages of the digest, in order.
     * @param blindSignatures All published signatures, in order.
     * @param index           Number of the wrong one, from 0.
     */
    function dispute(
        uint256 id,
        uint32 mintKeyId,
        BlindedMessage[] calldata messages,
        BN254.G1Point[] calldata blindSignatures,
        uint256 index
    ) external;

    // ---------------------------------------------------------------------------------------------
    // The mint
    // ---------------------------------------------------------------------------------------------

    /**
     * @notice Registers the mint's key for one denomination, for good: B1 = b·P1, B2 = b·P2.
     * @dev    Caller: MINT_ROLE, not while paused. The checks of a utility key. Emits {MintKeyRegistered}. Reverts
     *         with {VaultMintKeyExists}, {VaultMintKeyB1Invalid}, {VaultMintKeyB2Invalid},
     *         {VaultMintKeyInconsistent} or {BN254.BN254GasTooLow}.
     */
    function registerMintKey(
        uint32 mintKeyId,
        uint32 denomination,
        BN254.G1Point calldata b1,
        BN254.G2Point calldata b2
    ) external;

    /**
     * @notice Publishes the blind signatures of a deposit, one for each message, in order: this is the delivery.
     * @dev    Caller: MINT_ROLE, until `acknowledgeBy`, also while paused. Send it well before: a transaction
     *         that comes too late has shown the signatures and earned nothing. The vault checks no signature
     *         here; a wrong one is disputed. Emits {Acknowledged}. Reverts with {VaultDepositStatus},
     *         {VaultAcknowledgeTooLate} or {VaultNoSignatures}.
     */
    function acknowledge(uint256 id, BN254.G1Point[] calldata blindSignatures) external;

    /**
     * @notice Gives up the time to acknowledge, so that the deposit can be refunded at once.
     * @dev    Caller: MINT_ROLE, while Open. Emits {Declined}. Reverts with {VaultDepositStatus}.
     */
    function decline(uint256 id) external;

    // ---------------------------------------------------------------------------------------------
    // The treasurer
    // ---------------------------------------------------------------------------------------------

    /**
     * @notice Pays acknowledged deposits that nobody can dispute any more to `to`.
     * @dev    Caller: TREASURER_ROLE, also while paused. Emits {Collected} for each. Reverts with
     *         {VaultZeroAddress}, {VaultDepositStatus} or {VaultCollectTooEarly}; then none is paid.
     * @return amount Sum paid, in base units of the token.
     */
    function collect(uint256[] calldata ids, address to) external returns (uint256 amount);

    // ---------------------------------------------------------------------------------------------
    // The pause, and state
    // ---------------------------------------------------------------------------------------------

    /// @notice Stops new deposits and mint keys, and nothing that is owed. Caller: PAUSER_ROLE.
    function pause() external;

    /// @notice Allows deposits again. Caller: PAUSER_ROLE.
    function unpause() external;

    /**
     * @notice keccak256(tag ‖ systemId ‖ mintKeyId ‖ denomination ‖ x ‖ y ‖ …), the tag "SIPSTER-V1-DEPOSIT"
     *         padded with zeros to a word, identifiers and denominations of four bytes, coordinates of a word.
     */
    function depositDigest(
        uint32 mintKeyId,
        BlindedMessage[] calldata messages
    ) external view returns (bytes32);

    /// @notice A deposit; of status None and all zero when there is no such deposit.
    function depositOf(uint256 id) external view returns (Deposit memory);

    /// @notice Number of deposits; they are numbered from 1.
    function depositCount() external view returns (uint256);

    /// @notice The mint's key B2 for a denomination. Reverts with {VaultMintKeyUnknown}.
    function mintKey(
        uint32 mintKeyId,
        uint32 denomination
    ) external view returns (BN254.G2Point memory b2);

    /// @notice Sum of all deposits that are neither refunded nor collected, in base units of the token.
    function owed() external view returns (uint256);

    /// @notice The token.
    function token() external view returns (IERC20);

    /// @notice The system its digests are bound to, see {IBillSettlement.systemId}.
    function systemId() external view returns (bytes32);

    /// @notice Seconds the mint has to acknowledge a deposit.
    function acknowledgePeriod() external view returns (uint32);

    /// @notice Seconds everyone has to dispute the signatures.
    function disputePeriod() external view returns (uint32);
}
