import { readdir, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect } from "chai";
import { headersOf } from "../../src/pages/headers.js";
import { parseWebConfig, writeWeb } from "../../src/pages/index.js";
import { temporaryDirectory } from "../support/temporary.js";
import { describeInBrowser, visit } from "./support/browser.js";
import { deployment } from "./support/deployment.js";
import { CADDY, NGINX, serveFolder, type FileServer } from "./support/file-servers.js";
import { expectSoon } from "./support/soon.js";
import { startWorld } from "./support/world.js";

/** A server of another origin whose page has these pages in a frame. */
async function serveFrame(url: string) {
  const server = createServer((_, response) => {
    response.setHeader("Content-Type", "text/html");
    response.end(`<iframe src="${url}" width="800" height="600"></iframe>`);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}/`,
    close: () => once(server.close(), "close"),
  };
}

function describeServer(server: FileServer): void {
  const { name } = server;
  const isRequired = process.env.SIPSTER_REQUIRE_FILE_SERVERS === "1";
  if (server.executable === undefined && !isRequired) {
    describe(`the header file for ${name} (skipped: ${name} is not installed)`, () => {
      it(`needs ${name}: the test of the text of the files ran all the same`);
    });
    return;
  }

  describe(`the header file for ${name}`, () => {
    const directory = temporaryDirectory();
    const open = async (options: Parameters<typeof writeWeb>[1]) => {
      const folder = join(directory(), "pages");
      await writeWeb(folder, options);
      return { folder, served: await serveFolder(server, join(directory(), "home"), folder) };
    };

    it("given the exported folder, when it is served, then every answer carries every header", async () => {
      const relayUrl = "https://relay.example";
      const { folder, served } = await open({ deployment, rpcUrl: "http://127.0.0.1:9", relayUrl });
      try {
        const config = parseWebConfig(await readFile(join(folder, "sipster-web.json"), "utf8"));
        const assets = await readdir(join(folder, "assets"));
        const script = `assets/${assets.find((file) => file.endsWith(".js"))!}`;
        for (const path of ["", "index.html", script, "sipster-web.json", "missing"]) {
          const answer = await fetch(`${served.url}${path}`);
          const body = Buffer.from(await answer.arrayBuffer());
          for (const [header, value] of Object.entries(headersOf(config))) {
            expect(answer.headers.get(header), `${header} of /${path}`).to.equal(value);
          }
          if (path === "missing") {
            expect(answer.status).to.equal(404);
            continue;
          }
          expect(answer.headers.get("content-encoding"), path).to.equal("gzip");
          expect(answer.headers.get("cache-control"), path).to.equal("no-cache");
          const file = await readFile(join(folder, path === "" ? "index.html" : path));
          expect(body.equals(file), path).to.equal(true);
        }
      } finally {
        await served.close();
      }
    });

    describeInBrowser("in a browser", (browser) => {
      it("given a page of another origin that frames them, then the browser refuses; by themselves they work", async () => {
        const world = await startWorld({ meters: 1 });
        const opened: { close(): Promise<unknown> }[] = [world];
        try {
          const { served } = await open({ deployment: world.deployment, rpcUrl: world.chain.url });
          opened.unshift(served);
          const evil = await serveFrame(served.url);
          opened.unshift(evil);
          const { page, complaints, close } = await visit(browser());
          opened.unshift({ close });
          await page.goto(served.url);
          await page.getByText(/^Block \d+/).waitFor();
          await page.getByRole("link", { name: "Audit" }).click();
          await page.getByText("Nothing is settled yet: there is nothing to verify").waitFor();
          expect(complaints).to.deep.equal([]);
          await page.goto(evil.url);
          const refused = () =>
            page.frames().some((each) => each.url().startsWith("chrome-error:"));
          await expectSoon(() => Promise.resolve(refused()), true, "the frame is refused");
          const said = () => /frame-ancestors|X-Frame-Options/.test(complaints.join());
          await expectSoon(() => Promise.resolve(said()), true, "the browser says why");
        } finally {
          for (const each of opened) await each.close();
        }
      });
    });
  });
}

for (const server of [NGINX, CADDY]) describeServer(server);

describe("the text of the header files", () => {
  const directory = temporaryDirectory();

  it("given any configuration, then each line is one that the server knows, and no header is missing", async () => {
    const folder = join(directory(), "pages");
    await writeWeb(folder, { deployment, rpcUrl: "http://127.0.0.1:9" });
    const config = parseWebConfig(await readFile(join(folder, "sipster-web.json"), "utf8"));
    const expected = { ...headersOf(config), "Cache-Control": "no-cache" };
    const read = async (name: string): Promise<string[]> =>
      (await readFile(`${folder}${name}`, "utf8"))
        .split("\n")
        .map((line) => line.trim())
        .filter((line) => line !== "" && !line.startsWith("#"));

    const nginx = await read(".nginx.conf");
    const added = nginx.flatMap((line) => {
      const [, name, value] = /^add_header (\S+) "([^"]*)" always;$/.exec(line) ?? [];
      return name === undefined ? [] : [[name, value]];
    });
    expect(Object.fromEntries(added)).to.deep.equal(expected);
    expect(nginx.filter((line) => !line.startsWith("add_header"))).to.deep.equal([
      "gzip_static on;",
    ]);

    const caddy = await read(".Caddyfile");
    const end = caddy.indexOf("}");
    expect(caddy[0]).to.equal("header {");
    const set = caddy.slice(1, end).map((line) => {
      const [, name, value] = /^(\S+) "([^"]*)"$/.exec(line)!;
      return [name, value];
    });
    expect(Object.fromEntries(set)).to.deep.equal(expected);
    expect(caddy.slice(end + 1)).to.deep.equal(["file_server {", "precompressed gzip", "}"]);
  });
});
