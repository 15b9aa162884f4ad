/** For commands that serve something until somebody stops them. */

/** Resolves when the process is asked to end: Ctrl-C, or a service manager's SIGTERM. */
export function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    const stop = (): void => {
      process.off("SIGINT", stop);
      process.off("SIGTERM", stop);
      resolve();
    };
    process.on("SIGINT", stop);
    process.on("SIGTERM", stop);
  });
}
