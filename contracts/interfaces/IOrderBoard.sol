// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/**
 * @title  Public board for orders that the counter left unanswered
 * @notice A utility that leaves one token unanswered would learn whose it is from who cannot settle. So an order
 *         without an answer is posted here, by anyone, and every home waits until each valid posted order is
 *         answered: withholding stops all homes alike, in public.
 *
 * @dev The board checks nothing and keeps nothing: whether an order is valid, and whether an answer answers it, is
 *      judged by those who read the events. Anyone may post and answer.
 */
interface IOrderBoard {
    /// @notice An order was posted. `orderHash` is keccak256 of `order`, the message as sent to the counter.
    event OrderPosted(bytes32 indexed orderHash, address indexed poster, bytes order);

    /// @notice An answer to an order: the receipt, or the proof that the coin or the token was used before.
    event OrderAnswered(bytes32 indexed orderHash, address indexed answerer, bytes answer);

    /// @notice Posts an order. Emits {OrderPosted}.
    /// @return orderHash keccak256 of the order.
    function post(bytes calldata order) external returns (bytes32 orderHash);

    /// @notice Answers an order, posted or not. Emits {OrderAnswered}.
    function answer(bytes32 orderHash, bytes calldata receiptOrProof) external;
}
