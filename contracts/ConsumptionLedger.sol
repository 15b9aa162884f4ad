// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IConsumptionLedger} from "./interfaces/IConsumptionLedger.sol";
import {IPriceFunction} from "./interfaces/IPriceFunction.sol";
import {LedgerHashes} from "./libraries/LedgerHashes.sol";
import {SchnorrSecp256k1} from "./libraries/SchnorrSecp256k1.sol";
import {SumTree} from "./libraries/SumTree.sol";
import {DemandedRows} from "./registries/DemandedRows.sol";
import {LedgerChecks} from "./registries/LedgerChecks.sol";
import {LedgerAnchors} from "./registries/LedgerAnchors.sol";

/**
 * @title  ConsumptionLedger
 * @notice Anchors a consumption ledger and judges contradictions in it: see {IConsumptionLedger}.
 */
contract ConsumptionLedger is LedgerChecks {
    using LedgerHashes for Consumption;
    using LedgerHashes for Billing;
    using LedgerHashes for Bill;

    /// @dev Categories of parcels, from a quarter of the average to four times.
    uint256 private constant CATEGORIES = 5;

    /// @notice A category is published only with the reports of at least this many homes.
    uint16 public immutable LEAST_HOMES;
    /// @notice Regional average while no page says anything, in watt-hours.
    uint64 public immutable INITIAL_AVERAGE;

    /// @inheritdoc IConsumptionLedger
    IPriceFunction public immutable override priceFunction;

    /// @notice What a deployment fixes for good. No account may be zero; they may be the same.
    struct Rules {
        address admin;
        address controlCentre;
        address provider;
        IPriceFunction priceFunction;
        uint32 firstInterval;
        uint32 showWindow;
        uint16 leastHomes;
        uint64 initialAverage;
    }

    constructor(
        Rules memory rules
    )
        EIP712("Sipster Ledger", "2")
        LedgerAnchors(rules.firstInterval)
        DemandedRows(rules.showWindow)
    {
        bool isZero =
            rules.admin == address(0) ||
                rules.controlCentre == address(0) ||
                rules.provider == address(0) ||
                address(rules.priceFunction) == address(0);
        if (isZero) revert LedgerZeroAddress();
        bool isSound =
            rules.leastHomes > 0 &&
                rules.leastHomes <= 256 &&
                rules.initialAverage > 0 &&
                rules.initialAverage % 4 == 0;
        if (!isSound) revert LedgerRulesInvalid();
        _grantRole(DEFAULT_ADMIN_ROLE, rules.admin);
        _grantRole(CONTROL_CENTRE_ROLE, rules.controlCentre);
        _grantRole(PROVIDER_ROLE, rules.provider);
        priceFunction = rules.priceFunction;
        LEAST_HOMES = rules.leastHomes;
        INITIAL_AVERAGE = rules.initialAverage;
    }

    // ---------------------------------------------------------------------------------------------
    // Challenges to the provider
    // ---------------------------------------------------------------------------------------------

    /// @inheritdoc IConsumptionLedger
    function challengePrice(Page calldata page) external override {
        _requireBilled(page);
        bool isWrong;
        try priceFunction.priceAt(page.consumption.interval, page.consumption.load) returns (
            uint64 expected
        ) {
            isWrong = expected != page.price;
        } catch (bytes memory reason) {
            // Only where the function says so: a call that runs out of gas gives no reason.
            isWrong = bytes4(reason) == IPriceFunction.PriceIntervalOutOfRange.selector;
        }
        _conclude(Contradiction.Price, page, 0, isWrong);
    }

    /// @inheritdoc IConsumptionLedger
    function challengeBill(
        Page calldata page,
        Row calldata row,
        Bill calldata bill,
        bytes calldata signature
    ) external override {
        _requireBilled(page);
        _requireSigned(page, bill.interval, bill.revision, bill.hash(), signature, page.provider);
        bool isWrong =
            bill.index >= page.consumption.rows ||
                bill.amount != uint256(page.price) * bill.wattHours;
        if (!isWrong) {
            _requireRow(page.consumption, row);
            if (row.index != bill.index) revert LedgerRowsUnfit(1);
            isWrong = row.wattHours != bill.wattHours;
        }
        _conclude(Contradiction.Bill, page, bill.index, isWrong);
    }

    /// @inheritdoc IConsumptionLedger
    function challengeBilling(
        Page calldata page,
        Billing calldata other,
        bytes calldata signature
    ) external override {
        _requireBilled(page);
        bytes32 hash = other.hash();
        _requireSigned(page, other.interval, other.revision, hash, signature, page.provider);
        bool isWrong =
            other.price != page.price ||
                other.total != page.total ||
                other.consumption != page.consumption.hash();
        _conclude(Contradiction.Billing, page, 0, isWrong);
    }

    // ---------------------------------------------------------------------------------------------
    // Challenges to the control centre: what the page says
    // ---------------------------------------------------------------------------------------------

    /// @inheritdoc IConsumptionLedger
    function challengeStatement(
        Page calldata page,
        Consumption calldata other,
        bytes calldata signature
    ) external override {
        _requirePage(page);
        bytes32 hash = other.hash();
        _requireSigned(page, other.interval, other.revision, hash, signature, page.controlCentre);
        _conclude(Contradiction.Statement, page, 0, hash != page.consumption.hash());
    }

    /// @inheritdoc IConsumptionLedger
    function challengeTotal(
        Page calldata page,
        uint256 index,
        SumTree.Node[] calldata nodes,
        Row[] calldata row
    ) external override {
        _requirePage(page);
        Consumption calldata c = page.consumption;
        (bool isWrong, bytes32 hash, uint256 load) = _descend(
            c,
            SumTreeRef(c.root, c.load, c.rows),
            index,
            nodes
        );
        if (row.length > 0) {
            bool isAtEnd = nodes.length == SumTree.depth(c.rows) && row.length == 1;
            if (!isAtEnd || LedgerHashes.leaf(c.interval, row[0]) != hash) {
                revert LedgerRowsUnfit(row.length);
            }
            isWrong = isWrong || row[0].wattHours != load;
        }
        _conclude(Contradiction.Total, page, index, isWrong);
    }

    /// @inheritdoc IConsumptionLedger
    function challengeRowCount(
        Page calldata page,
        uint256 index,
        bytes32 hash,
        uint256 load,
        bytes32[] calldata path
    ) external override {
        _requirePage(page);
        Consumption calldata c = page.consumption;
        bool isReal =
            index < c.rows && SumTree.verify(c.root, c.load, c.rows, index, hash, load, path);
        if (!isReal) revert LedgerNodeUnknown(c.interval);
        bool isWrong = hash == 0 || SumTree.passesStray(c.rows, index, path);
        _conclude(Contradiction.RowCount, page, index, isWrong);
    }

    /// @inheritdoc IConsumptionLedger
    function challengeOrder(
        Page calldata page,
        Row calldata row,
        Row calldata next
    ) external override {
        _requirePage(page);
        _requireRow(page.consumption, row);
        _requireRow(page.consumption, next);
        bool isWrong = row.index < next.index && row.pseudonym >= next.pseudonym;
        _conclude(Contradiction.Order, page, next.index, isWrong);
    }

    /// @inheritdoc IConsumptionLedger
    function challengeParcel(
        Page calldata page,
        Page calldata origin,
        Row calldata row
    ) external override {
        _requirePage(page);
        _requireOrigin(page, origin);
        _requireRow(page.consumption, row);
        uint256 size;
        bool isPublished = row.category == LedgerHashes.PRESENCE;
        if (row.category < CATEGORIES) {
            uint256 hidden = page.consumption.withheld | origin.consumption.mask;
            isPublished = (hidden >> row.category) & 1 == 0;
            // In 256 bits, so that no average overflows.
            size = (uint256(origin.consumption.average) << row.category) / 4;
        }
        bool isWrong = !isPublished || row.wattHours != size;
        _conclude(Contradiction.Parcel, page, row.index, isWrong);
    }

    /// @inheritdoc IConsumptionLedger
    function challengeTerms(Page calldata page, Page calldata source) external override {
        _requirePage(page);
        Consumption calldata c = page.consumption;
        (uint256 average, uint256 mask) = (INITIAL_AVERAGE, 0);
        if (c.source != 0) {
            bool isReplaced = _has(_requirePage(source), 2);
            (uint32 interval, uint8 revision) = _place(source);
            if (isReplaced || interval != c.source) revert LedgerPageUnknown(interval, revision);
            average = _nextAverage(source.consumption);
            mask = source.consumption.withheld;
        }
        _conclude(Contradiction.Terms, page, 0, c.average != average || c.mask != mask);
    }

    /// @inheritdoc IConsumptionLedger
    function challengeHomes(
        Page calldata page,
        uint256 index,
        SumTree.Node[] calldata nodes
    ) external override {
        _requirePage(page);
        Consumption calldata c = page.consumption;
        uint256 entries = uint256(c.homes) * ENTRIES_PER_HOME;
        SumTreeRef memory tree = SumTreeRef(c.enrolment, c.homes, entries);
        (bool isWrong, , ) = _descend(c, tree, index, nodes);
        _conclude(Contradiction.Homes, page, index, isWrong);
    }

    // ---------------------------------------------------------------------------------------------
    // Challenges to the control centre: against receipts, enrolment and signatures
    // ---------------------------------------------------------------------------------------------

    /// @inheritdoc IConsumptionLedger
    function challengeMissingRow(
        Page calldata page,
        Receipt calldata receipt,
        Row[] calldata neighbours
    ) external override {
        _requirePage(page);
        Consumption calldata c = page.consumption;
        _requireReceipt(c.interval, receipt);
        bool isAbsent = _isAbsent(c, receipt.pseudonym, neighbours);
        bool isPublished = (c.withheld >> receipt.category) & 1 == 0;
        _conclude(Contradiction.MissingRow, page, receipt.which, isAbsent && isPublished);
    }

    /// @inheritdoc IConsumptionLedger
    function challengeWithheld(
        Page calldata page,
        uint8 category,
        Receipt[] calldata receipts
    ) external override {
        _requirePage(page);
        Consumption calldata c = page.consumption;
        // The top category has two pseudonyms a home, so twice as many reports show as many homes.
        uint256 least = category + 1 == CATEGORIES ? 2 * uint256(LEAST_HOMES) : LEAST_HOMES;
        bool isWithheld = category < CATEGORIES && (c.withheld >> category) & 1 == 1;
        if (receipts.length != least) revert LedgerRowsUnfit(receipts.length);
        for (uint256 i = 0; i < least; ++i) {
            Receipt calldata receipt = receipts[i];
            _requireReceipt(c.interval, receipt);
            bool isFit =
                receipt.category == category &&
                    (i == 0 || receipts[i - 1].pseudonym < receipt.pseudonym);
            if (!isFit) revert LedgerReceiptInvalid(c.interval, i);
        }
        _conclude(Contradiction.Withheld, page, category, isWithheld);
    }

    /// @inheritdoc IConsumptionLedger
    function challengeNotEnrolled(
        Page calldata page,
        Page calldata origin,
        Row calldata row,
        Entry[] calldata entries,
        bytes calldata key,
        bytes calldata signature
    ) external override {
        _requirePage(page);
        _requireOrigin(page, origin);
        _requireEvidence(page.consumption, row, key, signature);
        Consumption calldata terms = origin.consumption;
        bool isWrong;
        if (_isRefuted(origin)) {
            // No entry leads to a home count that was proved wrong: no row stands on it.
            isWrong = true;
        } else if (entries.length == 1 && entries[0].pseudonym == row.pseudonym) {
            _requireEntry(terms, entries[0]);
            isWrong =
                entries[0].category != row.category ||
                keccak256(entries[0].key) != keccak256(key);
        } else {
            isWrong = _isStranger(terms, row.pseudonym, entries);
        }
        _conclude(Contradiction.NotEnrolled, page, row.index, isWrong);
    }

    /// @inheritdoc IConsumptionLedger
    function challengeUnsigned(
        Page calldata page,
        Row calldata row,
        bytes calldata key,
        bytes calldata signature
    ) external override {
        _requirePage(page);
        _requireEvidence(page.consumption, row, key, signature);
        bytes memory message = LedgerHashes.reportMessage(page.consumption.interval, row);
        bool isSigned = SchnorrSecp256k1.verify(key, signature, message);
        _conclude(Contradiction.Unsigned, page, row.index, !isSigned);
    }
}
