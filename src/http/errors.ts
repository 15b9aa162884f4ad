import { defineErrors } from "../errors/catalogue.js";
import { ExitCode } from "../errors/sipster-error.js";

export const httpErrors = defineErrors("http", {
  "port-unusable": {
    consequence: "Nothing is served.",
    cure: "Choose another port, or 0 for any that is free; end the program that uses this one.",
    exit: ExitCode.Usage,
  },
  "bad-proxy": {
    consequence: "Nothing is served.",
    cure: "Name proxies by address or range, such as 10.0.0.1 or 10.0.0.0/8.",
    exit: ExitCode.Usage,
  },
  "too-large": {
    consequence: "The request was not read, and nothing was done.",
    cure: "Send less in one request; the API's documentation names the limit.",
  },
  "too-many-requests": {
    consequence: "The request was not read, and nothing was done.",
    cure: "Wait as many seconds as the answer says and send the request again.",
    exit: ExitCode.TryAgain,
  },
  "not-found": {
    consequence: "Nothing was done.",
    cure: "Check the address and the method; the API's documentation lists both.",
  },
  "bad-json": {
    consequence: "Nothing was done.",
    cure: "Send one JSON document in UTF-8.",
  },
  failed: {
    consequence: "The request failed inside the server; its log says why.",
    cure: "Send the request again later; tell the operator if it fails again.",
    exit: ExitCode.TryAgain,
  },
});
