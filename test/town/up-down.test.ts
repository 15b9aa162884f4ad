/** A town in the background: started, looked at, stopped, with nothing left that runs. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect } from "chai";
import type { TownState } from "../../src/town/index.js";
import { sipster } from "../support/recorded-io.js";

interface Run {
  readonly code: number;
  readonly json: Record<string, unknown>;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe("sipster town up, status and down", function () {
  this.timeout(600_000);
  const directory = mkdtempSync(join(tmpdir(), "sipster-town-up-"));
  const folder = join(directory, "town");
  let state: TownState;

  /** `up` starts itself again by its own command line, so it runs as a process. */
  function town(...args: string[]): Promise<Run> {
    const script = resolve(import.meta.dirname, "../support/sipster-child.ts");
    const command = ["--import", "tsx", script, "town", ...args, "--folder", folder, "--json"];
    return new Promise((done) => {
      execFile(process.execPath, command, (error, out) => {
        const code = error === null ? 0 : Number(error.code);
        done({ code, json: JSON.parse(out) as Run["json"] });
      });
    });
  }

  const status = async (): Promise<TownState> =>
    (await sipster("town", "status", "--folder", folder, "--json")).json as TownState;

  before(async () => {
    const up = await town("up", "--homes", "1");
    expect(up.code, JSON.stringify(up.json)).to.equal(0);
    state = up.json as unknown as TownState;
  });
  after(async () => {
    await sipster("town", "down", "--folder", folder);
    rmSync(directory, { recursive: true, force: true });
  });

  it("given a town in the background, when its status is asked, then every process of it is there", async () => {
    const { phase, processes } = await status();
    expect(phase).to.be.oneOf(["running", "over"]);
    expect(processes.map(({ role }) => role)).to.have.members([
      ...["chain", "utility", "relay", "meter", "wallet"],
    ]);
    for (const { pid, role } of processes) expect(isAlive(pid!), role).to.equal(true);
  });

  it("given a town that runs, when another is started in its folder, then it is refused", async () => {
    const again = await town("up", "--homes", "1");
    expect(again.code).not.to.equal(0);
    expect(again.json.code).to.equal("town/folder-in-use");
    expect(isAlive(state.pid)).to.equal(true);
  });

  it("given a town that runs, when it is stopped, then none of its processes is left, and its stores stay", async () => {
    const before = await status();
    const down = await sipster("town", "down", "--folder", folder, "--json");
    expect(down.json).to.include({ wasRunning: true });
    for (const { pid } of [before, ...before.processes]) expect(isAlive(pid!)).to.equal(false);
    expect((await status()).phase).to.be.oneOf(["failed", "over"]);
    expect(readFileSync(join(folder, "utility/keyring.json"))).not.to.have.length(0);
    const again = await sipster("town", "down", "--folder", folder, "--json");
    expect(again.json).to.include({ wasRunning: false });
  });

  it("given the number of a stopped town that another program has now, when the town is stopped, then that program is left alone", async () => {
    const file = join(folder, "state.json");
    const kept = JSON.parse(readFileSync(file, "utf8")) as TownState;
    writeFileSync(file, JSON.stringify({ ...kept, phase: "running", pid: process.pid }));
    await sipster("town", "down", "--folder", folder, "--json");
    expect(isAlive(process.pid)).to.equal(true);
  });
});
