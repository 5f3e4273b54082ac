// Imported before everything else, and plain JavaScript: it has to run on the Node that is too old for the rest.

if (Number(process.versions.node.split('.')[0]) < 24) {
  console.error(
    `This is Node ${process.versions.node}, and this project runs on Node 24 or newer. With npm 11 or newer it brings one itself, but for macOS: ` +
      '`npm install --global npm@11`, then `npm ci`.',
  )
  process.exit(1)
}
