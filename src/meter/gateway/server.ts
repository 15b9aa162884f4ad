/** The meter's side of the home network: wallets connect here. */
import { createServer, type Socket } from "node:net";
import { SipsterError } from "../../errors/sipster-error.js";
import { meterErrors } from "../errors.js";
import type { MeterGateway, Visit } from "./gateway.js";
import { decodeMeterRequest, encodeMeterAnswer } from "./messages.js";
import { newPairingCode, pairingKey } from "./pairing-code.js";
import { SecureChannel } from "./secure-channel.js";

/** Wrong tries after which a code is used up. */
const MOST_GUESSES = 10;
/** How long a stranger waits for the end of its connection. */
const STRANGER_MS = 500;
const MOST_CONNECTIONS = 8;
const IDLE_MS = 60_000;

export interface MeterServer {
  readonly host: string;
  readonly port: number;
  /** A new code, in place of the one before; shown once. It ends with the pairing it was made for. */
  newCode(): string;
  close(): Promise<void>;
}

export interface ServeOptions {
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** Done before each answer: a simulator goes by a clock that may have moved since. */
  readonly beforeAnswer?: () => Promise<void>;
  /** Told of a defect of this program: the connection ends, the meter goes on. */
  readonly onFault: (fault: unknown) => void;
}

/** The code that pairs the next wallet, and how often it was guessed at. */
class CurrentCode {
  #key: Uint8Array | null = null;
  #guesses = 0;

  replace(): string {
    const text = newPairingCode();
    this.#key = pairingKey(text);
    this.#guesses = 0;
    return text;
  }

  /** The key for one try; `null` without a code, or after too many tries. */
  guess(): Uint8Array | null {
    // Counted before the try: many at once have no more than one after the other.
    this.#guesses++;
    return this.#guesses > MOST_GUESSES ? null : this.#key;
  }

  /** The last guess was right. */
  guessed(): void {
    this.#guesses = 0;
  }

  use(): void {
    this.#key = null;
  }
}

/** @throws meter/no-answer if the address is not to be had */
export async function serveMeter(
  gateway: MeterGateway,
  { host, port, beforeAnswer, onFault }: ServeOptions,
): Promise<MeterServer> {
  const code = new CurrentCode();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
    visit(socket, { gateway, code, beforeAnswer }).catch((error: unknown) => {
      socket.destroy();
      if (!(error instanceof SipsterError)) onFault(error);
    });
  });
  server.maxConnections = MOST_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) => {
      reject(
        meterErrors.errorFrom({
          key: "no-answer",
          message: `${host}:${port} cannot be served`,
          cause,
        }),
      );
    });
    server.listen(port, host, resolve);
  });
  const address = server.address() as { port: number };
  return {
    host,
    port: address.port,
    newCode: () => code.replace(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        for (const socket of sockets) socket.destroy();
      }),
  };
}

interface Home {
  readonly gateway: MeterGateway;
  readonly code: CurrentCode;
  readonly beforeAnswer: (() => Promise<void>) | undefined;
}

/** Answers one connection until it ends. A stranger, who has neither code nor link key, is let go. */
async function visit(socket: Socket, { gateway, code, beforeAnswer }: Home): Promise<void> {
  let channel: SecureChannel;
  try {
    channel = await SecureChannel.accept(socket, (kind) =>
      kind === "paired" ? gateway.linkKey : code.guess(),
    );
  } catch {
    setTimeout(() => socket.destroy(), STRANGER_MS);
    return;
  }
  const { kind } = channel;
  if (kind === "code") code.guessed();
  const begun: Visit = { kind };
  for (;;) {
    const request = decodeMeterRequest(await channel.receive(IDLE_MS));
    await beforeAnswer?.();
    const answer = await gateway.answer(request, begun);
    if (request.kind === "paired" && answer.kind === "done") code.use();
    channel.send(encodeMeterAnswer(answer));
  }
}
