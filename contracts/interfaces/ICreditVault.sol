// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {BN254} from "../libraries/BN254.sol";
import {IBillSettlement} from "./IBillSettlement.sol";

/**
 * @title  Vault of prepaid credit
 * @notice A resident deposits tokens together with the Merkle root of up to 256 blinded messages; the mint answers by
 *         publishing a blind signature on every message, which the resident unblinds into coins. The vault is the
 *         fair exchange of the one for the other.
 *
 * @dev The life of a deposit, with exactly one party entitled to act at any moment:
 *
 *        Open          until `acknowledgeBy`, only the mint may act: acknowledge it, by publishing the blind
 *                      signatures, or decline it. After that moment it belongs to the depositor: {refund}.
 *        Acknowledged  until `disputableUntil`, a published signature that is wrong gives the deposit back to the
 *                      depositor ({dispute}); after that moment the treasurer may collect.
 *        Refunded, Collected   the end. What was refunded waits for the depositor's {withdraw}.
 *
 *      Why a depositor cannot take the money back while the mint may still acknowledge: the signatures are
 *      readable in the mint's pending transaction, and a refund that overtakes it would leave the depositor
 *      with money and coins. Why an acknowledgement publishes signatures: a mint that only claimed to have
 *      issued would take deposits by its word. Publishing loses no privacy: a blind signature says nothing about
 *      the coin, and it lets a wallet that has lost its disk find its coins again.
 *
 *      An acknowledgement names the deposit by a hash of its content and not only by its number, and has exactly as
 *      many signatures as the deposit has messages, so neither a reorganisation nor a flood of signatures changes
 *      what is paid for. A dispute shows one message and one signature by their places in two trees; its cost does
 *      not depend on the number of the others. Refunds and disputes record what is due and call no token, so no
 *      token contract can let a deadline pass.
 *
 *      So no role moves a deposit: it goes back to its depositor, or to the treasury against signatures that
 *      anyone could have disputed. Nothing but deposits can be withdrawn, and nothing else is counted: tokens sent
 *      without {deposit} stay.
 */
interface ICreditVault {
    // ---------------------------------------------------------------------------------------------
    // Types
    // ---------------------------------------------------------------------------------------------

    /// @notice Where a deposit stands. None: the number is not a deposit's.
    enum Status {
        None,
        Open,
        Acknowledged,
        Refunded,
        Collected
    }

    /**
     * @notice A deposit.
     * @param depositor       Who paid, and who is paid back.
     * @param acknowledgeBy   Unix seconds: last moment to acknowledge.
     * @param status          Where it stands.
     * @param count           Number of blinded messages, 1 to 256.
     * @param amount          Base units of the token.
     * @param mintKeyId       Mint key that signs.
     * @param disputableUntil Unix seconds: last moment to dispute; zero before the acknowledgement.
     * @param messagesRoot    Root of the tree of the blinded messages.
     * @param signaturesRoot  Root of the tree of the published signatures; zero before the acknowledgement.
     */
    struct Deposit {
        address depositor;
        uint64 acknowledgeBy;
        Status status;
        uint16 count;
        uint128 amount;
        uint32 mintKeyId;
        uint64 disputableUntil;
        bytes32 messagesRoot;
        bytes32 signaturesRoot;
    }

    /**
     * @notice A leaf of a deposit's trees, as a dispute shows it.
     * @param point A blinded message M', or a blind signature S'.
     * @param path  Sibling hashes from the leaf upwards: ⌈log2 count⌉ of them.
     */
    struct Shown {
        BN254.G1Point point;
        bytes32[] path;
    }

    /// @notice A public key of the mint for one denomination: B1 = b·P1 and B2 = b·P2.
    struct MintKey {
        uint32 denomination;
        BN254.G1Point b1;
        BN254.G2Point b2;
    }

    // ---------------------------------------------------------------------------------------------
    // Events
    // ---------------------------------------------------------------------------------------------

    /// @notice A mint key id was registered, for good, with `count` denominations; it begins at `firstPeriod`.
    event MintKeysRegistered(uint32 indexed mintKeyId, uint32 indexed firstPeriod, uint256 count);

    /// @notice The mint's public key of an id for one denomination was registered, for good.
    event MintKeyRegistered(
        uint32 indexed mintKeyId,
        uint32 indexed denomination,
        BN254.G1Point b1,
        BN254.G2Point b2
    );

