/** The public terms of a vault's deployment, for tests with a whole world. */
import {
  addressOf,
  parseAddress,
  parseDenominations,
  type SystemTerms,
} from "../../src/sipster/index.js";
import { ANSWER_KEY, PAYEE } from "./exchange.js";
import { termsFor } from "./meter.js";
import { BASE_UNITS, DENOMINATIONS, type VaultWorld } from "./vault-world.js";

export function termsOn({ deployment }: VaultWorld): SystemTerms {
  const { settlement, vault, orderBoard, token } = deployment.contracts;
  return {
    ...termsFor(),
    deployment: {
      chainId: deployment.chainId,
      settlement: parseAddress(settlement.address),
      vault: parseAddress(vault.address),
      orderBoard: parseAddress(orderBoard.address),
    },
    token: { address: parseAddress(token.address), baseUnitsPerUnit: BASE_UNITS },
    denominations: parseDenominations(DENOMINATIONS),
    payee: parseAddress(`0x${Buffer.from(PAYEE).toString("hex")}`),
    answerKey: addressOf(ANSWER_KEY),
    finality: { rule: "confirmations", blocks: 0 },
    schedule: { ...termsFor().schedule, paying: { first: 2, last: 10 } },
    lead: 2,
  };
}
