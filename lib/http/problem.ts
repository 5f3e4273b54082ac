// Errors as clients see them: problem details, RFC 9457.

/**
 * One issue of a request: where it is, as a JSON Pointer (RFC 6901) into the body, or into what a line of it has
 * (1-based), or the name of a query parameter or a header, and what it is.
 */
export type Issue = ({ line?: number; pointer: string } | { parameter: string } | { header: string }) & {
  detail: string
}

// Phrases of RFC 9110, section 15.
const TITLES = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
} as const

type Extras = { errors?: Issue[]; headers?: Record<string, string> }

/** Thrown wherever a request cannot go on, answered by createApp(). */
export class Problem extends Error {
  override name = 'Problem'
  status: keyof typeof TITLES
  errors: Issue[] | undefined
  headers: Record<string, string>

  constructor(status: keyof typeof TITLES, detail: string, { errors, headers = {} }: Extras = {}) {
    super(detail)
    this.status = status
    this.errors = errors
    this.headers = headers
  }

  /** `about:blank` says that the status is all there is to the type (RFC 9457, section 4.2.1). */
  toJSON() {
    const { status, message: detail, errors } = this
    return { type: 'about:blank', title: TITLES[status], status, detail, ...(errors && { errors }) }
  }
}
