// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPriceFunction} from "./IPriceFunction.sol";

/**
 * @title  Anchors of a consumption ledger, and proofs that it contradicts itself
 * @notice Meters report consumption in parcels of public sizes under one-time pseudonyms. For each interval
 *         a control centre publishes the admitted reports (the ledger L_OCD), a service provider one price
 *         (L_DAP) and one bill row for every parcel (L_BC). The rows live off-chain; here each interval
 *         leaves one word, whatever the number of rows. Whoever finds that the published rows contradict
 *         each other, the published price function, or a receipt that a meter was given, proves it here.
 *
 * @dev After O. Oksuz, "Providing Anonymous Communication, Privacy-Preserving Data Aggregation and Dynamic
 *      Billing System in Smart Grid Using Permissioned Blockchain", IJNSA 12(2), 2020.
 *
 *      The word kept for an interval commits to everything that was signed about it, so each function that
 *      judges an interval is given the interval's {Page}, which the events hold.
 *
 *      Intervals are anchored strictly in order and never again. There is no proxy, no upgrade, no pause,
 *      and the contract holds no funds.
 */
interface IConsumptionLedger {
    // ---------------------------------------------------------------------------------------------
    // Types
    // ---------------------------------------------------------------------------------------------

    /**
     * @notice L_OCD of one interval, as the control centre signs it (EIP-712).
     * @param interval  Number of the interval: whole interval lengths since 1970-01-01T00:00Z.
     * @param rows      Number of rows.
     * @param withheld  Bit c is set when category c had rows, but too few to be published.
     * @param homes     Number of enrolled meters.
     * @param average   Regional average in watt-hours; the size of category c is average · 2^c / 4.
     * @param load      Sum of the rows in watt-hours.
     * @param root      Merkle root of the rows, chained: its last sibling is the root of the interval before.
     * @param enrolment Digest of the list of pseudonyms and keys that may report.
     */
    struct Consumption {
        uint32 interval;
        uint32 rows;
        uint8 withheld;
        uint32 homes;
        uint64 average;
        uint64 load;
        bytes32 root;
        bytes32 enrolment;
    }

    /**
     * @notice L_DAP of one interval, as the provider signs it (EIP-712).
     * @param interval    Number of the interval.
     * @param price       Millionths of the currency's minor unit per watt-hour.
     * @param consumption EIP-712 struct hash of the {Consumption} that is priced.
     */
    struct Price {
        uint32 interval;
        uint64 price;
        bytes32 consumption;
    }

    /**
     * @notice L_BC of one interval, as the provider signs it (EIP-712).
     * @param interval Number of the interval.
     * @param rows     Number of rows.
     * @param total    Sum of the rows in millionths of the minor unit.
     * @param root     Merkle root of the rows, chained: its last sibling is the root of the interval before.
     */
    struct Bills {
        uint32 interval;
        uint32 rows;
        uint128 total;
        bytes32 root;
    }

    /**
     * @notice Everything that was anchored about one interval. Before the interval is billed, `price`, `bills`
     *         and `provider` are not looked at.
     * @param controlCentre Who anchored `consumption`, and signs the receipts of the interval.
     * @param provider      Who anchored `price` and `bills`.
     */
    struct Page {
        Consumption consumption;
        address controlCentre;
        Price price;
        Bills bills;
        address provider;
    }

    /**
     * @notice A row of L_OCD.
     * @param index      Number of the row, from 0.
     * @param pseudonym  Name of the report; rows are in strictly rising order of it.
     * @param wattHours  Size of the parcel.
     * @param cumulative Sum of `wattHours` up to and with this row.
     * @param evidence   SHA-256 of the report's one-time key and signature.
     * @param proof      Siblings from the row to the root.
     */
    struct ConsumptionRow {
        uint32 index;
        bytes32 pseudonym;
        uint64 wattHours;
        uint64 cumulative;
        bytes32 evidence;
        bytes32[] proof;
    }

