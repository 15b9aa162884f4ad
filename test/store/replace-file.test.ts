import { expect } from "chai";
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { readFileIfPresent, replaceFile } from "../../src/store/index.js";
import { expectError } from "../support/errors.js";
import { PowerCut, PowerCutFs } from "../support/power-cut-fs.js";
import { temporaryDirectory } from "../support/temporary.js";

describe("replacing a file", () => {
  const folder = temporaryDirectory();
  const first = Uint8Array.from({ length: 50 }, (_, i) => i);
  const second = Uint8Array.from({ length: 70 }, (_, i) => 200 - i);

  it("leaves the new content, mode 0600 and nothing beside", () => {
    const path = join(folder(), "file");
    expect(readFileIfPresent(path)).to.equal(null);
    writeFileSync(`${path}.new`, "left by an earlier crash");
    chmodSync(`${path}.new`, 0o644);
    replaceFile(path, first);
    expect(readFileIfPresent(path)).to.deep.equal(first);
    replaceFile(path, second);
    expect(Uint8Array.from(readFileSync(path))).to.deep.equal(second);
    expect(statSync(path).mode & 0o777).to.equal(0o600);
    expect(readdirSync(folder())).to.deep.equal(["file"]);
  });

  it("given a link that points to another file, when the file is replaced, then the other file stays as it is", () => {
    const [path, other] = [join(folder(), "file"), join(folder(), "other")];
    writeFileSync(other, "of another program");
    symlinkSync(other, `${path}.new`);
    expectError(() => replaceFile(path, first), "store/write-failed");
    expect(readFileSync(other, "utf8")).to.equal("of another program");
    expect(existsSync(path)).to.equal(false);
  });

  it("power cut at any operation: the old content or the new, whole", () => {
    const whole = new PowerCutFs(Infinity);
    replaceFile("/d/file", first, whole.fs);
    const firstOperations = whole.operations;
    replaceFile("/d/file", second, whole.fs);
    const all = whole.operations;
    expect(all - firstOperations).to.be.at.least(8);
    for (let cut = firstOperations; cut < all; cut++) {
      const disk = new PowerCutFs(cut);
      replaceFile("/d/file", first, disk.fs);
      const error = expectError(
        () => replaceFile("/d/file", second, disk.fs),
        "store/write-failed",
      );
      expect(error.cause).to.be.instanceOf(PowerCut);
      for (const renamesKept of [false, true]) {
        const left = disk.afterCut("/d/file", renamesKept);
        const intact = [first, second].some((c) => Buffer.from(c).equals(left ?? Buffer.of()));
        expect(intact, `operation ${cut}, renames kept: ${renamesKept}`).to.equal(true);
      }
    }
  });

  it("returned: the new content survives, renames kept or not", () => {
    const disk = new PowerCutFs(Infinity);
    replaceFile("/d/file", first, disk.fs);
    replaceFile("/d/file", second, disk.fs);
    for (const kept of [false, true]) {
      expect(disk.afterCut("/d/file", kept)).to.deep.equal(second);
    }
  });

  it("given no folder: says so", () => {
    expectError(() => replaceFile(join(folder(), "no", "file"), first), "store/no-folder");
  });
});
