import { expect, test } from 'vitest'
import { licences } from './licences.ts'

const component = (name: string, licenses: unknown[]) => ({ name, version: '1.0.0', licenses })

test('what is deployed is told by licence, and one that nobody has read is named', () => {
  const { byLicence, unread } = licences({
    components: [
      component('free', [{ license: { id: 'MIT' } }]),
      component('viral', [{ license: { id: 'AGPL-3.0-only' } }]),
      component('either', [{ expression: '(MIT OR GPL-3.0)' }]),
      component('own', [{ license: { name: 'Our own' } }]),
      component('silent', []),
      { ...component('tool', []), properties: [{ name: 'cdx:npm:package:development', value: 'true' }] },
    ],
  })
  expect(byLicence.get('MIT')?.map(({ name }) => name)).toEqual(['free@1.0.0'])
  expect(unread.map(({ name }) => name)).toEqual(['viral@1.0.0', 'either@1.0.0', 'own@1.0.0', 'silent@1.0.0'])
})

test('a list of nothing is none', () => {
  expect(() => licences({ components: [] })).toThrow()
})
