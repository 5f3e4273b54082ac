// A request of the collection, and what it expects besides that which the contract says of every answer.

export type Step = {
  name: string
  operation: string
  status: number
  at?: string // instead of the path of the operation
  headers?: Record<string, string>
  body?: unknown // instead of the example of the contract; a string is sent as it is
  anonymous?: boolean // without the token: where the API is open, that is as good as with it
  before?: string[]
  tests?: string[]
}
export type Folder = { name: string; description?: string; before?: string[]; steps: Step[] }

export const problem = (detail: string) => [
  `pm.test(${JSON.stringify(detail)}, () => pm.expect(pm.response.json().detail).to.equal(${JSON.stringify(detail)}))`,
]
export const issues = (...places: string[]) => [
  `pm.test('every issue is named', () => {`,
  `  const places = pm.response.json().errors.map((issue) => issue.pointer ?? issue.parameter ?? issue.header)`,
  `  pm.expect(places).to.eql(${JSON.stringify(places)})`,
  `})`,
]
/** Keeps a value for later requests, which take it as `{{name}}`. */
export const keep = (name: string, value: string) => `pm.collectionVariables.set('${name}', ${value})`