    /// @notice `amount` base units of the token were deposited for `count` messages under `messagesRoot`; the mint may
    ///         acknowledge until `acknowledgeBy` (Unix seconds). `depositHash` is the hash of all of it.
    event Deposited(
        uint256 indexed id,
        address indexed depositor,
        bytes32 indexed messagesRoot,
        uint256 amount,
        uint32 mintKeyId,
        uint256 count,
        uint64 acknowledgeBy,
        bytes32 depositHash
    );

    /// @notice The mint published the blind signatures of a deposit, one for each message, in order; anyone may
    ///         dispute them until `disputableUntil` (Unix seconds).
    event Acknowledged(
        uint256 indexed id,
        bytes32 indexed depositHash,
        BN254.G1Point[] blindSignatures,
        uint64 disputableUntil
    );

    /// @notice The mint declined a deposit, which refunds it.
    event Declined(uint256 indexed id);

    /// @notice Signature number `index` of an acknowledged deposit was shown to be wrong.
    event Disputed(uint256 indexed id, uint256 index);

    /// @notice A deposit is due to its depositor again.
    event Refunded(uint256 indexed id, address indexed depositor, uint256 amount);

    /// @notice A depositor withdrew what was due.
    event Withdrawn(address indexed depositor, address indexed to, uint256 amount);

    /// @notice A deposit went to the treasurer.
    event Collected(uint256 indexed id, address indexed to, uint256 amount);

    // ---------------------------------------------------------------------------------------------
    // Errors
    // ---------------------------------------------------------------------------------------------

    /// @notice A deposit is of at least one base unit and less than 2^128.
    error VaultAmountOutOfRange(uint256 amount);
    /// @notice A deposit has 1 to `most` blinded messages.
    error VaultCountOutOfRange(uint256 count, uint256 most);
    /// @notice The token delivered another amount than it was told to: it takes a fee or changes balances.
    error VaultTransferShort(uint256 expected, uint256 received);
    /// @notice The deposit is not in the state this needs.
    error VaultDepositStatus(uint256 id, Status needed, Status actual);
    /// @notice The deposit of this number has another content than the caller means.
    error VaultDepositDiffers(uint256 id, bytes32 depositHash, bytes32 expected);
    /// @notice The time of the mint is over since `deadline`; the block is at `timestamp` (Unix seconds).
    error VaultAcknowledgeTooLate(uint256 id, uint256 deadline, uint256 timestamp);
    /// @notice The mint may acknowledge until `deadline`; the block is at `timestamp` (Unix seconds).
    error VaultRefundTooEarly(uint256 id, uint256 deadline, uint256 timestamp);
    /// @notice Signatures could be disputed until `deadline`; the block is at `timestamp` (Unix seconds).
    error VaultDisputeTooLate(uint256 id, uint256 deadline, uint256 timestamp);
    /// @notice Signatures may be disputed until `deadline`; the block is at `timestamp` (Unix seconds).
    error VaultCollectTooEarly(uint256 id, uint256 deadline, uint256 timestamp);
    /// @notice An acknowledgement publishes exactly one signature for each message.
    error VaultSignatureCount(uint256 id, uint256 needed, uint256 actual);
    /// @notice The deposit has no message and no signature of this number.
    error VaultDisputeIndex(uint256 id, uint256 index, uint256 count);
    /// @notice The deposit does not have this message at this index.
    error VaultMessageNotInDeposit(uint256 id, uint256 index);
    /// @notice The mint did not publish this signature at this index.
    error VaultSignatureNotPublished(uint256 id, uint256 index);
    /// @notice The message is not a point that anyone could sign: it proves nothing about the signature.
    error VaultMessageInvalid(BN254.Defect defect, BN254.G1Point message);
    /// @notice Signature number `index` is right: there is nothing to dispute.
    error VaultSignatureValid(uint256 id, uint256 index);
    /// @notice Nothing is due to this account.
    error VaultNothingDue(address account);
    /// @notice A period of the deployment is outside its bounds, all in seconds.
    error VaultPeriodOutOfRange(uint256 period, uint256 least, uint256 most);
    /// @notice Mint key ids are numbered without gaps.
    error VaultMintKeyIdOutOfOrder(uint32 next, uint32 actual);
    /// @notice No mint key has this id.
    error VaultMintKeyIdUnknown(uint32 mintKeyId);
    /// @notice A mint key id has 1 to `most` denominations.
    error VaultMintKeyCount(uint256 count, uint256 most);
    /// @notice The id would begin at `firstPeriod`, which is not a month, or before `earliest`.
    error VaultMintKeyFirstPeriod(uint32 firstPeriod, uint32 earliest);
    /// @notice Denominations ascend, from 1.
    error VaultDenominationOrder(uint32 previous, uint32 denomination);
    /// @notice This key is registered already: for another denomination or id, or for receipts.
    error VaultMintKeyInUse(uint32 mintKeyId, uint32 denomination, bytes32 keyHash);
    /// @notice B1 is not a point of G1 that can be a key.
    error VaultMintKeyB1Invalid(BN254.Defect defect, BN254.G1Point b1);
    /// @notice B2 is not a point of the order-ℓ subgroup of G2 that can be a key.
    error VaultMintKeyB2Invalid(BN254.Defect defect, BN254.G2Point b2);
    /// @notice e(B1, P2) ≠ e(P1, B2): the two halves belong to different secrets.
    error VaultMintKeyInconsistent(BN254.G1Point b1, BN254.G2Point b2);
    /// @notice No mint key has this id and denomination.
    error VaultMintKeyUnknown(uint32 mintKeyId, uint32 denomination);
    /// @notice A role, the token, the settlement or a recipient cannot be the zero address.
    error VaultZeroAddress();

