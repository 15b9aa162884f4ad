/**
 * The report of the public interface: what each entry of the package exports, with every signature, in
 * `api/ENTRY.api.md`. `npm run api` writes it from the build; with `--check` it fails where the report
 * is not what the build exports, so that no change of the interface goes unseen.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import {
  Extractor,
  ExtractorConfig,
  ExtractorLogLevel,
  type IConfigFile,
} from "@microsoft/api-extractor";

const root = resolve(import.meta.dirname, "..");
const check = process.argv.includes("--check");

/** Entry of package.json to the file with its types. */
function entries(): [name: string, types: string][] {
  const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    exports: Record<string, { types: string }>;
  };
  return Object.entries(exports).map(([path, { types }]) => [
    path === "." ? "sipster" : path.slice(2),
    resolve(root, types),
  ]);
}

function configuration(name: string, types: string, temporary: string): IConfigFile {
  const silent = { default: { logLevel: ExtractorLogLevel.None } };
  return {
    mainEntryPointFilePath: types,
    projectFolder: root,
    newlineKind: "lf",
    compiler: {
      // The types of the packages we use are checked by the build; here only names matter.
      overrideTsconfig: {
        compilerOptions: {
          target: "es2022",
          lib: ["es2023", "dom"],
          module: "nodenext",
          moduleResolution: "nodenext",
          strict: true,
          skipLibCheck: true,
        },
        include: ["dist/**/*.d.ts"],
      },
    },
    apiReport: {
      enabled: true,
      reportFolder: join(root, "api"),
      reportTempFolder: temporary,
      reportFileName: name,
    },
    docModel: { enabled: false },
    dtsRollup: { enabled: false },
    tsdocMetadata: { enabled: false },
    messages: {
      compilerMessageReporting: silent,
      extractorMessageReporting: silent,
      tsdocMessageReporting: silent,
    },
  };
}

mkdirSync(join(root, "api"), { recursive: true });
const temporary = mkdtempSync(join(tmpdir(), "sipster-api-"));
const changed: string[] = [];
try {
  for (const [name, types] of entries()) {
    const config = ExtractorConfig.prepare({
      configObject: configuration(name, types, temporary),
      configObjectFullPath: join(root, "api-extractor.json"),
      packageJsonFullPath: join(root, "package.json"),
    });
    const { apiReportChanged } = Extractor.invoke(config, {
      localBuild: !check,
      messageCallback: (message) => {
        if (message.logLevel === "error") console.error(message.text);
        message.handled = true;
      },
    });
    if (apiReportChanged) changed.push(name);
  }
} finally {
  rmSync(temporary, { recursive: true, force: true });
}
if (changed.length === 0) console.log("api: the report is that of the build");
else if (!check) console.log(`api: written for ${changed.join(", ")}`);
else {
  console.error(
    `api: the exports of ${changed.join(", ")} are not those of the report. Look at the change, note ` +
      "it in CHANGELOG.md, and write the report with `npm run api`.",
  );
  process.exitCode = 1;
}
