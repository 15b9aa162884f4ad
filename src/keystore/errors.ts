import { defineErrors } from "../errors/catalogue.js";

export const keystoreErrors = defineErrors("keystore", {
  "no-passphrase": {
    consequence: "Without a passphrase secrets would lie in plain text; nothing was written.",
    cure: "Give a passphrase that is not empty, and keep it: nothing opens the secrets without it.",
  },
  "wrong-passphrase": {
    consequence: "No secret was opened.",
    cure: "Give the passphrase that the keyring was made with. It cannot be recovered.",
  },
  "bad-keyring": {
    consequence:
      "The record that the passphrase is stretched with was altered; no secret was opened.",
    cure: "Restore the file from a copy. Do not make a new keyring in its place: it opens none of the old secrets.",
  },
  "bad-file": {
    consequence: "The file does not hold a sealed secret; nothing was opened.",
    cure: "Restore the file from a copy.",
  },
  "other-keyring": {
    consequence: "The secret was sealed under another keyring; it was not opened.",
    cure: "Put the file back that belongs here, or open it with the keyring that it was sealed under.",
  },
  "other-secret": {
    consequence:
      "The file holds a secret for another purpose, put in this one's place; it was not opened. A key that served two uses would endanger both.",
    cure: "Put the file back that belongs here.",
  },
  altered: {
    consequence: "The sealed secret was altered, or lost bytes; it was not opened.",
    cure: "Restore the file from a copy.",
  },
});
