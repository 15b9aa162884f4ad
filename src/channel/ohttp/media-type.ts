/** The media type of encapsulated requests, at relay and gateway. */
import type { IncomingMessage } from "node:http";
import { channelErrors } from "../errors.js";
import { REQUEST_TYPE } from "./encapsulation.js";

/** @throws channel/bad-message */
export function checkType({ headers }: Pick<IncomingMessage, "headers">): void {
  if (headers["content-type"] === REQUEST_TYPE) return;
  throw channelErrors.error("bad-message", `an encapsulated request is ${REQUEST_TYPE}`);
}
