/** Run by power-cut.test.ts in a process of its own: dies after the memory is written, before it emits. */
import { createMclBn254 } from "../../src/algebra/index.js";
import { FileMemory, TrustedMeter } from "../../src/meter/index.js";
import { centPerKwh, HALF_HOUR, JANUARY } from "../support/meter.js";

if (process.argv[2] !== undefined && process.argv[1]?.endsWith("killed-meter.ts") === true) {
  const memory = new FileMemory(process.argv[2]);
  const dying = {
    read: () => memory.read(),
    write(record: Uint8Array) {
      memory.write(record);
      process.kill(process.pid, "SIGKILL");
    },
  };
  const meter = new TrustedMeter(await createMclBn254(), dying, [centPerKwh]);
  const to = JANUARY + HALF_HOUR;
  meter.advance(to, [{ kind: "import", wattHours: 310_000, from: JANUARY, to }]);
}
