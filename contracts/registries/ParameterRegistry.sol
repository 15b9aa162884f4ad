// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessControl} from "@openzeppelin/contracts/access/AccessControl.sol";
import {Pausable} from "@openzeppelin/contracts/utils/Pausable.sol";
import {IParameterRegistry} from "../interfaces/IParameterRegistry.sol";
import {LeadTime} from "./LeadTime.sol";

/// @notice The hashes of the public parameters, each with what it holds from: append-only.
abstract contract ParameterRegistry is LeadTime, IParameterRegistry, AccessControl, Pausable {
    /// @notice May announce public parameters.
    bytes32 public constant PARAMETER_REGISTRAR_ROLE = keccak256("PARAMETER_REGISTRAR_ROLE");

    uint64 private constant NETWORK_NOTICE = 24 hours;

    Terms[] private _terms;
    Network[] private _networks;

    /// @inheritdoc IParameterRegistry
    function announceTerms(
        bytes32 hash,
        uint32 firstPeriod
    ) external override onlyRole(PARAMETER_REGISTRAR_ROLE) whenNotPaused returns (uint32 number) {
        if (hash == 0) revert SettlementParametersHashZero();
        number = termsCount();
        uint32 last = number == 0 ? 0 : _terms[number - 1].firstPeriod;
        _requireFirstPeriod(firstPeriod, number, last);
        _terms.push(Terms(hash, firstPeriod));
        emit TermsAnnounced(number, firstPeriod, hash);
    }

    /// @inheritdoc IParameterRegistry
    function announceNetwork(
        bytes32 hash
    ) external override onlyRole(PARAMETER_REGISTRAR_ROLE) whenNotPaused returns (uint32 number) {
        if (hash == 0) revert SettlementParametersHashZero();
        number = networkCount();
        uint64 inForceAt = uint64(block.timestamp);
        if (number != 0 && !_isDevelopment()) inForceAt += NETWORK_NOTICE;
        _networks.push(Network(hash, inForceAt));
        emit NetworkAnnounced(number, inForceAt, hash);
    }

    /// @inheritdoc IParameterRegistry
    function termsCount() public view override returns (uint32) {
        return uint32(_terms.length);
    }

    /// @inheritdoc IParameterRegistry
    function termsAt(uint32 number) external view override returns (Terms memory) {
        return _terms[number];
    }

    /// @inheritdoc IParameterRegistry
    function networkCount() public view override returns (uint32) {
        return uint32(_networks.length);
    }

    /// @inheritdoc IParameterRegistry
    function networkAt(uint32 number) external view override returns (Network memory) {
        return _networks[number];
    }
}
