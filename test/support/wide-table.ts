/** How the made-up tables of the command tests are understood: one column a home, in kWh. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** The option, and a file that it names. */
export function wideTable(directory: string): string[] {
  const path = join(directory, "mapping.json");
  const mapping = {
    ...{ format: "sipster/mapping@1", columns: "homes", quantity: "kWh" },
    ...{ labels: "start", gaps: "missing" },
  };
  writeFileSync(path, JSON.stringify(mapping));
  return ["--mapping", path];
}