    /**
     * @notice A row of L_BC.
     * @param index      Number of the row, that of the row of L_OCD it is about.
     * @param pseudonym  As in that row.
     * @param wattHours  As in that row.
     * @param amount     Price × parcel in millionths of the minor unit.
     * @param cumulative Sum of `amount` up to and with this row.
     * @param proof      Siblings from the row to the root.
     */
    struct BillRow {
        uint32 index;
        bytes32 pseudonym;
        uint64 wattHours;
        uint128 amount;
        uint128 cumulative;
        bytes32[] proof;
    }

    /**
     * @notice What the control centre signed (EIP-712) when it admitted the reports of one packet.
     * @param interval   Number of the interval.
     * @param pseudonyms Names of the admitted reports.
     * @param categories Their categories, 0 to 4.
     * @param signature  65 bytes r, s, v.
     */
    struct Receipt {
        uint32 interval;
        bytes32[] pseudonyms;
        uint8[] categories;
        bytes signature;
    }

    /**
     * @notice What can be proved to contradict itself.
     * @dev Price: not the price function's value at the load. RowCount: L_BC has another number of rows than
     *      L_OCD. Parcel: a row of L_OCD of no published size, or beyond the number of rows. Order: two
     *      neighbours of L_OCD not in strictly rising order. ConsumptionTotal, BillTotal: a running total, or
     *      the stated one, that is not the sum. BillAmount: not price × parcel. BillParcel: a row of L_BC
     *      about another parcel than the row of L_OCD with its number. MissingRow, AlteredRow: not what a
     *      receipt says.
     */
    enum Contradiction {
        Price,
        RowCount,
        Parcel,
        Order,
        ConsumptionTotal,
        BillTotal,
        BillAmount,
        BillParcel,
        MissingRow,
        AlteredRow
    }

    // ---------------------------------------------------------------------------------------------
    // Errors
    // ---------------------------------------------------------------------------------------------

    /// @notice An account or the price function given to the constructor is the zero address.
    error LedgerZeroAddress();

    /// @notice The interval before is not anchored, or is before the first one.
    error LedgerOutOfOrder(uint32 interval);

    /// @notice The interval's consumption is anchored, and never changes.
    error LedgerAlreadyAnchored(uint32 interval);

    /// @notice The interval's price and bills are anchored, and never change.
    error LedgerAlreadyBilled(uint32 interval);

    /// @notice The interval cannot be billed before its consumption is anchored.
    error LedgerConsumptionMissing(uint32 interval);

    /// @notice Price and bills are of different intervals.
    error LedgerIntervalMismatch(uint32 priced, uint32 billed);

    /// @notice The price is for another consumption than the one that this control centre anchored.
    error LedgerConsumptionMismatch(uint32 interval, bytes32 consumption, address controlCentre);

    /// @notice This page is not what was anchored.
    error LedgerPageUnknown(uint32 interval);

    /// @notice The interval has no price and no bills yet.
    error LedgerNotBilled(uint32 interval);

    /// @notice The row is not in the anchored ledger of the interval.
    error LedgerRowUnknown(uint32 interval, uint32 index);

    /// @notice The rows do not show what is claimed: too many, too few, or not neighbours.
    error LedgerRowsUnfit(uint256 rows);

    /// @notice The receipt is of another interval, has no such report, or is not signed by the interval's
    ///         control centre.
    error LedgerReceiptInvalid(uint32 interval, uint256 which);

    /// @notice What was shown is consistent: nothing is proved.
    error LedgerNoContradiction(Contradiction kind);

    // ---------------------------------------------------------------------------------------------
    // Events
    // ---------------------------------------------------------------------------------------------

    /// @notice L_OCD of an interval is anchored.
    event ConsumptionAnchored(
        uint32 indexed interval,
        address indexed controlCentre,
        Consumption consumption
    );

    /// @notice L_DAP of an interval is anchored.
    event PriceAnchored(uint32 indexed interval, address indexed provider, Price price);

    /// @notice L_BC of an interval is anchored.
    event BillsAnchored(uint32 indexed interval, address indexed provider, Bills bills);

