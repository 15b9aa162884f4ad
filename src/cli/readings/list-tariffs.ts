/** The tariffs of a file, and why one cannot be used where it cannot. */
import { isSipsterError } from "../../errors/sipster-error.js";
import { checkTariff, readTariffs, tariffHash, type ListedTariff } from "../../tariff/index.js";
import type { Io } from "../io.js";
import { table } from "../table.js";

interface Listed {
  readonly id: string;
  readonly name: string;
  /** `null` where the tariff cannot be used. */
  readonly hash: string | null;
  readonly refused: string | null;
}

export async function listTariffs(file: string, json: boolean, io: Io): Promise<void> {
  const { tariffs, signed } = await readTariffs(file);
  const listed = tariffs.map(look);
  const refused = listed.filter((t) => t.refused !== null);
  if (json) {
    io.json({ format: "sipster/tariffs@1", signer: signed?.signer ?? null, tariffs: listed });
    return;
  }
  const rows = listed.map((t) => [t.id, t.name, t.hash?.slice(0, 10) ?? "cannot be used"]);
  io.out(table([{ head: "id" }, { head: "name" }, { head: "hash" }], rows, io.tableWidth));
  io.out(`\n${listed.length - refused.length} of ${listed.length} tariffs can be used`);
  for (const t of refused) io.out(`${t.id}: ${t.refused!}`);
  if (signed !== undefined) io.out(`signed by ${signed.signer}, number ${signed.sequence}`);
}

function look(listed: ListedTariff): Listed {
  const { id, name } = listed;
  try {
    return { id, name, hash: tariffHash(checkTariff(listed.tariff())), refused: null };
  } catch (error) {
    if (!isSipsterError(error)) throw error;
    return { id, name, hash: null, refused: error.message };
  }
}
