// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @notice What a consumption ledger speaks of: pages, rows, receipts, and what can be wrong with them.
interface ILedgerTypes {
    // ---------------------------------------------------------------------------------------------
    // What is anchored
    // ---------------------------------------------------------------------------------------------

    /**
     * @notice L_OCD of one interval, as the control centre signs it (EIP-712), with the terms of interval + 2.
     * @param interval  Number of the interval: whole interval lengths since 1970-01-01T00:00Z.
     * @param revision  0, or 1 for the page that corrects the first.
     * @param withheld  Bit c is set when category c had reports, but too few to be published.
     * @param rows      Number of rows.
     * @param load      Sum of the rows in watt-hours.
     * @param root      Root of the rows' sum tree: see SumTree.sol. Rows are in strictly rising order of pseudonyms.
     * @param source    The final page that the terms are computed from; 0 if there is none yet.
     * @param homes     Terms: number of enrolled meters.
     * @param average   Terms: regional average in watt-hours; the size of category c is average · 2^c / 4.
     * @param mask      Terms: bit c is set when no report may be of category c.
     * @param enrolment Terms: root of the sum tree of {Entry}s, seven for each home; its total is `homes`.
     */
    struct Consumption {
        uint32 interval;
        uint8 revision;
        uint8 withheld;
        uint32 rows;
        uint64 load;
        bytes32 root;
        uint32 source;
        uint32 homes;
        uint64 average;
        uint8 mask;
        bytes32 enrolment;
    }

    /**
     * @notice L_DAP of one interval and the total of L_BC, as the provider signs them (EIP-712).
     * @param interval    Number of the interval.
     * @param revision    Of the page that is priced.
     * @param price       Millionths of the currency's minor unit per watt-hour.
     * @param total       Price × load, in the same millionths.
     * @param consumption EIP-712 struct hash of the {Consumption} that is priced.
     */
    struct Billing {
        uint32 interval;
        uint8 revision;
        uint64 price;
        uint128 total;
        bytes32 consumption;
    }

    /**
     * @notice Everything that was anchored about one page. Before it is billed, `price`, `total` and `provider` are
     *         not looked at.
     * @param controlCentre Who anchored `consumption`.
     * @param provider      Who anchored `price` and `total`.
     */
    struct Page {
        Consumption consumption;
        address controlCentre;
        uint64 price;
        uint128 total;
        address provider;
    }

    /**
     * @notice A row of L_OCD.
     * @param index     Its position, from 0.
     * @param pseudonym Name of the report.
     * @param category  0 to 4 for a parcel, 5 for the presence of a home.
     * @param wattHours Size of the parcel; 0 for presence.
     * @param evidence  SHA-256 of the report's one-time key and signature.
     * @param path      Siblings from the row to the root, two words each.
     */
    struct Row {
        uint32 index;
        bytes32 pseudonym;
        uint8 category;
        uint64 wattHours;
        bytes32 evidence;
        bytes32[] path;
    }

    /**
     * @notice A pseudonym that may be used once in an interval.
     * @param index     Its position in the order of pseudonyms, from 0.
     * @param pseudonym Name of the report.
     * @param category  The one category it may be used for; 5 is presence, which counts the home.
     * @param key       The one-time public key, 33 bytes.
     * @param path      Siblings from the entry to the root, two words each.
     */
    struct Entry {
        uint32 index;
        bytes32 pseudonym;
        uint8 category;
        bytes key;
        bytes32[] path;
    }

    /**
     * @notice One of the eight leaves of what the control centre signed (EIP-712) when it admitted a packet. The
     *         other leaves say nothing: they are salted.
     * @param interval  Number of the interval.
     * @param leaves    All eight.
     * @param which     The one that is shown.
     * @param salt      Of that leaf.
     * @param pseudonym Name of the admitted report.
     * @param category  Its category.
     * @param signature 65 bytes r, s, v, under a receipt key that is registered for the interval.
     */
    struct Receipt {
        uint32 interval;
        bytes32[8] leaves;
        uint8 which;
        bytes32 salt;
        bytes32 pseudonym;
        uint8 category;
        bytes signature;
    }

    /**
     * @notice A row of L_BC, as the provider signs it (EIP-712) for the home it is about.
     * @param index     Of the row of L_OCD.
     * @param wattHours Size of the parcel.
     * @param amount    Price × parcel in millionths of the minor unit.
     */
    struct Bill {
        uint32 interval;
        uint8 revision;
        uint32 index;
        uint64 wattHours;
        uint128 amount;
    }

