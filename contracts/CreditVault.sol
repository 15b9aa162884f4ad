// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";
import {IBillSettlement} from "./interfaces/IBillSettlement.sol";
import {ICreditVault} from "./interfaces/ICreditVault.sol";
import {BN254} from "./libraries/BN254.sol";
import {DepositDigest} from "./libraries/DepositDigest.sol";
import {DepositTree} from "./libraries/DepositTree.sol";
import {MintKeys} from "./registries/MintKeys.sol";

/**
 * @title  CreditVault
 * @notice Prepaid credit against blind signatures: see {ICreditVault}.
 */
contract CreditVault is MintKeys, AccessControl, Pausable, ReentrancyGuard {
    using SafeERC20 for IERC20;

    /// @notice May register mint keys, acknowledge deposits and decline them.
    bytes32 public constant MINT_ROLE = keccak256("MINT_ROLE");
    /// @notice May collect deposits that were acknowledged and can no longer be disputed.
    bytes32 public constant TREASURER_ROLE = keccak256("TREASURER_ROLE");
    /// @notice May pause and resume new deposits and mint keys.
    bytes32 public constant PAUSER_ROLE = keccak256("PAUSER_ROLE");

    /// @notice Least acknowledge period: time for a deposit to be final and for an answer to be mined.
    uint32 public constant MIN_ACKNOWLEDGE_PERIOD = 1 hours;
    /// @notice Greatest acknowledge period: no depositor waits longer than a billing period.
    uint32 public constant MAX_ACKNOWLEDGE_PERIOD = 30 days;
    /// @notice Least dispute period: time for a wallet that is not always online.
    uint32 public constant MIN_DISPUTE_PERIOD = 1 days;
    /// @notice Greatest dispute period: the treasurer is paid within a season.
    uint32 public constant MAX_DISPUTE_PERIOD = 90 days;

    /// @inheritdoc ICreditVault
    IERC20 public immutable override token;
    /// @inheritdoc ICreditVault
    uint32 public immutable override acknowledgePeriod;
    /// @inheritdoc ICreditVault
    uint32 public immutable override disputePeriod;

    /// @inheritdoc ICreditVault
    uint256 public override depositCount;
    /// @inheritdoc ICreditVault
    uint256 public override owed;
    /// @inheritdoc ICreditVault
    mapping(address account => uint256) public override dueTo;

    mapping(uint256 id => Deposit) private _deposits;

    /**
     * @notice Deploys with one holder for each role. They may be the same, and none may be zero.
     * @param settlement_        Settlement contract of the same system: its keys cannot be mint keys.
     * @param token_             Token of the deposits.
     * @param admin              Grants and revokes roles, and nothing else.
     * @param mint               Registers mint keys, acknowledges and declines.
     * @param treasurer          Collects.
     * @param pauser             Pauses and resumes deposits.
     * @param acknowledgePeriod_ Seconds the mint has to acknowledge a deposit.
     * @param disputePeriod_     Seconds everyone has to dispute the signatures.
     */
    constructor(
        IBillSettlement settlement_,
        IERC20 token_,
        address admin,
        address mint,
        address treasurer,
        address pauser,
        uint32 acknowledgePeriod_,
        uint32 disputePeriod_
    ) MintKeys(settlement_) {
        if (address(token_) == address(0)) revert VaultZeroAddress();
        _requireWithin(acknowledgePeriod_, MIN_ACKNOWLEDGE_PERIOD, MAX_ACKNOWLEDGE_PERIOD);
        _requireWithin(disputePeriod_, MIN_DISPUTE_PERIOD, MAX_DISPUTE_PERIOD);
        token = token_;
        acknowledgePeriod = acknowledgePeriod_;
        disputePeriod = disputePeriod_;
        _appoint(DEFAULT_ADMIN_ROLE, admin);
        _appoint(MINT_ROLE, mint);
        _appoint(TREASURER_ROLE, treasurer);
        _appoint(PAUSER_ROLE, pauser);
    }

    // ---------------------------------------------------------------------------------------------
    // Residents
    // ---------------------------------------------------------------------------------------------

    /// @inheritdoc ICreditVault
    function deposit(
        uint256 amount,
        uint32 mintKeyId,
        uint256 count,
        bytes32 messagesRoot
    ) external override whenNotPaused nonReentrant returns (uint256 id, bytes32 depositHash) {
        if (amount == 0 || amount > type(uint128).max) revert VaultAmountOutOfRange(amount);
        if (count == 0 || count > DepositTree.MAX_COUNT) {
            revert VaultCountOutOfRange(count, DepositTree.MAX_COUNT);
        }
        _requireMintKeyId(mintKeyId);
        id = ++depositCount;
        owed += amount;
        depositHash = _record(id, uint128(amount), mintKeyId, uint16(count), messagesRoot);

        uint256 before = token.balanceOf(address(this));
        token.safeTransferFrom(msg.sender, address(this), amount);
        uint256 received = token.balanceOf(address(this)) - before;
        if (received != amount) revert VaultTransferShort(amount, received);
    }

    /// @inheritdoc ICreditVault
    function refund(uint256 id) external override nonReentrant {
        Deposit storage entry = _depositIn(id, Status.Open);
        if (block.timestamp <= entry.acknowledgeBy) {
            revert VaultRefundTooEarly(id, entry.acknowledgeBy, block.timestamp);
        }
        _refund(id, entry);
    }

    /// @inheritdoc ICreditVault
    function dispute(
        uint256 id,
        uint256 index,
        uint32 denomination,
        Shown calldata message,
        Shown calldata signature
    ) external override nonReentrant {
        Deposit storage entry = _depositIn(id, Status.Acknowledged);
        if (block.timestamp > entry.disputableUntil) {
            revert VaultDisputeTooLate(id, entry.disputableUntil, block.timestamp);
        }
        uint256 count = entry.count;
        if (index >= count) revert VaultDisputeIndex(id, index, count);
        bytes32 leaf = DepositTree.messageLeaf(denomination, message.point);
        if (!DepositTree.isAt(entry.messagesRoot, count, index, leaf, message.path)) {
            revert VaultMessageNotInDeposit(id, index);
        }
        leaf = DepositTree.signatureLeaf(signature.point);
        if (!DepositTree.isAt(entry.signaturesRoot, count, index, leaf, signature.path)) {
            revert VaultSignatureNotPublished(id, index);
        }
        if (_isSignatureValid(entry.mintKeyId, denomination, message.point, signature.point)) {
            revert VaultSignatureValid(id, index);
        }
        emit Disputed(id, index);
        _refund(id, entry);
    }

    /// @inheritdoc ICreditVault
    function withdraw(address to) external override nonReentrant returns (uint256 amount) {
        if (to == address(0)) revert VaultZeroAddress();
        amount = dueTo[msg.sender];
        if (amount == 0) revert VaultNothingDue(msg.sender);
        dueTo[msg.sender] = 0;
        owed -= amount;
        emit Withdrawn(msg.sender, to, amount);
        token.safeTransfer(to, amount);
    }

    // ---------------------------------------------------------------------------------------------
    // The mint
    // ---------------------------------------------------------------------------------------------

    /// @inheritdoc ICreditVault
    function registerMintKeys(
        uint32 mintKeyId,
        uint32 firstPeriod,
        MintKey[] calldata keys
    ) external override onlyRole(MINT_ROLE) whenNotPaused {
        _registerMintKeys(mintKeyId, firstPeriod, keys);
    }

    /// @inheritdoc ICreditVault
    function acknowledge(
        uint256 id,
        bytes32 depositHash,
        BN254.G1Point[] calldata blindSignatures
    ) external override onlyRole(MINT_ROLE) {
        Deposit storage entry = _depositMeant(id, depositHash);
        if (block.timestamp > entry.acknowledgeBy) {
            revert VaultAcknowledgeTooLate(id, entry.acknowledgeBy, block.timestamp);
        }
        if (blindSignatures.length != entry.count) {
            revert VaultSignatureCount(id, entry.count, blindSignatures.length);
        }
        uint64 disputableUntil = uint64(block.timestamp) + disputePeriod;
        entry.status = Status.Acknowledged;
        entry.disputableUntil = disputableUntil;
        entry.signaturesRoot = DepositTree.signaturesRoot(blindSignatures);
        emit Acknowledged(id, depositHash, blindSignatures, disputableUntil);
    }

    /// @inheritdoc ICreditVault
    function decline(uint256 id, bytes32 depositHash) external override onlyRole(MINT_ROLE) {
        Deposit storage entry = _depositMeant(id, depositHash);
        emit Declined(id);
        _refund(id, entry);
    }

    // ---------------------------------------------------------------------------------------------
    // The treasurer
    // ---------------------------------------------------------------------------------------------

    /// @inheritdoc ICreditVault
    function collect(
        uint256[] calldata ids,
        address to
    ) external override onlyRole(TREASURER_ROLE) nonReentrant returns (uint256 amount) {
        if (to == address(0)) revert VaultZeroAddress();
        for (uint256 i = 0; i < ids.length; ++i) {
            uint256 id = ids[i];
            Deposit storage entry = _depositIn(id, Status.Acknowledged);
            if (block.timestamp <= entry.disputableUntil) {
                revert VaultCollectTooEarly(id, entry.disputableUntil, block.timestamp);
            }
            entry.status = Status.Collected;
            amount += entry.amount;
            emit Collected(id, to, entry.amount);
        }
        owed -= amount;
        token.safeTransfer(to, amount);
    }

    // ---------------------------------------------------------------------------------------------
    // The pause, and state
    // ---------------------------------------------------------------------------------------------

    /// @inheritdoc ICreditVault
    function pause() external override onlyRole(PAUSER_ROLE) {
        _pause();
    }

    /// @inheritdoc ICreditVault
    function unpause() external override onlyRole(PAUSER_ROLE) {
        _unpause();
    }

    /// @inheritdoc ICreditVault
    function depositHashOf(uint256 id) external view override returns (bytes32) {
        Deposit memory entry = _deposits[id];
        if (entry.status == Status.None) revert VaultDepositStatus(id, Status.Open, Status.None);
        return DepositDigest.digest(entry);
    }

    /// @inheritdoc ICreditVault
    function depositOf(uint256 id) external view override returns (Deposit memory) {
        return _deposits[id];
    }

    /// @inheritdoc ICreditVault
    function systemId() external view override returns (bytes32) {
        return settlement.systemId();
    }

    function _record(
        uint256 id,
        uint128 amount,
        uint32 mintKeyId,
        uint16 count,
        bytes32 messagesRoot
    ) private returns (bytes32 depositHash) {
        uint64 acknowledgeBy = uint64(block.timestamp) + acknowledgePeriod;
        Deposit memory entry = Deposit({
            depositor: msg.sender,
            acknowledgeBy: acknowledgeBy,
            status: Status.Open,
            count: count,
            amount: amount,
            mintKeyId: mintKeyId,
            disputableUntil: 0,
            messagesRoot: messagesRoot,
            signaturesRoot: bytes32(0)
        });
        _deposits[id] = entry;
        depositHash = DepositDigest.digest(entry);
        emit Deposited(
            id,
            msg.sender,
            messagesRoot,
            amount,
            mintKeyId,
            count,
            acknowledgeBy,
            depositHash
        );
    }

    function _depositIn(uint256 id, Status needed) private view returns (Deposit storage entry) {
        entry = _deposits[id];
        if (entry.status != needed) revert VaultDepositStatus(id, needed, entry.status);
    }

    /// @dev The open deposit of this number, which has the content that the mint decided on.
    function _depositMeant(
        uint256 id,
        bytes32 depositHash
    ) private view returns (Deposit storage entry) {
        entry = _depositIn(id, Status.Open);
        bytes32 actual = DepositDigest.digest(entry);
        if (actual != depositHash) revert VaultDepositDiffers(id, actual, depositHash);
    }

    /// @dev Records what is due and calls nobody: no token can make a refund or a dispute fail.
    function _refund(uint256 id, Deposit storage entry) private {
        (address depositor, uint256 amount) = (entry.depositor, entry.amount);
        entry.status = Status.Refunded;
        dueTo[depositor] += amount;
        emit Refunded(id, depositor, amount);
    }

    function _requireWithin(uint32 period, uint32 least, uint32 most) private pure {
        if (period < least || period > most) revert VaultPeriodOutOfRange(period, least, most);
    }

    function _appoint(bytes32 role, address holder) private {
        if (holder == address(0)) revert VaultZeroAddress();
        _grantRole(role, holder);
    }
}
