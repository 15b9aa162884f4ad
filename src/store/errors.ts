import { defineErrors } from "../errors/catalogue.js";
import { ExitCode } from "../errors/sipster-error.js";

export const storeErrors = defineErrors("store", {
  damaged: {
    consequence:
      "The file was changed or lost bytes after it had been written; nothing was read from it, because a part of the books without the rest would allow paying or charging twice.",
    cure: "Restore the file from a copy made after its last use. Do not delete the damaged part.",
  },
  locked: {
    consequence: "Another process is using the file; nothing was read or written.",
    cure: "Stop the other process, or wait for it to end. If no such process uses the file (its number was given to another program), delete the lock file that is named.",
    exit: ExitCode.TryAgain,
  },
  "write-failed": {
    consequence:
      "The operating system did not confirm that the change is on disk. It counts as not made; the file takes no further change until it is opened again.",
    cure: "Free space or repair the disk that is named, then start again: what was confirmed before is kept.",
    exit: ExitCode.Unavailable,
  },
  closed: {
    consequence: "The store was closed before; nothing was read or written.",
    cure: "Open it again, or close it later.",
  },
});
