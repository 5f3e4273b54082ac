import { expect, onTestFinished, test, vi } from 'vitest'
import { security } from './connection.ts'

const login = {
  KAFKA_BOOTSTRAP_SERVERS: ['broker:9092'],
  KAFKA_SASL_MECHANISM: 'plain' as const,
  KAFKA_SASL_USERNAME: 'user',
  KAFKA_SASL_PASSWORD: 'secret',
}

test('a password that goes without TLS is warned of, once, and not said', () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  onTestFinished(() => warn.mockRestore())
  expect(security({ ...login, KAFKA_TLS: undefined }).ssl).toBe(true)
  expect(warn).not.toHaveBeenCalled()
  for (let time = 0; time < 2; time++) expect(security({ ...login, KAFKA_TLS: 'false' }).ssl).toBe(false)
  expect(warn.mock.calls).toEqual([[expect.stringContaining('SASL goes without TLS')]])
  expect(warn.mock.calls.join()).not.toContain('secret')
})
