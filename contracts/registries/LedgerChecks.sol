// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {LedgerHashes} from "../libraries/LedgerHashes.sol";
import {SumTree} from "../libraries/SumTree.sol";
import {DemandedRows} from "./DemandedRows.sol";

/// @notice What the challenges of a consumption ledger are judged by: positions, order, evidence, signatures.
abstract contract LedgerChecks is DemandedRows {
    /// @dev A home has one pseudonym for each lower category, two for the top one and one for its presence.
    uint256 internal constant ENTRIES_PER_HOME = 7;

    /// @dev A tree by its root, what it sums up to, and how many leaves it has.
    struct SumTreeRef {
        bytes32 root;
        uint256 total;
        uint256 leaves;
    }

    function _descend(
        Consumption calldata c,
        SumTreeRef memory tree,
        uint256 index,
        SumTree.Node[] calldata nodes
    ) internal pure returns (bool isWrong, bytes32 hash, uint256 load) {
        bool isReal;
        (isWrong, isReal, hash, load) = SumTree.descend(
            tree.root,
            tree.total,
            tree.leaves,
            index,
            nodes
        );
        if (!isReal || nodes.length == 0) revert LedgerNodeUnknown(c.interval);
    }

    /// @dev Seven parts of the average that the source set and one of its load per home; a page without rows moves
    ///      nothing. In 256 bits, rounded down to a multiple of 4: src/ledger/parcels.ts.
    function _nextAverage(Consumption calldata source) internal pure returns (uint256) {
        if (source.rows == 0 || source.homes == 0) return source.average;
        uint256 mixed = (7 * uint256(source.average) + source.load / source.homes) / 8;
        return mixed < 4 ? 4 : mixed - (mixed % 4);
    }

    function _requireSigned(
        Page calldata page,
        uint32 interval,
        uint8 revision,
        bytes32 hash,
        bytes calldata signature,
        address author
    ) internal view {
        (address signer, , ) = ECDSA.tryRecoverCalldata(_hashTypedDataV4(hash), signature);
        (uint32 pageInterval, uint8 pageRevision) = _place(page);
        bool isFit = signer == author && interval == pageInterval && revision == pageRevision;
        if (!isFit || author == address(0)) revert LedgerStatementInvalid(interval);
    }

    function _requireNeighbours(
        Consumption calldata c,
        Row calldata row,
        Row calldata next
    ) internal pure {
        _requireRow(c, row);
        _requireRow(c, next);
        if (next.index != uint256(row.index) + 1) revert LedgerRowsUnfit(2);
    }

    /**
     * @dev Do the neighbours show that the pseudonym is not in the page? In a page in order, it can only be between
     *      them. A page that is not in order is the control centre's fault, and {challengeOrder} proves it.
     */
    function _isAbsent(
        Consumption calldata c,
        bytes32 pseudonym,
        Row[] calldata neighbours
    ) internal pure returns (bool) {
        if (neighbours.length == 2) {
            _requireNeighbours(c, neighbours[0], neighbours[1]);
            return neighbours[0].pseudonym < pseudonym && pseudonym < neighbours[1].pseudonym;
        }
        if (neighbours.length == 1) {
            Row calldata row = neighbours[0];
            _requireRow(c, row);
            return _isBeyond(pseudonym, row.pseudonym, row.index, c.rows);
        }
        if (neighbours.length != 0 || c.rows != 0) revert LedgerRowsUnfit(neighbours.length);
        return true;
    }

    /// @dev The same for the enrolment that a page's terms carry.
    function _isStranger(
        Consumption calldata terms,
        bytes32 pseudonym,
        Entry[] calldata entries
    ) internal pure returns (bool) {
        for (uint256 i = 0; i < entries.length; ++i) _requireEntry(terms, entries[i]);
        uint256 count = uint256(terms.homes) * ENTRIES_PER_HOME;
        if (entries.length == 2) {
            if (entries[1].index != uint256(entries[0].index) + 1) revert LedgerRowsUnfit(2);
            return entries[0].pseudonym < pseudonym && pseudonym < entries[1].pseudonym;
        }
        if (entries.length == 1) {
            return _isBeyond(pseudonym, entries[0].pseudonym, entries[0].index, count);
        }
        if (entries.length != 0 || count != 0) revert LedgerRowsUnfit(entries.length);
        return true;
    }

    /// @dev Is it before the first of `count`, or behind the last?
    function _isBeyond(
        bytes32 pseudonym,
        bytes32 found,
        uint256 index,
        uint256 count
    ) internal pure returns (bool) {
        if (index == 0 && pseudonym < found) return true;
        return index + 1 == count && found < pseudonym;
    }

    function _requireEntry(Consumption calldata terms, Entry calldata entry) internal pure {
        uint256 count = uint256(terms.homes) * ENTRIES_PER_HOME;
        bool isKnown =
            entry.index < count &&
                entry.key.length == 33 &&
                SumTree.verify(
                    terms.enrolment,
                    terms.homes,
                    count,
                    entry.index,
                    LedgerHashes.leaf(terms.interval + 2, entry),
                    entry.category == LedgerHashes.PRESENCE ? 1 : 0,
                    entry.path
                );
        if (!isKnown) revert LedgerEntryUnknown(terms.interval + 2, entry.index);
    }
}
