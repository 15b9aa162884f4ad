/** The thread of the auditor: gets the configuration of the pages, answers with the audit. */
import { audit } from "../../../src/chain/audit/audit.js";
import { explainFailure } from "../../../src/chain/errors/explain-failure.js";
import { connectRpc } from "../../../src/chain/rpc.js";
import { errorToJson } from "../../../src/errors/error-json.js";
import { parseWebConfig } from "../../../src/pages/config.js";
import type { WorkerMessage } from "./auditor.js";

const say = (message: WorkerMessage): void => {
  postMessage(message);
};

addEventListener("message", ({ data }: MessageEvent<string>) => {
  const { deployment, rpcUrl, compareUrl, finality } = parseWebConfig(data);
  Promise.all([connectRpc(rpcUrl), compareUrl === undefined ? null : connectRpc(compareUrl)])
    .then(([provider, compare]) =>
      audit(provider, deployment, {
        finality,
        ...(compare === null ? {} : { compare }),
        onProgress: (progress) => {
          say({ progress });
        },
      }),
    )
    .then(
      (result) => {
        say({ result });
      },
      (error: unknown) => {
        say({ error: errorToJson(explainFailure(error)) });
      },
    );
});
