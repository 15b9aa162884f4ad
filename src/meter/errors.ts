import { defineErrors } from "../errors/catalogue.js";
import { ExitCode } from "../errors/sipster-error.js";

export const meterErrors = defineErrors("meter", {
  "not-installed": {
    consequence: "The memory holds no meter; nothing can be metered or billed from it.",
    cure: "Install the meter first, or point to the memory of an installed one.",
  },
  "already-installed": {
    consequence: "Installing again would discard keys and counters, so nothing was written.",
    cure: "Open the installed meter. To install it for another resident, remove it and release the old resident's keys first.",
  },
  "bad-memory": {
    consequence: "The memory does not hold what a meter writes; nothing was read from it.",
    cure: "Do not edit the memory. Replace the meter and retire its address; bills settled stay settled.",
  },
  "memory-failed": {
    consequence:
      "The last write was not confirmed, so this object no longer knows what is durable. Nothing left the meter.",
    cure: "Open the meter again from its memory and give the same readings again: energy counts once.",
    exit: ExitCode.TryAgain,
  },
  "bad-terms": {
    consequence: "The meter was not installed: it could not price or bill by these.",
    cure: "Install with the terms that the settlement contract holds the hash of, and a tariff that they name.",
  },
  "clock-lost": {
    consequence: "The meter does not know what time it is; energy accrues and no period closes.",
    cure: "Set the clock: ask the meter for a nonce, the utility for its time, and confirm it with the wallet.",
    exit: ExitCode.TryAgain,
  },
  "bad-time": {
    consequence: "The clock was not set.",
    cure: "Ask for a new nonce, and bring the utility's time for it with the wallet's confirmation within two minutes.",
    exit: ExitCode.No,
  },
  "period-not-kept": {
    consequence:
      "Nothing was signed or emitted. The meter bills the months that its own clock has ended, and keeps the last thirteen.",
    cure: "Ask for one of the periods that the meter lists. The open one is billed when it has ended.",
    exit: ExitCode.No,
  },
  "wrong-share": {
    consequence: "The meter does not hand its share of the view key to another resident.",
    cure: "Restore the wallet from its backup secret: the resident's share derives from it.",
    exit: ExitCode.No,
  },
  removed: {
    consequence:
      "The meter's service has ended: it charges nothing more and signs only the bills it keeps.",
    cure: "Fetch the bills and confirm them; then the meter can be installed for the next resident.",
    exit: ExitCode.No,
  },
  "not-released": {
    consequence: "The resident's keys stay, and the meter cannot be installed for another.",
    cure: "Remove the meter first. Then let the wallet confirm every kept bill, or wait for 30 days.",
    exit: ExitCode.No,
  },
  "not-trusted": {
    consequence:
      "The other side does not hold the shared key or code, or something between changed what was sent. The connection was closed, and nothing was told or done.",
    cure: "Check the code or pair again. A code is used up after ten wrong tries: ask the meter for a new one.",
    exit: ExitCode.No,
  },
  "no-answer": {
    consequence: "The meter or wallet on the other side was not reached, or fell silent.",
    cure: "Check that the meter runs and that address and port are its own; then try again.",
    exit: ExitCode.Unavailable,
  },
  "bad-message": {
    consequence: "What arrived is not a message of this protocol; nothing was done.",
    cure: "Use the same version of the program on both sides.",
  },
  "bad-code": {
    consequence: "Nothing was sent.",
    cure: "Type the code as the meter shows it: four groups of five letters and digits.",
    exit: ExitCode.Usage,
  },
  "foreign-token": {
    consequence:
      "The token does not come from the meter's trusted part, so no bill has it and paying it would buy nothing; no token was taken.",
    cure: "Ask again. If it stays so, something between wallet and meter changes its answers: have the meter looked at.",
    exit: ExitCode.No,
  },
  refused: {
    consequence: "The meter did not do what the wallet asked; nothing changed.",
    cure: "The reason is the meter's own error, which is named.",
    exit: ExitCode.No,
  },
  "other-terms": {
    consequence:
      "The meter was installed with other terms or another tariff than the deployment's: a meter with terms of its own marks every payment. It was not paired.",
    cure: "Have the meter installed again with the terms that the settlement contract names.",
    exit: ExitCode.No,
  },
  "bad-source": {
    consequence: "The meter was not started: it has nothing to measure.",
    cure: "Give file:PATH, stdin, p1:DEVICE or p1:tcp://HOST:PORT.",
    exit: ExitCode.Usage,
  },
});
