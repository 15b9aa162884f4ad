/**
 * Metrics for Prometheus. Labels are methods, routes and statuses: never a token, a coin, an address
 * or anything else that belongs to one home.
 */
import type { Hono } from "hono";
import { routePath } from "hono/route";
import { Counter, Histogram, Registry } from "prom-client";

export interface CountedRequest {
  readonly method: string;
  /** Its pattern. */
  readonly route: string;
  readonly status: number;
  readonly since: number;
}

export class HttpMetrics {
  readonly registry = new Registry();
  readonly #requests = new Counter({
    name: "sipster_http_requests_total",
    help: "Requests answered, by method, route and status.",
    labelNames: ["method", "route", "status"],
    registers: [this.registry],
  });
  readonly #seconds = new Histogram({
    name: "sipster_http_request_seconds",
    help: "Time from a request to its answer, by route.",
    labelNames: ["route"],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers: [this.registry],
  });

  /** Counts every request of `app`. The route's pattern is the label, so that a path is not kept. */
  watch(app: Hono): void {
    app.use(async (c, next) => {
      const start = performance.now();
      await next();
      const route = c.res.status === 404 ? "none" : routePath(c, -1);
      this.count({ method: c.req.method, route, status: c.res.status, since: start });
    });
  }

  /** @param since when the request came, by `performance.now()` */
  count({ method, route, status, since }: CountedRequest): void {
    this.#requests.inc({ method, route, status });
    this.#seconds.observe({ route }, (performance.now() - since) / 1000);
  }

  /** Adds `GET /metrics`, in the text format of Prometheus. */
  serve(app: Hono): void {
    app.get("/metrics", async (c) =>
      c.body(await this.registry.metrics(), 200, { "Content-Type": this.registry.contentType }),
    );
  }
}
