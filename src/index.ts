/**
 * The public API: the protocol as pure functions, the groups it computes in, and the errors that
 * everything throws. Roles and sibling systems have entries of their own: `sipster/wallet`,
 * `sipster/meter`, `sipster/utility`, `sipster/chain`, `sipster/aggregation`, `sipster/sealed`,
 * `sipster/ledger`. These entries follow semantic versions; other files do not.
 */
export {
  ExitCode,
  SipsterError,
  isSipsterError,
  type ErrorDetails,
} from "./errors/sipster-error.js";
export * from "./algebra/index.js";
export * from "./sipster/index.js";
