// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IConsumptionLedger} from "../interfaces/IConsumptionLedger.sol";
import {LedgerHashes} from "../libraries/LedgerHashes.sol";
import {ReceiptKeys} from "./ReceiptKeys.sol";

/// @notice The anchored pages of a consumption ledger: one word each, and what was proved about them.
abstract contract LedgerAnchors is ReceiptKeys {
    using LedgerHashes for Consumption;
    using LedgerHashes for Billing;

    /// @notice May anchor L_DAP and the totals of L_BC.
    bytes32 public constant PROVIDER_ROLE = keccak256("PROVIDER_ROLE");

    /// @notice The first interval to be anchored. It and the next have no reports: nobody is enrolled for them.
    uint32 public immutable FIRST_INTERVAL;

    /// @dev Pages that are looked at for the last one that stands: src/ledger/page-book.ts.
    uint32 private constant SOURCE_REACH = 128;

    uint256 private constant BILLED = 1;
    uint256 private constant REPLACED = 2;
    uint256 private constant VOID = 4;
    uint256 private constant FLAGS = 7;

    // One word a page: the hash of what the control centre anchored, after billing of that and of what the provider
    // anchored. Its lowest bits are the flags above, so that an anchor reads no other word than the one before.
    /// @inheritdoc IConsumptionLedger
    mapping(uint32 interval => mapping(uint8 revision => bytes32)) public override commitmentOf;

    /// @inheritdoc IConsumptionLedger
    mapping(uint32 interval => mapping(uint8 revision => uint256 kinds))
        public
        override contradictionsOf;

    /// @param firstInterval The first interval to be anchored, above 0.
    constructor(uint32 firstInterval) {
        if (firstInterval == 0) revert LedgerRulesInvalid();
        FIRST_INTERVAL = firstInterval;
    }

    // ---------------------------------------------------------------------------------------------
    // Anchoring
    // ---------------------------------------------------------------------------------------------

    /// @inheritdoc IConsumptionLedger
    function anchorConsumption(
        Consumption calldata consumption
    ) external override onlyRole(CONTROL_CENTRE_ROLE) {
        (uint32 interval, uint8 revision) = (consumption.interval, consumption.revision);
        if (revision == 0) {
            if (_isAnchored(interval)) revert LedgerAlreadyAnchored(interval, 0);
            if (!_isNext(interval)) revert LedgerOutOfOrder(interval);
        } else {
            _replace(interval, revision);
        }
        // Of rows that are none, nobody could show that they do not sum up to it.
        if (consumption.rows == 0 && consumption.load != 0) revert LedgerTotalWrong(interval, 0);
        uint32 source = _lastStanding(interval);
        if (consumption.source != source) {
            revert LedgerSourceWrong(interval, consumption.source, source);
        }
        bytes32 statement = consumption.hash();
        commitmentOf[interval][revision] = _anchoredWord(statement, msg.sender, consumption.load);
        emit ConsumptionAnchored(interval, msg.sender, consumption);
    }

    /// @inheritdoc IConsumptionLedger
    function anchorBilling(
        address controlCentre,
        uint64 load,
        Billing calldata billing
    ) external override onlyRole(PROVIDER_ROLE) {
        (uint32 interval, uint8 revision) = (billing.interval, billing.revision);
        bytes32 word = commitmentOf[interval][revision];
        if (word == 0) revert LedgerConsumptionMissing(interval, revision);
        if (_has(word, BILLED)) revert LedgerAlreadyBilled(interval, revision);
        if (_has(word, REPLACED | VOID)) revert LedgerPageVoid(interval, revision);
        if (word != _anchoredWord(billing.consumption, controlCentre, load)) {
            revert LedgerConsumptionMismatch(interval, billing.consumption, controlCentre);
        }
        uint128 total = billing.total;
        if (total != uint256(billing.price) * load) revert LedgerTotalWrong(interval, total);
        word = _billedWord(word, billing.price, total, msg.sender);
        commitmentOf[interval][revision] = bytes32(uint256(word) | BILLED);
        emit BillingAnchored(interval, msg.sender, billing);
    }

    /// @inheritdoc IConsumptionLedger
    function abandon(Page calldata page) external override onlyRole(CONTROL_CENTRE_ROLE) {
        bytes32 word = _requirePage(page);
        (uint32 interval, uint8 revision) = _place(page);
        bool isOpen = !_has(word, BILLED | REPLACED | VOID) && !_isAnchored(interval + 1);
        if (!isOpen) revert LedgerFinal(interval, revision);
        _conclude(Contradiction.Abandoned, page, 0, true);
    }

    /// @inheritdoc IConsumptionLedger
    function isOwed(uint32 interval, uint8 revision) external view override returns (bool) {
        bytes32 word = commitmentOf[interval][revision];
        return _has(word, BILLED) && !_has(word, VOID);
    }

    // ---------------------------------------------------------------------------------------------
    // Pages
    // ---------------------------------------------------------------------------------------------

    /// @dev A page may be replaced once, while it is the last one and nobody has billed it; or before it is anchored,
    ///      when the page that its signed terms name was proved wrong meanwhile.
    function _replace(uint32 interval, uint8 revision) private {
        bytes32 word = commitmentOf[interval][0];
        bool isOpen =
            word == 0
                ? _isNext(interval)
                : !_has(word, BILLED | REPLACED) && !_isAnchored(interval + 1);
        if (revision != 1 || !isOpen) revert LedgerFinal(interval, revision);
        commitmentOf[interval][0] = bytes32(uint256(word) | REPLACED);
    }

    function _isNext(uint32 interval) private view returns (bool) {
        return
            interval == FIRST_INTERVAL || (interval > FIRST_INTERVAL && _isAnchored(interval - 1));
    }

    /// @dev The last interval before this one whose page in force is not void; 0 if there is none among the pages that
    ///      are looked at, so that no number of void pages makes an anchor too dear.
    function _lastStanding(uint32 interval) private view returns (uint32) {
        uint256 least = FIRST_INTERVAL;
        if (interval > least + SOURCE_REACH) least = interval - SOURCE_REACH;
        for (uint32 i = interval; i > least;) {
            --i;
            bytes32 word = commitmentOf[i][0];
            if (_has(word, REPLACED)) word = commitmentOf[i][1];
            if (!_has(word, VOID)) return i;
        }
        return 0;
    }

    function _isAnchored(uint32 interval) internal view override returns (bool) {
        return commitmentOf[interval][0] != 0;
    }

    /// @dev Records a contradiction and voids the page, or reverts if there is none.
    function _conclude(
        Contradiction kind,
        Page calldata page,
        uint256 index,
        bool isWrong
    ) internal {
        if (!isWrong) revert LedgerNoContradiction(kind);
        (uint32 interval, uint8 revision) = _place(page);
        contradictionsOf[interval][revision] |= 1 << uint8(kind);
        // A wrong bill to one home leaves the page, and what it makes every home owe, as it is.
        if (kind != Contradiction.Bill) {
            bytes32 word = commitmentOf[interval][revision];
            commitmentOf[interval][revision] = bytes32(uint256(word) | VOID);
        }
        emit ContradictionProved(interval, kind, revision, index, msg.sender);
    }

    function _place(Page calldata page) internal pure returns (uint32 interval, uint8 revision) {
        return (page.consumption.interval, page.consumption.revision);
    }

    function _requireBilled(Page calldata page) internal view {
        if (!_has(_requirePage(page), BILLED)) {
            (uint32 interval, uint8 revision) = _place(page);
            revert LedgerNotBilled(interval, revision);
        }
    }

    /// @dev Is it what was anchored? An interval that is not has the word zero, which is the hash of nothing known.
    function _requirePage(Page calldata page) internal view returns (bytes32 found) {
        (uint32 interval, uint8 revision) = _place(page);
        found = commitmentOf[interval][revision];
        bytes32 expected = _anchoredWord(
            page.consumption.hash(),
            page.controlCentre,
            page.consumption.load
        );
        if (_has(found, BILLED)) {
            expected = _billedWord(expected, page.price, page.total, page.provider);
        }
        if (uint256(found) & ~FLAGS != uint256(expected)) {
            revert LedgerPageUnknown(interval, revision);
        }
    }

    /// @dev Requires the page two before `page`, in the revision that is in force, which carries its terms.
    function _requireOrigin(Page calldata page, Page calldata origin) internal view {
        (uint32 interval, uint8 revision) = _place(origin);
        bool isReplaced = _has(_requirePage(origin), REPLACED);
        if (isReplaced || uint256(interval) + 2 != page.consumption.interval) {
            revert LedgerPageUnknown(interval, revision);
        }
    }

    /// @dev Was the home count in the page's terms proved wrong?
    function _isRefuted(Page calldata origin) internal view returns (bool) {
        (uint32 interval, uint8 revision) = _place(origin);
        return (contradictionsOf[interval][revision] >> uint8(Contradiction.Homes)) & 1 == 1;
    }

    function _has(bytes32 word, uint256 flags) internal pure returns (bool) {
        return uint256(word) & flags != 0;
    }

    function _anchoredWord(
        bytes32 statement,
        address controlCentre,
        uint64 load
    ) private pure returns (bytes32) {
        return _withoutFlags(keccak256(abi.encode(statement, controlCentre, load)));
    }

    function _billedWord(
        bytes32 anchored,
        uint64 price,
        uint128 total,
        address provider
    ) private pure returns (bytes32) {
        return _withoutFlags(keccak256(abi.encode(anchored, price, total, provider)));
    }

    function _withoutFlags(bytes32 word) private pure returns (bytes32) {
        return bytes32(uint256(word) & ~FLAGS);
    }
}
