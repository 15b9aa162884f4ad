/** What a meter is made of: the trusted part, tariffs and rating, readings, bills. */
export * from "../billing/index.js";
export * from "../meter/index.js";
export * from "../readings/index.js";
export * from "../tariff/index.js";
