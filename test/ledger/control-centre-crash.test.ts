import { spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, readFile, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "chai";
import { bytesToHex } from "@noble/hashes/utils.js";
import type { ControlCentre } from "../../src/ledger/control-centre.js";
import { Journal } from "../../src/ledger/journal.js";
import type { ConsumptionPage } from "../../src/ledger/pages.js";
import { encodeBundle } from "../../src/ledger/report.js";
import { expectRejection } from "../support/errors.js";
import type { ChildTask } from "./control-centre-child.js";
import { TestNeighbourhood, withDirectory } from "./support.js";

const FIRST = 500;
const HOMES = 40;

/** Packets for one interval, and the page that comes of them without any crash. */
async function undisturbed(
  seed: string,
): Promise<{ packets: Uint8Array[]; page: ConsumptionPage }> {
  return withDirectory(async (directory) => {
    const n = new TestNeighbourhood(seed, HOMES);
    const centre = await n.openControlCentre(directory);
    await centre.begin(n.registrar().list(FIRST));
    const packets = n.meters.map((m, i) =>
      encodeBundle(m.report(FIRST, BigInt(200 + 13 * i), centre.average).bundle),
    );
    await centre.admit(packets);
    return { packets, page: await centre.close() };
  });
}

async function reopen(seed: string, directory: string): Promise<ControlCentre> {
  return new TestNeighbourhood(seed, HOMES).openControlCentre(directory);
}

const pathOf = (directory: string, interval = FIRST): string =>
  join(directory, `ocd-${interval}.journal`);

describe("A control centre that crashes", () => {
  it("killed in the middle of an interval, has everything it gave a receipt for", () =>
    withDirectory(async (directory) => {
      const seed = "killed";
      const { packets, page } = await undisturbed(seed);
      const task: ChildTask = {
        seed,
        homes: HOMES,
        interval: FIRST,
        directory,
        packets: packets.map(bytesToHex),
      };
      const taskFile = join(directory, "task.json");
      await writeFile(taskFile, JSON.stringify(task));

      let from = 0;
      for (const kills of [3, 11, 20]) {
        const child = spawn(
          process.execPath,
          ["--import", "tsx", join(import.meta.dirname, "control-centre-child.ts")],
          {
            env: { ...process.env, SIPSTER_TEST_CONTROL_CENTRE: taskFile },
            stdio: ["ignore", "pipe", "inherit"],
          },
        );
        let given = 0;
        child.stdout.setEncoding("utf8").on("data", (text: string) => {
          given += text.split("\n").length - 1;
          if (given >= from + kills) child.kill("SIGKILL");
        });
        const [, signal] = (await once(child, "close")) as [number | null, string | null];
        expect(signal).to.equal("SIGKILL");
        from = given;

        const centre = await reopen(seed, directory);
        expect(centre.interruptedInterval).to.equal(FIRST);
        await centre.begin(new TestNeighbourhood(seed, HOMES).registrar().list(FIRST));
        const answers = await centre.admit(packets.slice(0, given));
        for (const answer of answers) {
          const { refused } = answer as { refused: readonly { reason: string }[] };
          expect(refused.every(({ reason }) => reason === "replayed")).to.equal(true);
        }
        await centre.stop();
      }
      expect(from).to.be.below(HOMES);

      const centre = await reopen(seed, directory);
      await centre.begin(new TestNeighbourhood(seed, HOMES).registrar().list(FIRST));
      await centre.admit(packets);
      expect(await centre.close()).to.deep.equal(page);
    })).timeout(60_000);

  it("drops a frame that was cut anywhere, and nothing before it", () =>
    withDirectory(async (directory) => {
      const seed = "cut";
      const { packets, page } = await undisturbed(seed);
      const list = new TestNeighbourhood(seed, HOMES).registrar().list(FIRST);
      const centre = await reopen(seed, directory);
      await centre.begin(list);
      await centre.admit(packets.slice(0, 10));
      await centre.stop();
      const whole = await readFile(pathOf(directory));
      const later = await reopen(seed, directory);
      await later.begin(list);
      await later.admit(packets.slice(10, 12));
      await later.stop();
      const { length } = await readFile(pathOf(directory));

      for (const cut of [1, 7, 8, 100, length - whole.length - 1]) {
        await truncate(pathOf(directory), length - cut);
        const again = await reopen(seed, directory);
        await again.begin(list);
        await again.stop();
        expect(await readFile(pathOf(directory))).to.deep.equal(whole);
        await appendFile(pathOf(directory), new Uint8Array(length - whole.length).fill(7));
      }
      const last = await reopen(seed, directory);
      await last.begin(list);
      await last.admit(packets);
      expect(await last.close()).to.deep.equal(page);
    }));

  it("writes nothing behind a frame that may be incomplete", () =>
    withDirectory(async (directory) => {
      const { journal } = await Journal.open(join(directory, "j"));
      await journal.append(Uint8Array.of(1));
      await journal.close();
      await expectRejection(journal.append(Uint8Array.of(2)), "ledger/journal-write");
      await expectRejection(journal.append(Uint8Array.of(3)), "ledger/journal-write");
      const again = await Journal.open(join(directory, "j"));
      expect(again.frames).to.deep.equal([Uint8Array.of(1)]);
      await again.journal.close();
    }));

  it("begins with the interval before when the new journal was still empty", () =>
    withDirectory(async (directory) => {
      const seed = "empty";
      const n = new TestNeighbourhood(seed, HOMES);
      const registrar = n.registrar();
      const centre = await n.openControlCentre(directory);
      await centre.begin(registrar.list(FIRST));
      const page = await centre.close();
      await writeFile(pathOf(directory, FIRST + 1), "");
      const again = await reopen(seed, directory);
      expect(again.lastPage).to.deep.equal(page);
      expect(again.interruptedInterval).to.equal(undefined);
      await again.begin(registrar.list(FIRST + 1));
      await again.stop();
    }));

  it("goes on with the same average, hash chain and bytes as one that does not", async () => {
    const run = (restart: boolean): Promise<ConsumptionPage[]> =>
      withDirectory(async (directory) => {
        const n = new TestNeighbourhood("restart", 3);
        const registrar = n.registrar();
        const pages: ConsumptionPage[] = [];
        let centre = await n.openControlCentre(directory);
        for (let interval = FIRST; interval < FIRST + 4; interval++) {
          if (restart) {
            await centre.stop();
            centre = await n.openControlCentre(directory);
            expect(centre.lastPage).to.deep.equal(pages.at(-1));
          }
          await centre.begin(registrar.list(interval));
          const wattHours = BigInt(interval);
          await centre.admit(
            n.meters.map((m) => encodeBundle(m.report(interval, wattHours, centre.average).bundle)),
          );
          const page = await centre.close();
          n.meters.forEach((m) => m.conclude(page.statement));
          pages.push(page);
        }
        return pages;
      });
    const statements = (pages: ConsumptionPage[]): object[] =>
      pages.map(({ statement: { average, load, rows } }) => ({ average, load, rows }));
    expect(statements(await run(true))).to.deep.equal(statements(await run(false)));
  });

  it("refuses to start on a journal that was damaged, and to resume with another list", () =>
    withDirectory(async (directory) => {
      const seed = "damaged";
      const { packets } = await undisturbed(seed);
      const registrar = new TestNeighbourhood(seed, HOMES).registrar();
      const centre = await reopen(seed, directory);
      await centre.begin(registrar.list(FIRST));
      await centre.admit(packets.slice(0, 5));
      await centre.admit(packets.slice(5, 9));
      await centre.stop();

      const again = await reopen(seed, directory);
      await expectRejection(again.begin(registrar.list(FIRST + 1)), "ledger/interval-open");
      await again.stop();

      const bytes = await readFile(pathOf(directory));
      for (const at of [5, 200]) {
        const damaged = Buffer.from(bytes);
        damaged[at]! ^= 1;
        await writeFile(pathOf(directory), damaged);
        await expectRejection(reopen(seed, directory), "ledger/journal-damaged");
      }
      await writeFile(pathOf(directory), bytes);
      const closing = await reopen(seed, directory);
      await closing.begin(new TestNeighbourhood(seed, HOMES).registrar().list(FIRST));
      await closing.close();

      // A frame that is whole, but is not what was signed.
      const other = new TestNeighbourhood("another key", HOMES);
      await expectRejection(other.openControlCentre(directory), "ledger/journal-damaged");
    }));
});
