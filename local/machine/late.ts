/** Waits for something as long as it takes, and says so where that is long. */
export async function sayIfLate<T>(waiting: Promise<T>, ms: number, say: () => void) {
  const timer = setTimeout(say, ms)
  try {
    return await waiting
  } finally {
    clearTimeout(timer)
  }
}
