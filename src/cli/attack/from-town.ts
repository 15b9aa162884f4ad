/** `sipster attack --from TOWN`: what a town's parties keep, attacked; the homes' folders score it. */
import { readTown, scoreTown } from "../../attack/index.js";
import type { Io } from "../io.js";
import { table } from "../table.js";
import { townTruth } from "./town-truth.js";

/** @throws attack/not-a-town, attack/other-town, and what opening stores throws */
export async function attackFolder(
  folder: string,
  { database, json = false }: { readonly database?: string; readonly json?: boolean },
  io: Io,
): Promise<void> {
  const score = scoreTown(await readTown(folder, database), await townTruth(folder));
  if (json) return io.json({ format: "sipster/attack-town@1", ...score });
  const { homes, orders, settlements, hasOrder, attacks } = score;
  const order = hasOrder ? "with the order of their writing" : "without times or order";
  io.out(
    `${orders} payments of ${homes} homes, ${order}; ${settlements} settlements on the chain\n`,
  );
  const measures = ["linkage", "top", "billError"] as const;
  const rows = Object.entries(attacks).map(([name, result]) => [
    name,
    ...measures.map((measure) => {
      const found = result[measure];
      if (found === undefined) return "";
      const [low, high] = found.interval.map((value) => value.toFixed(3));
      return `${found.value.toFixed(3)} [${low}, ${high}]`;
    }),
  ]);
  const heads = ["attack", "linkage", "largest denomination", "bill error"];
  io.out(
    table(
      heads.map((head) => ({ head })),
      rows,
      io.tableWidth,
    ),
  );
}