    /// @notice A contradiction was proved.
    /// @param index Number of the row that shows it; for a receipt, number of the report in it; else 0.
    event ContradictionProved(
        uint32 indexed interval,
        Contradiction indexed kind,
        uint256 index,
        address challenger
    );

    // ---------------------------------------------------------------------------------------------
    // Anchoring
    // ---------------------------------------------------------------------------------------------

    /// @notice Anchors L_OCD of the next interval. Only for CONTROL_CENTRE_ROLE.
    function anchorConsumption(Consumption calldata consumption) external;

    /**
     * @notice Anchors L_DAP and L_BC of the next interval to be billed. Only for PROVIDER_ROLE.
     * @param controlCentre Who anchored the consumption that is priced.
     */
    function anchorBilling(
        address controlCentre,
        Price calldata price,
        Bills calldata bills
    ) external;

    // ---------------------------------------------------------------------------------------------
    // Challenges: for anyone. Each reverts unless the contradiction is there.
    // ---------------------------------------------------------------------------------------------

    /// @notice The price is not the price function's value at the stated load.
    function challengePrice(Page calldata page) external;

    /// @notice L_BC has another number of rows than L_OCD.
    function challengeRowCount(Page calldata page) external;

    /// @notice A row of L_OCD has a size that is none of the published ones, or a number beyond the count.
    function challengeParcel(Page calldata page, ConsumptionRow calldata row) external;

    /// @notice Two neighbouring rows of L_OCD are not in strictly rising order of their pseudonyms.
    function challengeOrder(
        Page calldata page,
        ConsumptionRow calldata row,
        ConsumptionRow calldata next
    ) external;

    /**
     * @notice The load, or a running total of L_OCD, is not the sum.
     * @param rows Two neighbours with a wrong step; the first or the last row alone; none for an empty page.
     */
    function challengeConsumptionTotal(Page calldata page, ConsumptionRow[] calldata rows) external;

    /// @notice The same for L_BC and its stated total.
    function challengeBillTotal(Page calldata page, BillRow[] calldata rows) external;

    /// @notice A published bill row is not price × parcel.
    function challengeBillAmount(Page calldata page, BillRow calldata row) external;

    /// @notice A bill row is about another parcel than the row of L_OCD with its number.
    function challengeBillParcel(
        Page calldata page,
        BillRow calldata bill,
        ConsumptionRow calldata row
    ) external;

    /**
     * @notice A report that was receipted is not in L_OCD, though its category was published.
     * @param which      Number of the report in the receipt.
     * @param neighbours The two neighbouring rows between which it should be; the first or the last row if
     *                   it should be before or after it; none of an empty page.
     */
    function challengeMissingRow(
        Page calldata page,
        Receipt calldata receipt,
        uint256 which,
        ConsumptionRow[] calldata neighbours
    ) external;

    /// @notice A report that was receipted is in L_OCD with another size.
    function challengeAlteredRow(
        Page calldata page,
        Receipt calldata receipt,
        uint256 which,
        ConsumptionRow calldata row
    ) external;

    // ---------------------------------------------------------------------------------------------
    // Views
    // ---------------------------------------------------------------------------------------------

    /// @notice Is the row in the anchored L_OCD of the page's interval?
    function containsConsumption(
        Page calldata page,
        ConsumptionRow calldata row
    ) external view returns (bool);

    /// @notice Is the row in the anchored L_BC of the page's interval?
    function containsBill(Page calldata page, BillRow calldata row) external view returns (bool);

    /// @notice The word kept for an interval; zero if nothing is anchored, odd if it is billed.
    function commitmentOf(uint32 interval) external view returns (bytes32);

    /// @notice What was proved about an interval: bit k is set for the contradiction number k.
    function contradictionsOf(uint32 interval) external view returns (uint256);

    /// @notice Are the interval's price and bills anchored?
    function isBilled(uint32 interval) external view returns (bool);

    /// @notice The function that gives the price of an interval.
    function priceFunction() external view returns (IPriceFunction);
}
