/** The thread of a {@link RelayThread}: a group of relays that does what it is told by message. */
import { parentPort, workerData } from "node:worker_threads";
import { RelayGroup, type NodeAddress, type RelayGroupOptions } from "./relay-group.js";

export type RelayRequest =
  | { readonly method: "nodes" | "counts" | "stop" }
  | { readonly method: "introduce"; readonly node: NodeAddress }
  | { readonly method: "enter"; readonly epoch: number };

export interface RelayReply {
  readonly value: unknown;
}

const group = await RelayGroup.start(workerData as RelayGroupOptions);

async function perform(request: RelayRequest): Promise<unknown> {
  switch (request.method) {
    case "nodes":
      return group.nodes;
    case "introduce":
      return group.introduce(request.node);
    case "enter":
      return group.enter(request.epoch);
    case "counts":
      return group.counts();
    case "stop":
      return group.stop();
  }
}

let last: Promise<unknown> = Promise.resolve();
parentPort!.on("message", (request: RelayRequest) => {
  last = last.then(async () => {
    const reply: RelayReply = { value: await perform(request) };
    parentPort!.postMessage(reply);
  });
});
