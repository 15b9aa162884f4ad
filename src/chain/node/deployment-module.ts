/**
 * The Ignition module: settlement, a token (the test token, or one that exists), and the vault.
 * Parameters: the holder of each role, the deployer by default; periods in seconds; a token's address.
 */
import { buildModule, type IgnitionModuleBuilder } from "@nomicfoundation/ignition-core";
import { PERIOD_DEFAULTS } from "./period-defaults.js";

export const MODULE_ID = "Sipster";

function contracts(m: IgnitionModuleBuilder, token: "test" | "existing") {
  const deployer = m.getAccount(0);
  const admin = m.getParameter("admin", deployer);
  const pauser = m.getParameter("pauser", deployer);
  const period = (name: keyof typeof PERIOD_DEFAULTS) =>
    m.getParameter(name, PERIOD_DEFAULTS[name]);
  const settlement = m.contract("BillSettlement", [
    admin,
    m.getParameter("keyRegistrar", deployer),
    m.getParameter("meterRegistrar", deployer),
    pauser,
    period("activationDelay"),
  ]);
  const credit =
    token === "test" ? m.contract("TestToken") : m.contractAt("TestToken", m.getParameter("token"));
  const vault = m.contract("CreditVault", [
    settlement,
    credit,
    admin,
    m.getParameter("mint", deployer),
    m.getParameter("treasurer", deployer),
    pauser,
    period("acknowledgePeriod"),
    period("disputePeriod"),
  ]);
  return { settlement, token: credit, vault };
}

/** With a token of its own that anyone can mint: for local chains and tests. */
export const withTestToken = buildModule(MODULE_ID, (m) => contracts(m, "test"));

/** With the token at the parameter `token`. */
export const withExistingToken = buildModule(MODULE_ID, (m) => contracts(m, "existing"));