    // ---------------------------------------------------------------------------------------------
    // Residents
    // ---------------------------------------------------------------------------------------------

    /**
     * @notice Takes `amount` of the token from the caller, for the messages under this root.
     * @dev    Not while paused. The caller has approved the vault. Emits {Deposited}. Reverts with
     *         {VaultAmountOutOfRange}, {VaultCountOutOfRange}, {VaultMintKeyIdUnknown} or {VaultTransferShort}. The
     *         resident sends the messages themselves to the mint, which acknowledges only if they have the root,
     *         are points, and their denominations add up to the amount.
     * @param amount       Base units of the token, 1 to 2^128 − 1.
     * @param mintKeyId    Mint key that is to sign.
     * @param count        Number of messages, 1 to 256.
     * @param messagesRoot Root of the tree of the messages: leaf `i` is
     *                     keccak256("SIPSTER-V1-DEPOSIT-MESSAGE" ‖ denomination u32 ‖ x ‖ y), a node
     *                     keccak256("SIPSTER-V1-DEPOSIT-NODE" ‖ left ‖ right), the depth ⌈log2 count⌉, and the places
     *                     after the last leaf hold 32 zero bytes. Tags are padded with zeros to a word.
     * @return id          Number of the deposit, from 1.
     * @return depositHash Hash of its content, see {depositHashOf}.
     */
    function deposit(
        uint256 amount,
        uint32 mintKeyId,
        uint256 count,
        bytes32 messagesRoot
    ) external returns (uint256 id, bytes32 depositHash);

    /**
     * @notice Makes a deposit due to its depositor, when the mint's time is over. Anyone may call.
     * @dev    Also while paused. Emits {Refunded}. Reverts with {VaultDepositStatus} or {VaultRefundTooEarly}.
     */
    function refund(uint256 id) external;

    /**
     * @notice Shows that published signature number `index` is wrong, and makes the deposit due to its depositor.
     *         Anyone may call, until `disputableUntil`.
     * @dev    Also while paused. Signature S' of message M' in denomination d is right when it is a point other than
     *         the identity and e(S', P2) = e(M', B2_d). A message that is not a point, or of a denomination without a
     *         key, proves nothing, because no signature could be right for it. Emits {Disputed} and {Refunded}.
     *         Reverts with {VaultDepositStatus}, {VaultDisputeTooLate}, {VaultDisputeIndex},
     *         {VaultMessageNotInDeposit}, {VaultSignatureNotPublished}, {VaultMintKeyUnknown}, {VaultMessageInvalid},
     *         {VaultSignatureValid} or {BN254.BN254PrecompileFailed} (too little gas proves nothing).
     * @param index        Place of both in their trees, from 0.
     * @param denomination Denomination of the message.
     * @param message      Blinded message `index` of the deposit, with its path.
     * @param signature    Published blind signature `index`, with its path.
     */
    function dispute(
        uint256 id,
        uint256 index,
        uint32 denomination,
        Shown calldata message,
        Shown calldata signature
    ) external;

    /**
     * @notice Pays everything that is due to the caller to `to`.
     * @dev    Also while paused. Emits {Withdrawn}. Reverts with {VaultZeroAddress} or {VaultNothingDue}, and as the
     *         token does; then it stays due.
     * @return amount Base units of the token.
     */
    function withdraw(address to) external returns (uint256 amount);

    // ---------------------------------------------------------------------------------------------
    // The mint
    // ---------------------------------------------------------------------------------------------

