// The floor: a Worker that only answers.

export default { fetch: () => new Response('ok') }
