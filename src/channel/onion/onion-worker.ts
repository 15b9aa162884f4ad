/** The thread of an {@link OnionThread}. */
import { parentPort } from "node:worker_threads";
import type { ThreadReply, ThreadRequest } from "./onion-thread.js";
import { LocalBuilder, LocalPeeler } from "./peeler.js";

const nodes: LocalPeeler[] = [];
const builder = new LocalBuilder();

function perform(request: ThreadRequest): Promise<unknown> {
  switch (request.method) {
    case "key": {
      const node = new LocalPeeler();
      nodes.push(node);
      return Promise.resolve(node.publicKey);
    }
    case "peel":
      return nodes[request.node]!.peel(request.packets, request.data);
    case "build":
      return builder.build(request.orders, request.data);
  }
}

let last: Promise<unknown> = Promise.resolve();
parentPort!.on("message", (request: ThreadRequest) => {
  last = last.then(async () => {
    const reply: ThreadReply = await perform(request).then(
      (value) => ({ value }),
      (error: unknown) => ({ error: String(error) }),
    );
    parentPort!.postMessage(reply);
  });
});
