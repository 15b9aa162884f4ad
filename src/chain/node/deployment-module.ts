/**
 * The Ignition module: settlement, a token (the test token, or one that exists), the vault and the
 * order board. Parameters: the holder of each role and the notice signer, the deployer by default; the
 * lead in months; periods in seconds; a token's address.
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
    {
      admin,
      keyRegistrar: m.getParameter("keyRegistrar", deployer),
      meterRegistrar: m.getParameter("meterRegistrar", deployer),
      parameterRegistrar: m.getParameter("parameterRegistrar", deployer),
      pauser,
    },
    m.getParameter("noticeSigner", deployer),
    period("lead"),
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
  const orderBoard = m.contract("OrderBoard");
  return { settlement, token: credit, vault, orderBoard };
}

/** With a token of its own that anyone can mint: for local chains and tests. */
export const withTestToken = buildModule(MODULE_ID, (m) => contracts(m, "test"));

/** With the token at the parameter `token`. */
export const withExistingToken = buildModule(MODULE_ID, (m) => contracts(m, "existing"));
