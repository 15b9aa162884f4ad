// Plain JavaScript that any Node can parse, so that an old one gets a sentence and not a stack.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 13)) {
  console.error(
    `sipster: Node ${process.versions.node} is too old, 22.13 or later is needed: run  npx -y -p node@24 -c "npm ci && npm start"`,
  );
  process.exit(2);
}
