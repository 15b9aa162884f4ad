// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SumTree} from "../libraries/SumTree.sol";
import {ILedgerTypes} from "./ILedgerTypes.sol";
import {IPriceFunction} from "./IPriceFunction.sol";

/**
 * @title  Anchors of a consumption ledger, and proofs that it contradicts itself
 * @notice Meters report consumption in parcels of public sizes under one-time pseudonyms. For each interval a
 *         control centre publishes the admitted reports (the ledger L_OCD) and a service provider one price
 *         (L_DAP); a row of L_BC is price × parcel. The rows live off-chain; here each interval leaves one word.
 *         Anyone who finds that what was published contradicts itself, the published functions, the enrolment
 *         or a receipt that a meter was given proves it here. A page that was proved wrong is void: nobody owes its
 *         rows, and later intervals go on.
 *
 * @dev After O. Oksuz, "Providing Anonymous Communication, Privacy-Preserving Data Aggregation and Dynamic
 *      Billing System in Smart Grid Using Permissioned Blockchain", IJNSA 12(2), 2020.
 *
 *      The word kept for a page commits to everything that was signed about it, so each function that judges a page
 *      is given its {Page}, which the events hold. A page is final when it is billed or another follows it. There is
 *      no proxy, no upgrade, no pause, and the contract holds no funds.
 */
interface IConsumptionLedger is ILedgerTypes {
    // ---------------------------------------------------------------------------------------------
    // Anchoring
    // ---------------------------------------------------------------------------------------------

    /**
     * @notice Anchors L_OCD of the next interval, or replaces the last page. Only for CONTROL_CENTRE_ROLE.
     * @dev    A page is replaced once, as revision 1, while no other follows it and it is not billed. What it
     *         replaces stays challengeable. The next page may be anchored as revision 1 at once: the page that the
     *         terms of revision 0 were computed from may be proved wrong after it was signed, and nobody signs a
     *         revision twice.
     */
    function anchorConsumption(Consumption calldata consumption) external;

    /**
     * @notice Anchors L_DAP of a page and the total of L_BC. Only for PROVIDER_ROLE.
     * @param controlCentre Who anchored the consumption that is priced.
     * @param load          Its load.
     */
    function anchorBilling(address controlCentre, uint64 load, Billing calldata billing) external;

    /// @notice Gives up the last page, unless it is billed. Only for CONTROL_CENTRE_ROLE.
    function abandon(Page calldata page) external;

    /**
     * @notice Registers a key that signs receipts of intervals `first` to `last`. Only for CONTROL_CENTRE_ROLE.
     */
    function registerReceiptKey(address key, uint32 first, uint32 last) external;

    /**
     * @notice Ends a receipt key before interval `from`. Only for CONTROL_CENTRE_ROLE.
     * @dev    Forwards only: meters report in an interval once the page two before it is anchored, so no receipt of
     *         `from` can exist while that page does not.
     */
    function revokeReceiptKey(address key, uint32 from) external;

    // ---------------------------------------------------------------------------------------------
    // Rows asked for on-chain
    // ---------------------------------------------------------------------------------------------

    /// @notice Asks for a row of a page: its publisher shows it before the window ends.
    function demandRow(Page calldata page, uint32 index) external;

    /**
     * @notice Shows a row that was asked for, with the key and the signature that it commits to: without them nobody
     *         could prove that a row is invented.
     * @param key       The row's one-time key.
     * @param signature The meter's signature of the report.
     */
    function showRow(
        Page calldata page,
        Row calldata row,
        bytes calldata key,
        bytes calldata signature
    ) external;

    /// @notice Voids a page of which a row was asked for and not shown in the window.
    function voidUnshown(Page calldata page, uint32 index) external;

    // ---------------------------------------------------------------------------------------------
    // Challenges: for anyone. Each reverts unless the contradiction is there.
    // ---------------------------------------------------------------------------------------------

    /// @notice The price is not the price function's value at the load, or the function has none.
    function challengePrice(Page calldata page) external;

    /**
     * @notice The provider signed a bill that is not price × parcel, or for a row that does not exist.
     * @param row       Row `bill.index` of L_OCD; not looked at if the row does not exist.
     * @param signature The provider's, 65 bytes.
     */
    function challengeBill(
        Page calldata page,
        Row calldata row,
        Bill calldata bill,
        bytes calldata signature
    ) external;