    /**
     * @notice What can be proved.
     * @dev Price: not the price function's value at the load, or a price where it has none. Bill: a signed bill that
     *      is not price × parcel. Total: a load that is not the sum. RowCount: an empty row within the count, or
     *      something beyond it. Order: rows not in strictly rising order. Parcel: a row of no published size.
     *      MissingRow: a receipt's row is absent. NotEnrolled: a row that the enrolment does not allow. Unsigned: a
     *      row that its key has not signed. Withheld: receipts for enough reports of a category that was withheld.
     *      Terms: average or mask are not what the rule makes of the source. Homes: a home count that is not the
     *      enrolment's. Statement, Billing: two signed statements about one page. Unshown: a row that was asked for
     *      and not shown. Abandoned: given up by the control centre itself.
     */
    enum Contradiction {
        Price,
        Bill,
        Total,
        RowCount,
        Order,
        Parcel,
        MissingRow,
        NotEnrolled,
        Unsigned,
        Withheld,
        Terms,
        Homes,
        Statement,
        Billing,
        Unshown,
        Abandoned
    }

    // ---------------------------------------------------------------------------------------------
    // Errors
    // ---------------------------------------------------------------------------------------------

    /// @notice An account or the price function given to the constructor is the zero address.
    error LedgerZeroAddress();

    /// @notice The least number of homes, the first average, the first interval or the window cannot be.
    error LedgerRulesInvalid();

    /// @notice The interval before is not anchored, or is before the first one.
    error LedgerOutOfOrder(uint32 interval);

    /// @notice The page is anchored, and can only be replaced by revision 1.
    error LedgerAlreadyAnchored(uint32 interval, uint8 revision);

    /// @notice A page can be replaced once, while it is the last one and not billed, or before it is anchored.
    error LedgerFinal(uint32 interval, uint8 revision);

    /// @notice The terms must be computed from the last of 128 pages that is not void; from none if all are.
    error LedgerSourceWrong(uint32 interval, uint32 source, uint32 expected);

    /// @notice The page is billed already.
    error LedgerAlreadyBilled(uint32 interval, uint8 revision);

    /// @notice The page was replaced or is void: nobody owes its rows.
    error LedgerPageVoid(uint32 interval, uint8 revision);

    /// @notice The page cannot be billed before it is anchored.
    error LedgerConsumptionMissing(uint32 interval, uint8 revision);

    /// @notice The bills are for another load or consumption than the one that this control centre anchored.
    error LedgerConsumptionMismatch(uint32 interval, bytes32 consumption, address controlCentre);

    /// @notice The total is not price × load, or a page without rows states a load.
    error LedgerTotalWrong(uint32 interval, uint128 total);

    /// @notice This page is not what was anchored.
    error LedgerPageUnknown(uint32 interval, uint8 revision);

    /// @notice The page has no price yet.
    error LedgerNotBilled(uint32 interval, uint8 revision);

    /// @notice The row is not in the anchored page at this position.
    error LedgerRowUnknown(uint32 interval, uint32 index);

    /// @notice The entry is not in the enrolment at this position.
    error LedgerEntryUnknown(uint32 interval, uint32 index);

    /// @notice The nodes do not hash to the root.
    error LedgerNodeUnknown(uint32 interval);

    /// @notice What is shown does not fit together: too many, too few, or not neighbours.
    error LedgerRowsUnfit(uint256 rows);

    /// @notice The receipt is of another interval, has no such leaf of a report, or is not signed by a key registered for it.
    error LedgerReceiptInvalid(uint32 interval, uint256 which);

    /// @notice The statement is of another page, or not signed by who anchored the page.
    error LedgerStatementInvalid(uint32 interval);

    /// @notice The receipt key is known already, or its intervals do not begin before they end.
    error LedgerReceiptKeyInvalid(address key);

    /// @notice A key can be revoked only from an interval whose terms are not published yet.
    error LedgerRevocationLate(address key, uint32 from);

    /// @notice The row cannot be asked for: beyond the count, asked for already, or of a page too old.
    error LedgerDemandInvalid(uint32 interval, uint32 index);

    /// @notice The row was not asked for, was shown, or its window is still open.
    error LedgerDemandOpen(uint32 interval, uint32 index, uint256 deadline);

    /// @notice A key or a challenge that the precompile cannot take: one in 2^127.
    error LedgerSignatureUndecided();

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

    /// @notice L_DAP of an interval, and the total of L_BC, are anchored.
    event BillingAnchored(uint32 indexed interval, address indexed provider, Billing billing);

    /// @notice A contradiction was proved.
    /// @param index Position of the row that shows it; for a receipt, of its leaf; else 0.
    event ContradictionProved(
        uint32 indexed interval,
        Contradiction indexed kind,
        uint8 revision,
        uint256 index,
        address challenger
    );

    /// @notice A receipt key is registered, or its last interval is brought forward.
    event ReceiptKeySet(address indexed key, uint32 first, uint32 last);

    /// @notice A row was asked for, and is to be shown before the deadline.
    event RowDemanded(
        uint32 indexed interval,
        uint8 revision,
        uint32 index,
        uint256 deadline,
        address by
    );

    /// @notice A row that was asked for was shown; the transaction holds it.
    event RowShown(uint32 indexed interval, uint8 revision, uint32 index);
}
