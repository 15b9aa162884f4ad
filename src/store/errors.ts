import { defineErrors } from "../errors/catalogue.js";
import { ExitCode } from "../errors/sipster-error.js";

export const storeErrors = defineErrors("store", {
  damaged: {
    consequence:
      "The file was changed or lost bytes after it had been written. Nothing more is read from it, because a part of the books without the rest would allow paying or charging twice.",
    cure: "Restore the file from a copy made after its last use. Keep the damaged file: it may help to find out what happened.",
  },
  "rolled-back": {
    consequence:
      "The file is older than the last change that was confirmed, or another file stands in its place. Nothing was read from it: with old books a coin could be spent twice.",
    cure: "Put the newest copy of the file in its place. To go on with this content all the same, delete the file that is named with the ending -mark.",
  },
  "not-a-store": {
    consequence: "The file was not written by this program; it was left as it is.",
    cure: "Name the store's own file, or a file that does not exist yet.",
  },
  newer: {
    consequence:
      "The file was written by a newer version of this program; it was left as it is, since this version could misread it.",
    cure: "Use the newer version of the program.",
  },
  locked: {
    consequence: "Another process has the store open; nothing was read or written.",
    cure: "Stop the other process, or wait for it to end. The lock ends with the process: there is no file to delete.",
    exit: ExitCode.TryAgain,
  },
  "no-folder": {
    consequence: "The folder of the file does not exist; nothing was read or written.",
    cure: "Make the folder, or name another one.",
  },
  "no-access": {
    consequence:
      "The operating system does not let this user read and write the file and its folder; nothing was written.",
    cure: "Give the user of this process the right to write the folder and the files in it, or mount the disk for writing.",
  },
  "disk-full": {
    consequence: "The change was not made, and nothing of it is on disk. What was confirmed stays.",
    cure: "Free space on the disk that is named, then try again.",
    exit: ExitCode.TryAgain,
  },
  "write-failed": {
    consequence:
      "The operating system did not confirm that the change is on disk. It was confirmed to nobody; only opening the file again tells whether it is there, and until then the file takes no further change.",
    cure: "Repair the disk that is named, then start again: what was confirmed before is kept.",
    exit: ExitCode.Unavailable,
  },
  unreachable: {
    consequence:
      "The database did not answer in time, after several attempts; the change was not made.",
    cure: "Start the database, or correct its URL, then try again.",
    exit: ExitCode.Unavailable,
  },
  "outcome-unknown": {
    consequence:
      "The connection to the database ended while a change was being confirmed: it was made as a whole, or not at all.",
    cure: "Ask again: what is there tells which.",
    exit: ExitCode.TryAgain,
  },
  "no-driver": {
    consequence:
      "A store in PostgreSQL needs the package pg, which is not installed; nothing was opened.",
    cure: "Install it beside this program (`npm install pg`), or use a file.",
  },
  closed: {
    consequence: "The store was closed before; nothing was read or written.",
    cure: "Open it again, or close it later.",
  },
});
