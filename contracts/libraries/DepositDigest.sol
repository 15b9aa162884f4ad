// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ICreditVault} from "../interfaces/ICreditVault.sol";
import {DomainTags} from "./DomainTags.sol";

/// @notice The hash that names a deposit by its content.
library DepositDigest {
    /**
     * @notice keccak256(abi.encode(tag, chain id, vault, depositor, amount, mintKeyId, count, messagesRoot,
     *         acknowledgeBy)): all that the mint relies on when it publishes signatures.
     * @dev    The number of a deposit is not in it: after a reorganisation another deposit may have that number.
     */
    function digest(ICreditVault.Deposit memory deposit) internal view returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    DomainTags.DEPOSIT,
                    block.chainid,
                    address(this),
                    deposit.depositor,
                    uint256(deposit.amount),
                    deposit.mintKeyId,
                    uint256(deposit.count),
                    deposit.messagesRoot,
                    deposit.acknowledgeBy
                )
            );
    }
}
