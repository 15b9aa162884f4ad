// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IConsumptionLedger} from "../interfaces/IConsumptionLedger.sol";

/// @notice How statements (EIP-712) and rows of the consumption ledger are hashed.
library LedgerHashes {
    bytes32 internal constant CONSUMPTION_TYPEHASH = keccak256(
        "Consumption(uint32 interval,uint32 rows,uint8 withheld,uint32 homes,uint64 average,uint64 load,bytes32 root,bytes32 enrolment)"
    );
    bytes32 internal constant PRICE_TYPEHASH = keccak256(
        "Price(uint32 interval,uint64 price,bytes32 consumption)"
    );
    bytes32 internal constant BILLS_TYPEHASH = keccak256(
        "Bills(uint32 interval,uint32 rows,uint128 total,bytes32 root)"
    );
    bytes32 internal constant RECEIPT_TYPEHASH = keccak256(
        "Receipt(uint32 interval,bytes32[] pseudonyms,uint8[] categories)"
    );
    bytes32 internal constant CONSUMPTION_ROW_TYPEHASH = keccak256(
        "ConsumptionRow(uint32 interval,uint32 index,bytes32 pseudonym,uint64 wattHours,uint64 cumulative,bytes32 evidence)"
    );
    bytes32 internal constant BILL_ROW_TYPEHASH = keccak256(
        "BillRow(uint32 interval,uint32 index,bytes32 pseudonym,uint64 wattHours,uint128 amount,uint128 cumulative)"
    );

    /// @notice EIP-712 struct hash.
    function hash(IConsumptionLedger.Consumption calldata c) internal pure returns (bytes32) {
        return keccak256(abi.encode(CONSUMPTION_TYPEHASH, c));
    }

    /// @notice EIP-712 struct hash.
    function hash(IConsumptionLedger.Price calldata p) internal pure returns (bytes32) {
        return keccak256(abi.encode(PRICE_TYPEHASH, p));
    }

    /// @notice EIP-712 struct hash.
    function hash(IConsumptionLedger.Bills calldata b) internal pure returns (bytes32) {
        return keccak256(abi.encode(BILLS_TYPEHASH, b));
    }

    /// @notice EIP-712 struct hash of what a receipt's signature covers.
    function hash(IConsumptionLedger.Receipt calldata r) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    RECEIPT_TYPEHASH,
                    r.interval,
                    keccak256(abi.encodePacked(r.pseudonyms)),
                    // Elements of an array are padded to words in the packed form, as EIP-712 has it.
                    keccak256(abi.encodePacked(r.categories))
                )
            );
    }

    /// @notice Leaf of a row of L_OCD: its fields packed in 120 bytes. An inner node is the hash of 64.
    function leaf(
        uint32 interval,
        IConsumptionLedger.ConsumptionRow calldata row
    ) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encodePacked(
                    CONSUMPTION_ROW_TYPEHASH,
                    interval,
                    row.index,
                    row.pseudonym,
                    row.wattHours,
                    row.cumulative,
                    row.evidence
                )
            );
    }

    /// @notice Leaf of a row of L_BC: its fields packed in 112 bytes. An inner node is the hash of 64.
    function leaf(
        uint32 interval,
        IConsumptionLedger.BillRow calldata row
    ) internal pure returns (bytes32) {
        return
            keccak256(
                abi.encodePacked(
                    BILL_ROW_TYPEHASH,
                    interval,
                    row.index,
                    row.pseudonym,
                    row.wattHours,
                    row.amount,
                    row.cumulative
                )
            );
    }
}
