/** What stands in front of a service: limits of rate, headers, requests of other origins. */
import type { IncomingMessage } from "node:http";
import type { HttpBindings } from "@hono/node-server";
import type { Context, MiddlewareHandler } from "hono";
import { cors } from "hono/cors";
import { secureHeaders } from "hono/secure-headers";
import { subscriberOf, type TrustedProxies } from "./client-address.js";
import { httpErrors } from "./errors.js";
import { RateLimit } from "./rate-limit.js";

/** The client's address: the connection's, or what trusted proxies say. */
export function clientOf(c: Context, proxies: TrustedProxies): string {
  return senderOf((c.env as HttpBindings).incoming, proxies);
}

function senderOf({ socket, headers }: IncomingMessage, proxies: TrustedProxies): string {
  return proxies.clientOf(socket.remoteAddress ?? "", headers["x-forwarded-for"]?.toString());
}

/** Counts a request of a subscriber, or `cost` of them. @throws http/too-many-requests */
export type RateGate = (c: Context, cost?: number) => void;

/**
 * Lets each subscriber make `perMinute` requests a minute, in bursts up to that number. Each call
 * makes buckets of its own: paths with separate limits do not share them.
 */
export function requestGate(
  perMinute: number,
  proxies: TrustedProxies,
  clock: () => number,
): (request: IncomingMessage, cost?: number) => void {
  const limit = new RateLimit(perMinute);
  return (request, cost = 1) => {
    const wait = limit.take(subscriberOf(senderOf(request, proxies)), clock(), cost);
    if (wait === 0) return;
    throw httpErrors.error("too-many-requests", `too many requests: wait ${wait} seconds`, {
      seconds: wait,
    });
  };
}

/** The same for requests of an application. */
export function rateGate(...limit: Parameters<typeof requestGate>): RateGate {
  const gate = requestGate(...limit);
  return (c, cost) => {
    gate((c.env as HttpBindings).incoming, cost);
  };
}

/** Lets pages of any origin ask, for services where nothing belongs to one visitor. */
export function anyOrigin(): MiddlewareHandler {
  return cors({
    origin: "*",
    allowMethods: ["GET", "POST"],
    allowHeaders: ["Content-Type"],
    exposeHeaders: ["Retry-After"],
    maxAge: 600,
  });
}

/** Headers of an API whose answers are for programs and are not kept. */
export function apiHeaders(): MiddlewareHandler {
  const secure = secureHeaders({
    contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    crossOriginResourcePolicy: false,
  });
  return async (c, next) => {
    await secure(c, next);
    c.header("Cache-Control", "no-store");
  };
}
