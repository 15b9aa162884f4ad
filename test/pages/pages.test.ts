import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { expect } from "chai";
import { type Served } from "../../src/http/index.js";
import { serveWeb, writeWeb } from "../../src/pages/index.js";
import { temporaryDirectory } from "../support/temporary.js";
import { closeAll, describeInBrowser, visit } from "./support/browser.js";
import { startWorld, type World } from "./support/world.js";

describeInBrowser("the pages in a browser", (browser) => {
  let world: World;
  let web: Served;
  before(async function () {
    this.timeout(60_000);
    world = await startWorld();
    web = await serveWeb({ deployment: world.deployment, rpcUrl: world.chain.url });
  });
  after(() => closeAll(web, world));

  it("show the deployment, and ask nobody but their own server and the node", async () => {
    const { page, requests, complaints, close } = await visit(browser());
    await page.goto(web.url);
    await page.getByText(/^Block \d+/).waitFor();
    for (const path of ["settle", "audit", "nowhere"]) {
      await page.goto(`${web.url}#/${path}`);
      await page.getByRole("heading", { level: 1 }).waitFor();
    }
    const origins = new Set(requests.map((url) => new URL(url).origin));
    expect([...origins]).to.have.members([new URL(web.url).origin, world.chain.url]);
    expect(complaints).to.deep.equal([]);
    await close();
  });

  const directory = temporaryDirectory();

  it("work as a folder of files, under any path, from any server", async () => {
    const folder = join(directory(), "pages");
    await writeWeb(folder, { deployment: world.deployment, rpcUrl: world.chain.url });
    const types: Record<string, string> = {
      ".html": "text/html",
      ".js": "text/javascript",
      ".css": "text/css",
      ".svg": "image/svg+xml",
    };
    const server = createServer((request, response) => {
      const path = (request.url ?? "").replace("/some/where/", "");
      const file = path === "" ? "index.html" : path;
      readFile(join(folder, file)).then(
        (body) => {
          response.setHeader("Content-Type", types[extname(file)] ?? "application/json");
          response.end(body);
        },
        () => response.writeHead(404).end(),
      );
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { page, complaints, close } = await visit(browser());
    try {
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/some/where/`);
      await page.getByText(/^Block \d+/).waitFor();
      await page.getByRole("link", { name: "Audit" }).click();
      // With the policy that is in the page itself: the auditor's thread starts under it too.
      await page.getByText("Nothing is settled yet: there is nothing to verify").waitFor();
      expect(complaints).to.deep.equal([]);
    } finally {
      await close();
      server.close();
    }
  });

  it("given a page that frames them without the headers, show nothing but a way out", async () => {
    const folder = join(directory(), "framed");
    await writeWeb(folder, { deployment: world.deployment, rpcUrl: world.chain.url });
    const server = createServer((incoming, response) => {
      const path = (incoming.url ?? "").split("?")[0]!;
      if (path === "/evil") {
        response.setHeader("Content-Type", "text/html");
        response.end('<iframe src="/index.html" width="800" height="600"></iframe>');
        return;
      }
      const type = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" }[
        extname(path)
      ];
      readFile(join(folder, path)).then(
        (body) => {
          response.setHeader("Content-Type", type ?? "application/json");
          response.end(body);
        },
        () => response.writeHead(404).end(),
      );
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const { page, close } = await visit(browser());
    try {
      await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/evil`);
      const frame = page.frameLocator("iframe");
      await frame.getByText("This page does not work inside another page").waitFor();
      expect(await frame.locator("input").count()).to.equal(0);
    } finally {
      await close();
      server.close();
    }
  });

  it("say so when they are served without their configuration", async () => {
    const { page, close } = await visit(browser());
    await page.route("**/sipster-web.json", (route) => route.fulfill({ status: 404 }));
    await page.goto(web.url);
    await page.getByText("web/bad-config").waitFor();
    await close();
  });

  it("load nothing from elsewhere even when told to: the policy refuses", async () => {
    const { page, close } = await visit(browser());
    await page.goto(web.url);
    const outcome = await page.evaluate(
      "fetch('http://127.0.0.1:9/').then(() => 'loaded', () => 'refused')",
    );
    expect(outcome).to.equal("refused");
    const blocked = await page.evaluate(`new Promise((resolve) => {
      addEventListener("securitypolicyviolation", (e) => resolve(e.effectiveDirective));
      document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: "http://127.0.0.1:9/x.css" }));
    })`);
    expect(blocked).to.equal("style-src-elem");
    await close();
  });
});
