/** Requests straight to the counter over HTTP. It hides nothing of who sends them. */
import { UtilityClient } from "../service/index.js";
import type { Channel } from "./channel.js";

/** @param url of the utility's service */
export function plainHttp(url: string): Channel {
  return {
    carry: new UtilityClient(url).carrier,
    says: "Payments go straight to the utility: it sees your network address with each of them.",
  };
}
