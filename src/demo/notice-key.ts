/** The key with which a demonstration's utility signs notices to meters; made before the contracts. */
import { randomSecretKey } from "../algebra/index.js";
import type { DemoFolder } from "./folder.js";

/** 32 bytes, in a file of its own. */
export function noticeKeyOf(folder: DemoFolder): Uint8Array {
  return folder.secret("utility/keys/notice.json", () => randomSecretKey());
}
