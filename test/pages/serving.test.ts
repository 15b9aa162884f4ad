import { expect } from "chai";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { parseWebConfig, serveWeb, writeWeb, writeWebConfig } from "../../src/pages/index.js";
import { expectError, expectRejection } from "../support/errors.js";
import { temporaryDirectory } from "../support/temporary.js";
import { deployment } from "./support/deployment.js";

const options = { deployment, rpcUrl: "http://127.0.0.1:8545" };

describe("the configuration of the pages", () => {
  const config = {
    ...options,
    relayUrl: "https://relay.example",
    compareUrl: "https://second.example",
    explorerUrl: "https://explorer.example",
    finality: { rule: "confirmations", blocks: 3 } as const,
    chainName: "Chain",
    currency: "ETH",
  };

  it("is read as it was written", () => {
    expect(parseWebConfig(writeWebConfig(config))).to.deep.equal(config);
  });

  it("names the field that is wrong", () => {
    const broken = (change: object): string =>
      JSON.stringify({ ...(JSON.parse(writeWebConfig(config)) as object), ...change });
    for (const [change, field] of [
      [{ format: "sipster/web@2" }, "format"],
      [{ rpcUrl: "javascript:alert(1)" }, "rpcUrl"],
      [{ relayUrl: "file:///etc/passwd" }, "relayUrl"],
      [{ chainName: 7 }, "chainName"],
      [{ deployment: "none" }, "deployment"],
    ] as const) {
      const error = expectError(() => parseWebConfig(broken(change)), "web/bad-config");
      expect(error.message).to.contain(field);
    }
    expectError(() => parseWebConfig(broken({ deployment: {} })), "chain/bad-deployment");
    expectError(() => parseWebConfig("<html>"), "web/bad-config");
  });
});

describe("serving the pages", () => {
  it("serves them with their configuration, and allows the node and the relayer alone", async () => {
    const web = await serveWeb({ ...options, relayUrl: "http://127.0.0.1:8600/relay" });
    const page = await fetch(web.url);
    expect(page.status).to.equal(200);
    expect(await page.text()).to.contain("<title>Sipster</title>");
    expect(page.headers.get("content-encoding")).to.equal("gzip");
    const policy = page.headers.get("content-security-policy");
    expect(policy).to.contain("default-src 'none'");
    expect(policy).to.contain("connect-src 'self' http://127.0.0.1:8545 http://127.0.0.1:8600;");
    const config = parseWebConfig(await (await fetch(`${web.url}sipster-web.json`)).text());
    expect(config.deployment).to.deep.equal(deployment);
    await web.close();
    expect(await fetch(web.url).catch(() => "closed")).to.equal("closed");
  });

  it("serves nothing but the pages' own files, and only to be read", async () => {
    const web = await serveWeb(options);
    for (const path of [
      "/package.json",
      "/../../package.json",
      "/%2e%2e/package.json",
      "/assets/",
    ]) {
      expect(await rawStatus(web.url, "GET", path), path).to.equal(404);
    }
    expect(await rawStatus(web.url, "POST", "/")).to.equal(405);
    expect(await rawStatus(web.url, "HEAD", "/")).to.equal(200);
    await web.close();
  });

  it("says so when the port is taken", async () => {
    const web = await serveWeb(options);
    const port = Number(new URL(web.url).port);
    const error = await expectRejection(serveWeb({ ...options, port }), "http/port-unusable");
    expect(error.details.port).to.equal(port);
    await web.close();
  });
});

describe("the pages as a folder", () => {
  const directory = temporaryDirectory();

  it("are written with their configuration, and never over something else", async () => {
    const folder = join(directory(), "pages");
    await writeWeb(folder, options);
    const config = parseWebConfig(await readFile(join(folder, "sipster-web.json"), "utf8"));
    expect(config.rpcUrl).to.equal(options.rpcUrl);
    await expectRejection(writeWeb(folder, options), "web/folder-not-empty");
    await mkdir(join(directory(), "other"));
    await writeFile(join(directory(), "other/file"), "");
    await expectRejection(writeWeb(join(directory(), "other"), options), "web/folder-not-empty");
  });

  it("carry the known origins in their policy, and their headers for nginx and Caddy beside them", async () => {
    const folder = join(directory(), "pages");
    const relayUrl = "https://relay.example/at";
    await writeWeb(folder, { ...options, relayUrl });
    const origins = "connect-src 'self' http://127.0.0.1:8545 https://relay.example";
    const page = await readFile(join(folder, "index.html"), "utf8");
    expect(page).to.contain(`${origins};`).and.not.to.contain("http: https:");
    for (const name of [`${folder}.nginx.conf`, `${folder}.Caddyfile`]) {
      const text = await readFile(name, "utf8");
      expect(text).to.contain(origins).and.to.contain("frame-ancestors 'none'");
      expect(text).to.match(/X-Frame-Options "?DENY/);
    }
    const packed = await readFile(join(folder, "index.html.gz"));
    expect(gunzipSync(packed).toString()).to.equal(page);
  });

  it("are small: at most 145 kB gzipped for settling, ethers included", async () => {
    const folder = join(directory(), "pages");
    await writeWeb(folder, options);
    const core = await sizeOf(folder, (name) => !name.includes("audit"));
    const all = await sizeOf(folder, () => true);
    expect(core).to.be.within(60_000, 145_000);
    // The audit compares code with what the source compiles to, and so brings that along.
    expect(all).to.be.below(320_000);
  });
});

/** What a server that compresses sends for the files, in bytes. */
async function sizeOf(folder: string, counts: (name: string) => boolean): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !counts(entry.name) || entry.name.endsWith(".gz")) continue;
    bytes += gzipSync(await readFile(join(entry.parentPath, entry.name))).length;
  }
  return bytes;
}

/** The answer to a path that `fetch` would tidy up first. */
function rawStatus(url: string, method: string, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, path }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on("error", reject).end();
  });
}
