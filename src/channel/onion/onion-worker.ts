/** The thread of an {@link OnionThread}. */
import { parentPort } from "node:worker_threads";
import { LocalBuilder, LocalPeeler } from "./peeler.js";
import {
  builtReply,
  handedOver,
  ordersOf,
  peeledReply,
  split,
  type ThreadReply,
  type ThreadRequest,
} from "./thread-messages.js";

const nodes: LocalPeeler[] = [];
const builder = new LocalBuilder();

async function perform(request: ThreadRequest): Promise<ThreadReply> {
  switch (request.method) {
    case "key": {
      const node = new LocalPeeler();
      nodes.push(node);
      return { key: node.publicKey };
    }
    case "peel": {
      const packets = split(request.packets);
      return { peeled: peeledReply(await nodes[request.node]!.peel(packets, request.data)) };
    }
    case "build":
      return { built: builtReply(await builder.build(ordersOf(request), request.data)) };
  }
}

let last: Promise<unknown> = Promise.resolve();
parentPort!.on("message", (request: ThreadRequest) => {
  last = last.then(async () => {
    const reply = await perform(request).catch((error: unknown) => ({ error: String(error) }));
    parentPort!.postMessage(reply, handedOver(reply));
  });
});
