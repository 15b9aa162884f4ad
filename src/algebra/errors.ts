import { defineErrors } from "../errors/catalogue.js";

export const algebraErrors = defineErrors("algebra", {
  "bad-length": {
    consequence:
      "The bytes are not an encoding of the expected kind; nothing was computed from them.",
    cure: "Pass the encoding exactly as it was produced: 64 bytes for a G1 point, 128 for a G2 point, 33 for a secp256k1 point, 32 for a scalar, secret key or digest, 20 for an address.",
  },
  "coordinate-out-of-range": {
    consequence:
      "The encoding is not canonical, so the EVM would refuse it too; the point was not used.",
    cure: "Ask the sender for the point again: each coordinate must be below the field prime.",
  },
  "scalar-out-of-range": {
    consequence: "The scalar is not canonical; it was not used.",
    cure: "Pass an integer from 0 to the group order minus 1.",
  },
  "point-not-on-curve": {
    consequence: "The encoding is not a point of the curve; it was not used.",
    cure: "Ask the sender for the point again; if it comes from a file, the file is damaged.",
  },
  "point-not-in-subgroup": {
    consequence: "The point is on the curve but not in the group of prime order; it was not used.",
    cure: "Do not use this key: it was not made by multiplying the generator.",
  },
  "foreign-point": {
    consequence:
      "A point of one implementation or curve was given to another; nothing was computed.",
    cure: "Encode it with the group that made it and decode it with the group that shall use it.",
  },
  "length-mismatch": {
    consequence: "The lists do not belong together; nothing was computed.",
    cure: "Pass one scalar or signature for each point.",
  },
  "engine-failed": {
    consequence: "The WebAssembly library did not start; nothing was computed.",
    cure: "Reinstall the packages; if it persists, use the independent implementation (`nobleBn254`).",
  },
  "discrete-log-out-of-range": {
    consequence: "The number behind the point was not found: it is outside the range searched.",
    cure: "Search a wider range, or check that point and base belong together (key, base, ciphertext).",
  },
  "empty-range": {
    consequence: "Nothing was searched.",
    cure: "Give a range with lo ≤ hi, and a starting value inside it.",
  },
  "bad-table-size": {
    consequence: "No table was built.",
    cure: "Give the memory for the table in bytes, from 20 to 2³³.",
  },
  "bad-prefix": {
    consequence: "The bytes are not a compressed point; nothing was computed from them.",
    cure: "Pass the 33-byte form of the point, which begins with 2 or 3.",
  },
  "identity-base": {
    consequence: "No table was built for the point.",
    cure: "Check where the point comes from: a key or generator is never the identity.",
  },
});
