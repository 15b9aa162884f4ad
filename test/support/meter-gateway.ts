/** A meter on the home network for tests: its clock and registers in the test's hand. */
import { connect, createServer, type Socket } from "node:net";
import { createMclBn254 } from "../../src/algebra/index.js";
import {
  MeterGateway,
  serveMeter,
  VolatileMemory,
  type MeterServer,
  type NonVolatileMemory,
  type RegisterSource,
} from "../../src/meter/index.js";
import type { SystemTerms } from "../../src/sipster/index.js";
import type { RegisterReading, Tariff } from "../../src/tariff/index.js";
import { centPerKwh, JANUARY, termsFor } from "./meter.js";

export const curve = await createMclBn254();

export class TestSource implements RegisterSource {
  clock = JANUARY;
  #shown = { imported: 0, exported: 0 };
  #readings: RegisterReading[] = [];

  use(wattHours: number, from = this.clock, to = this.clock): void {
    this.#shown = { ...this.#shown, imported: this.#shown.imported + wattHours };
    this.#readings.push({ kind: "import", wattHours: this.#shown.imported, from, to });
  }
  now(): number {
    return this.clock;
  }
  until(): RegisterReading[] {
    return this.#readings.splice(0);
  }
  registers() {
    return this.#shown;
  }
  close(): void {
    // Nothing is open.
  }
}

export class TestGateway {
  readonly source = new TestSource();
  readonly kept: Tariff[] = [centPerKwh];
  readonly faults: unknown[] = [];
  gateway!: MeterGateway;
  server!: MeterServer;

  private constructor(
    readonly memory: NonVolatileMemory,
    readonly link: NonVolatileMemory,
    readonly terms: SystemTerms,
  ) {}

  static async start(terms = termsFor(), clock = JANUARY): Promise<TestGateway> {
    const g = new TestGateway(new VolatileMemory(), new VolatileMemory(), terms);
    g.source.clock = clock;
    await g.restart();
    return g;
  }

  /** As after a kill: what was not written is gone, and so are all connections. */
  async restart(): Promise<void> {
    await (this.server as MeterServer | undefined)?.close();
    this.gateway = new MeterGateway({
      curve,
      memory: this.memory,
      link: this.link,
      terms: this.terms,
      tokenKey: null,
      source: this.source,
      tariffs: this.kept,
      keepTariff: (tariff) => this.kept.push(tariff),
      parseTariff: (body) => Promise.resolve(JSON.parse(new TextDecoder().decode(body)) as Tariff),
    });
    this.server = await serveMeter(this.gateway, {
      host: "127.0.0.1",
      port: 0,
      onFault: (fault) => this.faults.push(fault),
    });
  }

  get address() {
    return { host: "127.0.0.1", port: this.server.port };
  }

  /** The clock goes to an instant, and the meter is told a moment later. */
  goTo(instant: number): void {
    this.source.clock = instant + 1;
    this.gateway.tick();
  }

  close(): Promise<void> {
    return this.server.close();
  }
}

export interface Tap {
  readonly host: string;
  readonly port: number;
  /** What the wallet sent over each connection. */
  readonly sent: Buffer[][];
  close(): Promise<void>;
}

/** Between wallet and meter: records, and ends the connection after so many frames in all. */
export async function tap(to: { host: string; port: number }, frames = Infinity): Promise<Tap> {
  const sent: Buffer[][] = [];
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(to.port, to.host);
    const mine: Buffer[] = [];
    sent.push(mine);
    let left = frames;
    for (const [a, b] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(a);
      a.on("error", () => undefined).on("close", () => b.destroy());
      a.on("data", (chunk: Buffer) => {
        if (a === near) mine.push(chunk);
        if (left-- > 0) b.write(chunk);
        else near.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    host: "127.0.0.1",
    port: (server.address() as { port: number }).port,
    sent,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        for (const socket of sockets) socket.destroy();
      }),
  };
}
