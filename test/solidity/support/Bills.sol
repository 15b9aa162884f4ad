// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBillSettlement} from "../../../contracts/interfaces/IBillSettlement.sol";
import {BN254} from "../../../contracts/libraries/BN254.sol";
import {Curve} from "./Curve.sol";
import {vm} from "./Vm.sol";

/// @notice Deploys the settlement from its artifact, so that the very bytecode that is deployed is tested, and
///         makes bills and receipts.
library Bills {
    /// @notice Period that a meter may always settle, for an open end.
    uint32 internal constant OPEN_END = type(uint32).max;

    /// @notice Private key of the notice signer.
    uint256 internal constant NOTICE_KEY = 0x4e;

    /// @notice A bill and what would settle it.
    struct Paid {
        IBillSettlement.SignedBill bill;
        BN254.G1Point receipt;
    }

    /// @notice A settlement with one holder of every role; lead 0 is a development deployment.
    function deploy(address admin, uint32 lead) internal returns (IBillSettlement settlement) {
        bytes memory arguments = abi.encode(
            IBillSettlement.Appointments(admin, admin, admin, admin, admin),
            vm.addr(NOTICE_KEY),
            lead
        );
        return IBillSettlement(create("BillSettlement.sol:BillSettlement", arguments));
    }

    /// @notice The notice that the next key epoch of `settlement` has key `which` from `firstPeriod` on.
    function notice(
        IBillSettlement settlement,
        uint256 which,
        uint32 firstPeriod
    ) internal view returns (bytes memory) {
        (BN254.G1Point memory a1, BN254.G2Point memory a2) = Curve.publicKey(which);
        bytes32 digest = settlement.keyNoticeDigest(
            settlement.keyEpochs() + 1,
            firstPeriod,
            keccak256(abi.encode(a1, a2))
        );
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(NOTICE_KEY, digest);
        return abi.encodePacked(r, s, v);
    }

    function create(
        string memory artifact,
        bytes memory arguments
    ) internal returns (address created) {
        bytes memory code = bytes.concat(vm.getCode(artifact), arguments);
        assembly ("memory-safe") {
            created := create(0, add(code, 0x20), mload(code))
        }
        require(created != address(0), "not deployed");
    }

    /// @notice The bill of R = scalar·P1, signed, with its receipt under secret `which`.
    function make(
        IBillSettlement settlement,
        uint256 meterKey,
        uint32 period,
        uint32 keyEpoch,
        uint256 scalar,
        uint256 which
    ) internal view returns (Paid memory paid) {
        BN254.G1Point memory point = Curve.mul(Curve.generator(), scalar);
        paid.bill.period = period;
        paid.bill.keyEpoch = keyEpoch;
        (paid.bill.rx, paid.bill.ry) = (point.x, point.y);
        sign(settlement, paid.bill, meterKey);
        paid.receipt = Curve.mul(point, Curve.secret(which));
    }

    function sign(
        IBillSettlement settlement,
        IBillSettlement.SignedBill memory bill,
        uint256 meterKey
    ) internal view {
        bytes32 digest = digestOf(settlement, bill);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(meterKey, digest);
        (bill.r, bill.vs) = (r, bytes32(uint256(s) | (uint256(v - 27) << 255)));
    }

    function digestOf(
        IBillSettlement settlement,
        IBillSettlement.SignedBill memory bill
    ) internal view returns (bytes32) {
        return settlement.billDigest(bill.period, bill.keyEpoch, bill.rx, bill.ry);
    }

    /// @notice σ* = Σ δ_i·σ_i, written plainly.
    function combine(
        IBillSettlement settlement,
        Paid[] memory paid
    ) internal view returns (BN254.G1Point memory sum) {
        bytes memory signed = abi.encode(
            bytes32("SIPSTER-V1-BATCH"),
            block.chainid,
            address(settlement)
        );
        for (uint256 i = 0; i < paid.length; ++i) {
            signed = bytes.concat(signed, digestOf(settlement, paid[i].bill));
        }
        bytes32 seed = keccak256(signed);
        for (uint256 i = 0; i < paid.length; ++i) {
            uint256 weight = uint256(keccak256(abi.encode(seed, i))) % BN254.ORDER;
            sum = Curve.add(sum, Curve.mul(paid[i].receipt, weight));
        }
    }

    function billsOf(
        Paid[] memory paid
    ) internal pure returns (IBillSettlement.SignedBill[] memory bills) {
        bills = new IBillSettlement.SignedBill[](paid.length);
        for (uint256 i = 0; i < paid.length; ++i) bills[i] = paid[i].bill;
    }
}
