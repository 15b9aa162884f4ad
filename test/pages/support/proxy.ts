import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";

/** A reverse proxy as one with a certificate is: it names the client in X-Forwarded-For. */
export async function startProxy(to: string) {
  const { hostname, port } = new URL(to);
  const server = createServer((incoming, outgoing) => {
    const forwarded = request(
      {
        ...{ hostname, port, method: incoming.method, path: incoming.url },
        headers: { ...incoming.headers, "x-forwarded-for": "198.51.100.7" },
      },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    forwarded.on("error", () => {
      outgoing.destroy();
    });
    incoming.pipe(forwarded);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      await once(server.close(), "close");
    },
  };
}
