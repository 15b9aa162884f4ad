/** A passphrase in the environment during a suite, as commands that keep secrets want it. */
export function withPassphrase(): string {
  const passphrase = "correct horse battery staple";
  before(() => {
    process.env.SIPSTER_PASSPHRASE = passphrase;
  });
  after(() => {
    delete process.env.SIPSTER_PASSPHRASE;
  });
  return passphrase;
}
