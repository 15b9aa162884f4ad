/** Run by power-cut.test.ts in a process of its own: dies after the memory is written, before it emits. */
import { createMclBn254 } from "../../src/algebra/index.js";
import { FileMemory, Meter } from "../../src/meter/index.js";
import { chargesOf } from "../support/meter.js";

if (process.argv[2] !== undefined && process.argv[1]?.endsWith("killed-meter.ts") === true) {
  const memory = new FileMemory(process.argv[2]);
  const meter = Meter.open(await createMclBn254(), {
    read: () => memory.read(),
    write(record) {
      memory.write(record);
      process.kill(process.pid, "SIGKILL");
    },
  });
  meter.record(chargesOf([310_000]));
}
