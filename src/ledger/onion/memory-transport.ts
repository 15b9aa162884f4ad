/** Links inside one process: frames arrive in a later turn of the event loop, in order. */
import { ledgerErrors } from "../errors.js";
import type { Frame } from "./frames.js";
import type { Link, Listener, Receive, Transport } from "./transport.js";

class MemoryLink implements Link {
  isOpen = true;
  constructor(
    private readonly peer: () => { readonly link: MemoryLink; readonly receive: Receive },
  ) {}

  send(frame: Frame): void {
    const { link, receive } = this.peer();
    setImmediate(() => {
      if (this.isOpen && link.isOpen) receive(frame);
    });
  }

  close(): void {
    this.isOpen = false;
  }
}

export class MemoryTransport implements Transport {
  readonly #listening = new Map<string, (link: Link) => Receive>();
  #next = 0;

  listen(accept: (link: Link) => Receive): Promise<Listener> {
    const address = `memory:${this.#next++}`;
    const links: Link[] = [];
    this.#listening.set(address, (link) => {
      links.push(link);
      return accept(link);
    });
    return Promise.resolve({
      address,
      close: () => {
        this.#listening.delete(address);
        for (const link of links) link.close();
        return Promise.resolve();
      },
    });
  }

  connect(address: string, receive: Receive): Promise<Link> {
    const accept = this.#listening.get(address);
    if (accept === undefined) {
      const error = ledgerErrors.error("unreachable", `no node listens at ${address}`, { address });
      return Promise.reject(error);
    }
    const near: MemoryLink = new MemoryLink(() => ({ link: far, receive: received }));
    const far: MemoryLink = new MemoryLink(() => ({ link: near, receive }));
    const received = accept(far);
    return Promise.resolve(near);
  }
}
