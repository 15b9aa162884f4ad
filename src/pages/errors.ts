import { defineErrors } from "../errors/catalogue.js";
import { ExitCode } from "../errors/sipster-error.js";

export const webErrors = defineErrors("web", {
  "not-built": {
    consequence: "The server did not start.",
    cure: "Install sipster again: its package contains the pages. In a checkout run `npm run build`.",
    exit: ExitCode.Unavailable,
  },
  "bad-config": {
    consequence: "The pages do not know which contracts and which node they are for.",
    cure: "Tell the operator of these pages. As the operator, serve them with `sipster web`, or serve the folder of `sipster web --out` unchanged.",
  },
  "folder-not-empty": {
    consequence: "Nothing was written.",
    cure: "Name a folder that does not exist or is empty.",
    exit: ExitCode.Usage,
  },
  "file-too-large": {
    consequence: "It is not a bill file, and was not read.",
    cure: "Choose the file that the resident's device wrote: it has about a thousand characters.",
  },
  "altered-bill": {
    consequence:
      "The bill was changed after the meter signed it, or the file is damaged; nothing was sent.",
    cure: "Choose the file as the resident's device wrote it. If it is that file, have the device write it again.",
  },
  "key-inconsistent": {
    consequence:
      "The contract registers no such key, so the node that answers is not to be trusted; nothing was sent.",
    cure: "Use another node, and compare the deployment record with the utility's own.",
  },
  "pairing-fails": {
    consequence:
      "The bill is not paid by this receipt, although the node says that it would settle: the node is not to be trusted. Nothing was sent.",
    cure: "Use another node, and combine the receipts of the period again.",
  },
});
