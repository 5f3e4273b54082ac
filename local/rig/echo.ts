// A Worker that tells what it was sent, in the place of a function.

type Env = { NAME: string; VERSION: string }

export default {
  async fetch(request: Request, { NAME, VERSION }: Env) {
    const { method, url, headers } = request
    return Response.json({
      name: NAME,
      version: VERSION,
      method,
      url,
      headers: Object.fromEntries(headers),
      body: await request.text(),
    })
  },
}
