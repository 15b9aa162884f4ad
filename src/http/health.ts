/** Whether a process lives and whether it can serve: what supervisors and load balancers ask. */
import type { Hono } from "hono";

export interface Health {
  /** Why requests cannot be served now; `null`: they can. Bounded in time by the caller. */
  ready(): Promise<string | null>;
}

/** Adds `GET /livez` (200 while the process runs) and `GET /readyz` (200, or 503 with the reason). */
export function addHealth(app: Hono, { ready }: Health): void {
  app.get("/livez", (c) => c.json({ status: "live" }));
  app.get("/readyz", async (c) => {
    const reason = await ready();
    return reason === null
      ? c.json({ status: "ready" })
      : c.json({ status: "not ready", reason }, 503);
  });
}
