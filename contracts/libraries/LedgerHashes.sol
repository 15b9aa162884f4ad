// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILedgerTypes} from "../interfaces/ILedgerTypes.sol";

/// @notice How statements (EIP-712), rows, entries and receipts of the consumption ledger are hashed.
library LedgerHashes {
    bytes32 internal constant CONSUMPTION_TYPEHASH = keccak256(
        "Consumption(uint32 interval,uint8 revision,uint8 withheld,uint32 rows,uint64 load,bytes32 root,uint32 source,uint32 homes,uint64 average,uint8 mask,bytes32 enrolment)"
    );
    bytes32 internal constant BILLING_TYPEHASH = keccak256(
        "Billing(uint32 interval,uint8 revision,uint64 price,uint128 total,bytes32 consumption)"
    );
    bytes32 internal constant BILL_TYPEHASH = keccak256(
        "Bill(uint32 interval,uint8 revision,uint32 index,uint64 wattHours,uint128 amount)"
    );
    bytes32 internal constant RECEIPT_TYPEHASH = keccak256(
        "Receipt(uint32 interval,bytes32 leaves)"
    );
    bytes32 internal constant ROW_TYPEHASH = keccak256(
        "Row(uint32 interval,bytes32 pseudonym,uint8 category,uint64 wattHours,bytes32 evidence)"
    );
    bytes32 internal constant ENTRY_TYPEHASH = keccak256(
        "Entry(uint32 interval,bytes32 pseudonym,uint8 category,bytes33 key)"
    );
    bytes32 internal constant RECEIPT_LEAF_TYPEHASH = keccak256(
        "ReceiptLeaf(bytes32 salt,bytes32 pseudonym,uint8 category)"
    );

    /// @dev A category that is the presence of a home.
    uint8 internal constant PRESENCE = 5;

    /// @notice EIP-712 struct hash.
    function hash(ILedgerTypes.Consumption calldata c) internal pure returns (bytes32) {
        return keccak256(abi.encode(CONSUMPTION_TYPEHASH, c));
    }

    /// @notice EIP-712 struct hash.
    function hash(ILedgerTypes.Billing calldata b) internal pure returns (bytes32) {
        return keccak256(abi.encode(BILLING_TYPEHASH, b));
    }

    /// @notice EIP-712 struct hash.
    function hash(ILedgerTypes.Bill calldata b) internal pure returns (bytes32) {
        return keccak256(abi.encode(BILL_TYPEHASH, b));
    }

    /// @notice EIP-712 struct hash of what a receipt's signature covers.
    function hash(ILedgerTypes.Receipt calldata r) internal pure returns (bytes32) {
        return keccak256(abi.encode(RECEIPT_TYPEHASH, r.interval, keccak256(abi.encode(r.leaves))));
    }

    /// @notice The leaf of a receipt that is shown: 97 bytes, where a tree's node has 128.
    function shownLeaf(ILedgerTypes.Receipt calldata r) internal pure returns (bytes32) {
        return keccak256(abi.encodePacked(RECEIPT_LEAF_TYPEHASH, r.salt, r.pseudonym, r.category));
    }

    /// @notice Leaf of a row of L_OCD: its fields packed in 109 bytes, where a node has 128.
    function leaf(uint32 interval, ILedgerTypes.Row calldata row) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encodePacked(
                    ROW_TYPEHASH,
                    interval,
                    row.pseudonym,
                    row.category,
                    row.wattHours,
                    row.evidence
                )
            );
    }

    /// @notice Leaf of an entry of the enrolment: its fields packed in 102 bytes. Presence has the load 1.
    function leaf(
        uint32 interval,
        ILedgerTypes.Entry calldata entry
    ) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encodePacked(
                    ENTRY_TYPEHASH,
                    interval,
                    entry.pseudonym,
                    entry.category,
                    entry.key
                )
            );
    }

    /// @notice What a meter's signature of a row covers: src/ledger/report.ts.
    function reportMessage(
        uint32 interval,
        ILedgerTypes.Row calldata row
    ) internal view returns (bytes memory) {
        bytes32 ledger = keccak256(abi.encode(block.chainid, address(this)));
        return
            abi.encodePacked(
                "sipster/ledger/report@1",
                ledger,
                interval,
                row.pseudonym,
                row.wattHours
            );
    }
}
