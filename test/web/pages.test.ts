import { expect } from "chai";
import { serveWeb, type ServedWeb } from "../../src/web/index.js";
import { describeInBrowser, visit } from "./support/browser.js";
import { startWorld, type World } from "./support/world.js";

describeInBrowser("the pages in a browser", (browser) => {
  let world: World;
  let web: ServedWeb;
  before(async () => {
    world = await startWorld();
    web = await serveWeb({ deployment: world.deployment, rpcUrl: world.chain.url });
  });
  after(async () => {
    await web.close();
    await world.close();
  });

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
});
