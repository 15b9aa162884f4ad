// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IOrderBoard} from "./interfaces/IOrderBoard.sol";

/// @title  OrderBoard
/// @notice See {IOrderBoard}.
contract OrderBoard is IOrderBoard {
    /// @inheritdoc IOrderBoard
    function post(bytes calldata order) external override returns (bytes32 orderHash) {
        orderHash = keccak256(order);
        emit OrderPosted(orderHash, msg.sender, order);
    }

    /// @inheritdoc IOrderBoard
    function answer(bytes32 orderHash, bytes calldata receiptOrProof) external override {
        emit OrderAnswered(orderHash, msg.sender, receiptOrProof);
    }
}
