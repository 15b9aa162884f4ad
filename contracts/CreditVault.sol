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

    /// @inheritdoc ICreditVault
    IERC20 public immutable override token;
    /// @inheritdoc ICreditVault
    bytes32 public immutable override systemId;
    /// @inheritdoc ICreditVault
    uint32 public immutable override acknowledgePeriod;
    /// @inheritdoc ICreditVault
    uint32 public immutable override disputePeriod;

    /// @inheritdoc ICreditVault
    uint256 public override depositCount;
    /// @inheritdoc ICreditVault
    uint256 public override owed;

    mapping(uint256 id => Deposit) private _deposits;

    /**
     * @notice Deploys with one holder for each role. They may be the same, and none may be zero.
     * @param settlement         Settlement whose systemId the digests are bound to.
     * @param token_             Token of the deposits.
     * @param admin              Grants and revokes roles, and nothing else.
     * @param mint               Registers mint keys, acknowledges and declines.
     * @param treasurer          Collects.
     * @param pauser             Pauses and resumes deposits.
     * @param acknowledgePeriod_ Seconds the mint has to acknowledge a deposit.
     * @param disputePeriod_     Seconds everyone has to dispute the signatures.
     */
    constructor(
        IBillSettlement settlement,
        IERC20 token_,
        address admin,
        address mint,
        address treasurer,
        address pauser,
        uint32 acknowledgePeriod_,
        uint32 disputePeriod_
    ) {
        if (address(token_) == address(0)) revert VaultZeroAddress();
        systemId = settlement.systemId();
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
        bytes32 messagesDigest
    ) external override whenNotPaused nonReentrant returns (uint256 id) {
        if (amount == 0) revert VaultAmountZero();
        uint64 deadline = uint64(block.timestamp) + acknowledgePeriod;
        id = ++depositCount;
        owed += amount;
        _deposits[id] = Deposit(
            msg.sender,
            deadline,
            Status.Open,
            amount,
            messagesDigest,
            bytes32(0)
        );
        emit Deposited(id, msg.sender, messagesDigest, amount, deadline);

        uint256 before = token.balanceOf(address(this));
        token.safeTransferFrom(msg.sender, address(this), amount);
        uint256 received = token.balanceOf(address(this)) - before;
        if (received != amount) revert VaultTransferShort(amount, received);
    }

    /// @inheritdoc ICreditVault
    function refund(uint256 id) external override nonReentrant {
        Deposit storage entry = _depositIn(id, Status.Open);
        if (block.timestamp <= entry.deadline) {
            revert VaultRefundTooEarly(id, entry.deadline, block.timestamp);
        }
        _refund(id, entry);
    }

    /// @inheritdoc ICreditVault
    function dispute(
        uint256 id,
        uint32 mintKeyId,
        BlindedMessage[] calldata messages,
        BN254.G1Point[] calldata blindSignatures,
        uint256 index
    ) external override nonReentrant {
        Deposit storage entry = _depositIn(id, Status.Acknowledged);
        if (block.timestamp > entry.deadline) {
            revert VaultDisputeTooLate(id, entry.deadline, block.timestamp);
        }
        bytes32 digest = DepositDigest.ofMessages(systemId, mintKeyId, messages);
        if (digest != entry.messagesDigest) {
            revert VaultMessagesDiffer(id, entry.messagesDigest, digest);
        }
        bytes32 hash = DepositDigest.ofSignatures(blindSignatures);
        if (hash != entry.signaturesHash) {
            revert VaultSignaturesDiffer(id, entry.signaturesHash, hash);
        }
        if (index >= messages.length && index >= blindSignatures.length) {
            revert VaultDisputeIndex(id, index);
        }
        if (index < messages.length && index < blindSignatures.length) {
            if (_isSignatureValid(mintKeyId, messages[index], blindSignatures[index])) {
                revert VaultSignatureValid(id, index);
            }
        }
        emit Disputed(id, index);
        _refund(id, entry);
    }

    // ---------------------------------------------------------------------------------------------
    // The mint
    // ---------------------------------------------------------------------------------------------

    /// @inheritdoc ICreditVault
    function registerMintKey(
        uint32 mintKeyId,
        uint32 denomination,
        BN254.G1Point calldata b1,
        BN254.G2Point calldata b2
    ) external override onlyRole(MINT_ROLE) whenNotPaused {
        _registerMintKey(mintKeyId, denomination, b1, b2);
    }

    /// @inheritdoc ICreditVault
    function acknowledge(
        uint256 id,
        BN254.G1Point[] calldata blindSignatures
    ) external override onlyRole(MINT_ROLE) {
        Deposit storage entry = _depositIn(id, Status.Open);
        if (block.timestamp > entry.deadline) {
            revert VaultAcknowledgeTooLate(id, entry.deadline, block.timestamp);
        }
        if (blindSignatures.length == 0) revert VaultNoSignatures(id);
        uint64 disputableUntil = uint64(block.timestamp) + disputePeriod;
        entry.status = Status.Acknowledged;
        entry.deadline = disputableUntil;
        entry.signaturesHash = DepositDigest.ofSignatures(blindSignatures);
        emit Acknowledged(id, blindSignatures, disputableUntil);
    }

    /// @inheritdoc ICreditVault
    function decline(uint256 id) external override onlyRole(MINT_ROLE) {
        Deposit storage entry = _depositIn(id, Status.Open);
        // The deadline of a block long past: refundable at once, and never acknowledged.
        entry.deadline = 0;
        emit Declined(id);
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
            if (block.timestamp <= entry.deadline) {
                revert VaultCollectTooEarly(id, entry.deadline, block.timestamp);
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
    function depositDigest(
        uint32 mintKeyId,
        BlindedMessage[] calldata messages
    ) external view override returns (bytes32) {
        return DepositDigest.ofMessages(systemId, mintKeyId, messages);
    }

    /// @inheritdoc ICreditVault
    function depositOf(uint256 id) external view override returns (Deposit memory) {
        return _deposits[id];
    }

    function _depositIn(uint256 id, Status needed) private view returns (Deposit storage entry) {
        entry = _deposits[id];
        if (entry.status != needed) revert VaultDepositStatus(id, needed, entry.status);
    }

    function _refund(uint256 id, Deposit storage entry) private {
        (address depositor, uint256 amount) = (entry.depositor, entry.amount);
        entry.status = Status.Refunded;
        owed -= amount;
        emit Refunded(id, depositor, amount);
        token.safeTransfer(depositor, amount);
    }

    function _appoint(bytes32 role, address holder) private {
        if (holder == address(0)) revert VaultZeroAddress();
        _grantRole(role, holder);
    }
}
