const SAFE_DIGITS = 15 // a decimal of up to 15 significant digits survives the way through a double (IEEE 754; DBL_DIG of C)

/**
 * JSON.parse(), but a number that a double would silently change becomes NaN, which no schema accepts. Throws
 * SyntaxError.
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, keepExact)
  } catch (error) {
    if (error instanceof SyntaxError) throw error
    return JSON.parse(text) // nested too deep to be walked; no schema accepts that either
  }
}

function keepExact(_key: string, value: unknown, context?: { source?: string }) {
  if (typeof value !== 'number') return value
  const digits = significantDigits(context?.source ?? '')
  const underflown = value === 0 && digits > 0 // as 1e-400, which is too small for a double
  return digits > SAFE_DIGITS || underflown ? NaN : value
}

function significantDigits(number: string) {
  const [mantissa = ''] = number.toLowerCase().split('e')
  return mantissa.replace(/[-.]/g, '').replace(/^0+/, '').replace(/0+$/, '').length
}
