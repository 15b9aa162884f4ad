/** The public API of the package: everything else is reached by the entry of its room, `sipster/<room>`. */
export {
  ExitCode,
  SipsterError,
  isSipsterError,
  type ErrorDetails,
} from "./errors/sipster-error.js";
