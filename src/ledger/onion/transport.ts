/** What nodes send frames over. */
import type { Frame } from "./frames.js";

/** One direction of a connection. */
export interface Link {
  /** Sends a frame; a link that is closed loses it. */
  send(frame: Frame): void;
  readonly isOpen: boolean;
  close(): void;
}

export type Receive = (frame: Frame) => void;

export interface Listener {
  /** What others connect to. */
  readonly address: string;
  /** Closes it and every link that came in. */
  close(): Promise<void>;
}

export interface Transport {
  /** Accepts links: `accept` is given each, and says who receives what comes in over it. */
  listen(accept: (link: Link) => Receive): Promise<Listener>;
  /** Opens a link. @throws ledger/unreachable */
  connect(address: string, receive: Receive): Promise<Link>;
}
