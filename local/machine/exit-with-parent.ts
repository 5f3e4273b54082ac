// Preloaded into wrangler: ends it when `npm run dev` is killed without a chance to clean up. Wrangler also disconnects by itself,
// just before it ends with an exit code that we want to know: hence the moment that it gets.

const MOMENT_MS = 100

process.on('disconnect', () => void setTimeout(() => process.exit(), MOMENT_MS).unref())
