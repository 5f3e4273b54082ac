// Swagger UI, from its package: https://github.com/swagger-api/swagger-ui. wrangler.toml makes its files text in the
// bundle.

import bundle from 'swagger-ui-dist/swagger-ui-bundle.js'
import styles from 'swagger-ui-dist/swagger-ui.css'

/** For the page: it styles elements, draws images from data: URLs, and loads nothing from elsewhere. */
export const CONTENT_SECURITY_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

export const page = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width" />
    <title>Product API</title>
    <link rel="icon" href="data:," />
    <link rel="stylesheet" href="/docs/swagger-ui.css" />
  </head>
  <body>
    <main id="viewer"></main>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`

const start = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#viewer', deepLinking: true, validatorUrl: null })\n`

/** What the page loads, by name. */
export const resources = new Map([
  ['swagger-ui-bundle.js', { type: 'text/javascript; charset=utf-8', text: bundle }],
  ['swagger-ui.css', { type: 'text/css; charset=utf-8', text: styles }],
  ['start.js', { type: 'text/javascript; charset=utf-8', text: start }],
])
