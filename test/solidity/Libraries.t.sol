// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BN254} from "../../contracts/libraries/BN254.sol";
import {ILedgerTypes} from "../../contracts/interfaces/ILedgerTypes.sol";
import {KeyCode} from "../../contracts/libraries/KeyCode.sol";
import {MeterRecord, MeterRecords} from "../../contracts/libraries/MeterRecord.sol";
import {Nullifiers} from "../../contracts/libraries/Nullifiers.sol";
import {SchnorrSecp256k1} from "../../contracts/libraries/SchnorrSecp256k1.sol";
import {TokenHash} from "../../contracts/libraries/TokenHash.sol";
import {Curve} from "./support/Curve.sol";
import {vm} from "./support/Vm.sol";

/// @notice Fuzz tests of the libraries against the precompiles and against plain ways of saying the same.
contract LibrariesTest {
    using Nullifiers for Nullifiers.Store;

    Nullifiers.Store private _store;

    /// @dev The precompile for addition accepts exactly the points of the curve and (0, 0).
    function testFuzz_pointCheckAgreesWithPrecompile(
        uint256 x,
        uint256 y,
        uint256 scalar
    ) public view {
        _judgeAsPrecompile(x, y);
        BN254.G1Point memory point = Curve.mul(Curve.generator(), scalar);
        _judgeAsPrecompile(point.x, point.y);
        _judgeAsPrecompile(point.x, BN254.P - point.y);
        unchecked {
            _judgeAsPrecompile(point.x + BN254.P, point.y);
            _judgeAsPrecompile(point.x, point.y + BN254.P);
            _judgeAsPrecompile(point.x, point.y + 1);
            _judgeAsPrecompile(point.y, point.x);
        }
    }

    function test_identityIsNoPoint() public pure {
        require(BN254.defect(0, 0) == BN254.Defect.Identity, "identity");
        require(BN254.defect(BN254.P, 0) == BN254.Defect.CoordinateTooLarge, "x = p");
        require(BN254.defect(0, BN254.P) == BN254.Defect.CoordinateTooLarge, "y = p");
        require(BN254.defect(0, 1) == BN254.Defect.NotOnCurve, "off the curve");
        require(BN254.defect(1, 2) == BN254.Defect.None, "generator");
    }

    function testFuzz_keyAddressIsCreateAddress(uint32 nonce, uint8 shift) public view {
        uint32 small = nonce >> (shift % 32);
        require(KeyCode.addressOf(nonce) == vm.computeCreateAddress(address(this), nonce), "any");
        require(KeyCode.addressOf(small) == vm.computeCreateAddress(address(this), small), "small");
    }

    /// @dev A creator that has created something else than keys does not write one where nobody looks for it.
    function test_keyAtAnotherAddressIsRefused() public {
        try this.writeKey(type(uint32).max) {
            revert("written");
        } catch (bytes memory reason) {
            require(bytes4(reason) == KeyCode.KeyCodeMisplaced.selector, "another error");
        }
    }

    function writeKey(uint32 keyEpoch) external {
        BN254.G2Point memory a2;
        KeyCode.write(keyEpoch, Curve.generator(), a2);
    }

    /// @dev x = ℓ is on secp256k1, and the precompile takes no r above ℓ − 1: such a key is neither right nor wrong.
    function test_keyBeyondThePrecompileIsUndecided() public view {
        bytes memory generator =
            hex"0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
        bytes memory beyond =
            hex"02fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";
        bytes memory signature = abi.encodePacked(generator, uint256(1));
        require(!this.verifySchnorr(generator, signature, "message"), "a wrong signature");
        try this.verifySchnorr(beyond, signature, "message") {
            revert("decided");
        } catch (bytes memory reason) {
            require(
                bytes4(reason) == ILedgerTypes.LedgerSignatureUndecided.selector,
                "another error"
            );
        }
    }

    function verifySchnorr(
        bytes calldata key,
        bytes calldata signature,
        bytes calldata message
    ) external view returns (bool) {
        return SchnorrSecp256k1.verify(key, signature, message);
    }

    function testFuzz_meterRecordKeepsItsFields(
        uint32 index,
        uint32 from,
        uint32 until
    ) public pure {
        MeterRecord record = MeterRecords.pack(index, from, until);
        require(record.isRegistered(), "registered");
        require(record.index() == index, "index");
        require(record.validFrom() == from, "from");
        require(record.validUntil() == until, "until");
        require(!MeterRecord.wrap(0).isRegistered(), "nothing");
    }

    /// @dev Two meters and periods have the same bit only if they are the same.
    function testFuzz_nullifiersAreDistinct(
        uint32 period,
        uint32 index,
        uint32 otherPeriod,
        uint32 otherIndex
    ) public {
        bool isSame = period == otherPeriod && index == otherIndex;
        _store.words[Nullifiers.keyOf(period, index)] |= Nullifiers.bitOf(index);
        require(_store.isSpent(period, index), "spent");
        require(_store.isSpent(otherPeriod, otherIndex) == isSame, "the other");
    }

    function testFuzz_neighboursAreDistinct(uint32 period, uint32 index) public {
        _store.words[Nullifiers.keyOf(period, index)] |= Nullifiers.bitOf(index);
        unchecked {
            require(!_store.isSpent(period, index + 1), "next meter");
            require(!_store.isSpent(period, index + 256), "next word");
            require(!_store.isSpent(period + 1, index), "next period");
        }
    }

    /// @dev The point with a square root and the point with a hint are one; no other y is a hint.
    function testFuzz_tokenHashHasOneHint(
        bytes32 systemId,
        TokenHash.Token memory token,
        uint256 other
    ) public view {
        (bool isValid, uint256 x, uint256 y) = TokenHash.toPoint(systemId, token);
        (bool isHint, ) = TokenHash.checkHint(systemId, token, other);
        require(!isHint || (isValid && other == y), "another hint");
        if (!isValid) return;
        require(BN254.isPoint(x, y), "off the curve");
        (bool isAccepted, uint256 hintX) = TokenHash.checkHint(systemId, token, y);
        require(isAccepted && hintX == x, "the hint");
        (isAccepted, ) = TokenHash.checkHint(systemId, token, BN254.P - y);
        require(!isAccepted, "the other root");
    }

    /// @dev Every field is hashed: another value is another point.
    function testFuzz_tokenHashBindsEveryField(
        bytes32 systemId,
        TokenHash.Token memory token,
        uint8 which
    ) public pure {
        uint256 before = TokenHash.digest(systemId, token);
        unchecked {
            if (which % 5 == 0) systemId = bytes32(uint256(systemId) + 1);
            else if (which % 5 == 1) token.keyEpoch += 1;
            else if (which % 5 == 2) token.denomination += 1;
            else if (which % 5 == 3) token.seed = bytes32(uint256(token.seed) + 1);
            else token.ctr += 1;
        }
        require(TokenHash.digest(systemId, token) != before, "not hashed");
    }

    function _judgeAsPrecompile(uint256 x, uint256 y) private view {
        (bool accepted, ) = address(6).staticcall{gas: 10_000}(abi.encode(x, y, 0, 0));
        bool isIdentity = x | y == 0;
        require(BN254.isPoint(x, y) == (accepted && !isIdentity), "isPoint");
        require((BN254.defect(x, y) == BN254.Defect.None) == BN254.isPoint(x, y), "defect");
    }
}
