// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BN254} from "../libraries/BN254.sol";

/**
 * @title  Keys of the utility, by period
 * @notice The utility has one key for each key epoch. Epochs are numbered from 1 and begin with a period; the key
 *         of a period is that of the last epoch that begins not later, for everybody. A key never changes, and
 *         a key that leaks is worth nothing for the periods of the next epoch.
 */
interface IKeyRegistry {
    /**
     * @notice The utility's public key of one key epoch. It never changes once registered.
     * @param a1          A1 = a·P1.
     * @param a2          A2 = a·P2.
     * @param firstPeriod First period under this key: 0 for epoch 1, otherwise a month YYYYMM.
     * @param endPeriod   First period of the next epoch; 4294967296 while there is none.
     */
    struct EpochKey {
        BN254.G1Point a1;
        BN254.G2Point a2;
        uint32 firstPeriod;
        uint64 endPeriod;
    }

    /**
     * @notice A key of the utility was registered for the periods from `firstPeriod` on.
     * @param r  First half of the notice signer's signature of the EIP-712 message
     *           `KeyNotice(uint32 keyEpoch,uint32 firstPeriod,bytes32 keyHash)`.
     * @param vs Second half with the recovery bit on top (EIP-2098). Meters take the notice from anyone.
     */
    event KeyRegistered(
        uint32 indexed keyEpoch,
        uint32 indexed firstPeriod,
        BN254.G1Point a1,
        BN254.G2Point a2,
        bytes32 r,
        bytes32 vs
    );

    /// @notice No key was ever registered for this epoch.
    error SettlementKeyEpochUnknown(uint32 keyEpoch);
    /// @notice The period is not under this epoch's key: the epoch's periods are firstPeriod ≤ period < endPeriod.
    error SettlementKeyEpochNotOfPeriod(
        uint32 keyEpoch,
        uint32 period,
        uint32 firstPeriod,
        uint64 endPeriod
    );
    /// @notice A1 is not a point of G1 that can be a key.
    error SettlementKeyA1Invalid(BN254.Defect defect, BN254.G1Point a1);
    /// @notice A2 is not a point of the order-ℓ subgroup of G2 that can be a key.
    error SettlementKeyA2Invalid(BN254.Defect defect, BN254.G2Point a2);
    /// @notice e(A1, P2) ≠ e(P1, A2): the two halves belong to different secrets.
    error SettlementKeyInconsistent(BN254.G1Point a1, BN254.G2Point a2);
    /// @notice The key is that of epoch `keyEpoch` already. A key serves one epoch.
    error SettlementKeyInUse(bytes32 keyHash, uint32 keyEpoch);
    /// @notice The first of a row begins at period 0; a later one at a month from `earliest` on.
    error SettlementFirstPeriodInvalid(uint32 firstPeriod, uint32 earliest);
    /// @notice The notice is signed by `signer`, over these very values, and not by the notice signer.
    error SettlementKeyNoticeInvalid(address signer, address noticeSigner);
    /// @notice A lead is at most 12 months.
    error SettlementLeadTooLong(uint32 lead);

    /**
     * @notice Registers the next key of the utility, for good, for the periods from `firstPeriod` on.
     * @dev    Caller: KEY_REGISTRAR_ROLE, not while paused. Checks that A1 is on the curve and not the
     *         identity, that A2 is on the twist, in the subgroup of order ℓ and not the identity,
     *         e(A1, P2) = e(P1, A2), that no epoch has this key, that the epoch begins at period 0 if it is the
     *         first and otherwise after the epoch before it and at least {lead} months after the month of the
     *         block, and the notice signer's signature. Emits {KeyRegistered}.
     *         Reverts with {SettlementKeyA1Invalid}, {SettlementKeyA2Invalid}, {SettlementKeyInconsistent},
     *         {SettlementKeyInUse}, {SettlementFirstPeriodInvalid}, {SettlementKeyNoticeInvalid}, the errors of a
     *         signature or {BN254.BN254GasTooLow}.
     * @param notice The notice signer's signature of `KeyNotice(keyEpoch, firstPeriod, keyHash)` with the number
     *               this epoch gets and keyHash = keccak256(abi.encode(a1, a2)): 64 bytes (EIP-2098) or 65.
     * @return keyEpoch Its number: 1 for the first, then one more each time.
     */
    function registerKey(
        BN254.G1Point calldata a1,
        BN254.G2Point calldata a2,
        uint32 firstPeriod,
        bytes calldata notice
    ) external returns (uint32 keyEpoch);

    /// @notice Number of registered keys; they are the key epochs 1 to this number.
    function keyEpochs() external view returns (uint32);

    /// @notice The key of an epoch. Reverts with {SettlementKeyEpochUnknown}.
    function epochKey(uint32 keyEpoch) external view returns (EpochKey memory);

    /// @notice The key epoch of a period; 0 while no key is registered.
    function epochOf(uint32 period) external view returns (uint32 keyEpoch);

    /// @notice Contract whose code is the key of an epoch; it has no code for an epoch without a key.
    function epochKeyAddress(uint32 keyEpoch) external view returns (address);

    /// @notice Whether keccak256(abi.encode(A1, A2)) is that of a key of the utility, so that others can refuse to
    ///         use the same key for another purpose.
    function isKey(bytes32 keyHash) external view returns (bool);

    /// @notice EIP-712 digest that the notice signer signs for a key.
    function keyNoticeDigest(
        uint32 keyEpoch,
        uint32 firstPeriod,
        bytes32 keyHash
    ) external view returns (bytes32);

    /// @notice Whose notices of key epochs count. It never changes.
    function noticeSigner() external view returns (address);

    /// @notice Months from the month of the block to the earliest first period of a new key or of new terms, at most
    ///         12. 0 marks a development deployment, in which no period is compared with the time of a block.
    function lead() external view returns (uint32);
}