    /**
     * @notice Registers all keys of a mint key id, for good.
     * @dev    Caller: MINT_ROLE, not while paused. Each key passes the checks of a utility key, and is neither
     *         registered here nor a key of the settlement contract. Emits {MintKeysRegistered} and, for each,
     *         {MintKeyRegistered}. Reverts with {VaultMintKeyIdOutOfOrder}, {VaultMintKeyCount},
     *         {VaultMintKeyFirstPeriod}, {VaultDenominationOrder}, {VaultMintKeyB1Invalid}, {VaultMintKeyB2Invalid},
     *         {VaultMintKeyInconsistent}, {VaultMintKeyInUse} or {BN254.BN254GasTooLow}.
     * @param mintKeyId   The next id: {mintKeyIds} + 1.
     * @param firstPeriod YYYYMM from which on the id is the one of its periods; zero for the first id, to begin before
     *                    everything, and at least {earliestFirstPeriod} else.
     * @param keys        1 to 32, denominations ascending.
     */
    function registerMintKeys(
        uint32 mintKeyId,
        uint32 firstPeriod,
        MintKey[] calldata keys
    ) external;

    /**
     * @notice Publishes the blind signatures of a deposit, one for each message, in order: this is the delivery.
     * @dev    Caller: MINT_ROLE, until `acknowledgeBy`, also while paused. Send it well before: a transaction
     *         that comes too late has shown the signatures and earned nothing. The vault checks no signature
     *         here; a wrong one is disputed. Emits {Acknowledged}. Reverts with {VaultDepositStatus},
     *         {VaultDepositDiffers}, {VaultAcknowledgeTooLate} or {VaultSignatureCount}.
     * @param depositHash The deposit that the mint decided on, see {depositHashOf}.
     */
    function acknowledge(
        uint256 id,
        bytes32 depositHash,
        BN254.G1Point[] calldata blindSignatures
    ) external;

    /**
     * @notice Gives an open deposit back at once.
     * @dev    Caller: MINT_ROLE, while Open. Emits {Declined} and {Refunded}. Reverts with {VaultDepositStatus} or
     *         {VaultDepositDiffers}.
     */
    function decline(uint256 id, bytes32 depositHash) external;

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
     * @notice keccak256(abi.encode("SIPSTER-V1-DEPOSIT", chain id, vault, depositor, amount, mintKeyId, count,
     *         messagesRoot, acknowledgeBy)) of a deposit. Reverts with {VaultDepositStatus} if there is none.
     */
    function depositHashOf(uint256 id) external view returns (bytes32);

    /// @notice A deposit; of status None and all zero when there is none.
    function depositOf(uint256 id) external view returns (Deposit memory);

    /// @notice Number of deposits; they are numbered from 1.
    function depositCount() external view returns (uint256);

    /// @notice What {withdraw} would pay to this account, in base units of the token.
    function dueTo(address account) external view returns (uint256);

    /// @notice The mint's key B2 for a denomination. Reverts with {VaultMintKeyUnknown}.
    function mintKey(
        uint32 mintKeyId,
        uint32 denomination
    ) external view returns (BN254.G2Point memory b2);

    /// @notice Number of mint key ids; they are numbered from 1.
    function mintKeyIds() external view returns (uint32);

    /// @notice The mint key id of a period: the last one that begins no later; zero if none does.
    function mintKeyIdOf(uint32 period) external view returns (uint32);

    /// @notice The period at which an id begins. Reverts with {VaultMintKeyIdUnknown}.
    function firstPeriodOf(uint32 mintKeyId) external view returns (uint32);

    /// @notice The earliest period at which the next id may begin; zero for the first.
    function earliestFirstPeriod() external view returns (uint32);

    /// @notice Whether a key is registered here: keccak256(abi.encode(b1, b2)).
    function isMintKey(bytes32 keyHash) external view returns (bool);

    /// @notice Sum of all deposits that are open or acknowledged and of all that is due, in base units of the token.
    function owed() external view returns (uint256);

    /// @notice The token.
    function token() external view returns (IERC20);

    /// @notice The settlement contract of the same system.
    function settlement() external view returns (IBillSettlement);

    /// @notice The system that the coins are of, see {IBillSettlement.systemId}.
    function systemId() external view returns (bytes32);

    /// @notice Seconds the mint has to acknowledge a deposit.
    function acknowledgePeriod() external view returns (uint32);

    /// @notice Seconds everyone has to dispute the signatures.
    function disputePeriod() external view returns (uint32);
}