    /**
     * @notice A load in the page's tree, the stated total first of all, is not the sum of what is beneath it.
     * @param index Leaf towards which the nodes lead.
     * @param nodes From the root down, at least one.
     * @param row   Empty; or the row at the end of the nodes, whose size is not the load stated for it.
     */
    function challengeTotal(
        Page calldata page,
        uint256 index,
        SumTree.Node[] calldata nodes,
        Row[] calldata row
    ) external;

    /// @notice A position within the count is empty, or its path passes rows beyond the count.
    /// @param hash Of the leaf at the position.
    /// @param path From the position to the root.
    function challengeRowCount(
        Page calldata page,
        uint256 index,
        bytes32 hash,
        uint256 load,
        bytes32[] calldata path
    ) external;

    /// @notice Two rows, not always neighbours, are not in strictly rising order of their pseudonyms.
    function challengeOrder(Page calldata page, Row calldata row, Row calldata next) external;

    /**
     * @notice A row has a size that is none of the published ones, or is of a withheld or masked category.
     * @param origin The page two before, which carries the terms of this one.
     */
    function challengeParcel(Page calldata page, Page calldata origin, Row calldata row) external;

    /**
     * @notice A report that was receipted is not in L_OCD, though its category was published.
     * @param neighbours The two neighbouring rows between which it should be; the first or the last row if it should
     *                   be before or after it; none of an empty page.
     */
    function challengeMissingRow(
        Page calldata page,
        Receipt calldata receipt,
        Row[] calldata neighbours
    ) external;

    /**
     * @notice A row's pseudonym is not enrolled, or not with this category and key; or the home count of the
     *         enrolment was proved wrong by {challengeHomes}, and then any row of the page is without an entry.
     * @param origin  The page two before, which carries the enrolment.
     * @param entries The entry of the pseudonym; or the one or two between which it should be; none of nobody's.
     * @param key     The row's one-time key.
     * @param signature The row's signature: both together are its evidence.
     */
    function challengeNotEnrolled(
        Page calldata page,
        Page calldata origin,
        Row calldata row,
        Entry[] calldata entries,
        bytes calldata key,
        bytes calldata signature
    ) external;

    /// @notice A row is not signed with the key that it shows.
    function challengeUnsigned(
        Page calldata page,
        Row calldata row,
        bytes calldata key,
        bytes calldata signature
    ) external;

    /// @notice A withheld category had reports of at least the least number of homes.
    /// @param receipts For that many reports, in strictly rising order of pseudonyms.
    function challengeWithheld(
        Page calldata page,
        uint8 category,
        Receipt[] calldata receipts
    ) external;

    /// @notice Average or mask in a page's terms are not what the rule makes of their source.
    /// @param source The page they name; not looked at if they name none.
    function challengeTerms(Page calldata page, Page calldata source) external;

    /// @notice The home count in a page's terms is not that of the enrolment.
    function challengeHomes(
        Page calldata page,
        uint256 index,
        SumTree.Node[] calldata nodes
    ) external;

    /// @notice The control centre has signed another statement about this page.
    function challengeStatement(
        Page calldata page,
        Consumption calldata other,
        bytes calldata signature
    ) external;

    /// @notice The provider has signed another price or total for this page.
    function challengeBilling(
        Page calldata page,
        Billing calldata other,
        bytes calldata signature
    ) external;

    // ---------------------------------------------------------------------------------------------
    // Views
    // ---------------------------------------------------------------------------------------------

    /// @notice Is the row in the anchored page at its position?
    function contains(Page calldata page, Row calldata row) external view returns (bool);

    /// @notice The word kept for a page, zero if there is none. Bit 0: billed; bit 1: replaced; bit 2: void.
    function commitmentOf(uint32 interval, uint8 revision) external view returns (bytes32);

    /// @notice What was proved about a page: bit k is set for the contradiction number k.
    function contradictionsOf(uint32 interval, uint8 revision) external view returns (uint256);

    /// @notice The intervals that a receipt key signs for; both zero if it is not registered.
    function receiptKeys(address key) external view returns (uint32 first, uint32 last);

    /// @notice When a row that was asked for must be shown; 1 once it was; 0 if nobody asked.
    function deadlineOf(
        uint32 interval,
        uint8 revision,
        uint32 index
    ) external view returns (uint256);

    /// @notice Whether the rows of this page are owed: the page is billed, and not void.
    function isOwed(uint32 interval, uint8 revision) external view returns (bool);

    /// @notice The function that gives the price of an interval.
    function priceFunction() external view returns (IPriceFunction);
}
