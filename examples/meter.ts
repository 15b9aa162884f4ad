/**
 * A meter: 123 kWh flow in March, and its paired wallet gets tokens and a signed bill for them.
 *
 *   tsx examples/meter.ts public.json               goes on until it is ended
 */
import { createMclBn254 } from "sipster";
import { MeterGateway, serveMeter, VolatileMemory, type RegisterSource } from "sipster/meter";
import { APRIL, MARCH, published, TARIFF, terms } from "./public.js";

const { noticeSigner, answerKey } = published(process.argv[2]!) as never as ReturnType<
  typeof terms
>;

// The register counts up; the clock stands at the first of March until a wallet has paired.
let now = MARCH;
const source: RegisterSource = {
  now: () => now,
  until: (to) =>
    to > MARCH ? [{ kind: "import", wattHours: 123_000, from: MARCH, to: APRIL - 1 }] : [],
  registers: () => ({ imported: 0, exported: 0 }),
  close: () => undefined,
};
const gateway = new MeterGateway({
  curve: await createMclBn254(),
  memory: new VolatileMemory(),
  link: new VolatileMemory(),
  terms: terms({ noticeSigner, answerKey }),
  tokenKey: null,
  source,
  tariffs: [TARIFF],
  keepTariff: () => undefined,
  parseTariff: () => Promise.resolve(TARIFF),
});
const server = await serveMeter(gateway, {
  host: "127.0.0.1",
  port: 0,
  onFault: (fault) => process.stderr.write(`${String(fault)}\n`),
});
process.stdout.write(`meter ${server.port} ${server.newCode()}\n`);

setInterval(() => {
  if (gateway.linkKey !== null) now = APRIL + 1;
  gateway.tick();
}, 50);
