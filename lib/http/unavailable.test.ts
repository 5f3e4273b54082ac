import { NeonDbError } from '@neondatabase/serverless'
import { expect, test } from 'vitest'
import { isUnavailable } from './unavailable.ts'

const failure = (code?: string) => Object.assign(new NeonDbError('failed'), code !== undefined && { code })

test.each([
  ['', 'no answer from the database at all'],
  ['08006', 'connection_failure'],
  ['25006', 'read_only_sql_transaction'],
  ['25P04', 'transaction_timeout'],
  ['28P01', 'invalid_password'],
  ['3D000', 'invalid_catalog_name'],
  ['40001', 'serialization_failure'],
  ['40P01', 'deadlock_detected'],
  ['53100', 'disk_full'],
  ['53300', 'too_many_connections'],
  ['55P03', 'lock_not_available'],
  ['57014', 'query_canceled'],
  ['57P01', 'admin_shutdown'],
  ['57P03', 'cannot_connect_now'],
  ['58030', 'io_error'],
  ['XX000', 'internal_error'],
])('%s, %s, is the database not to be used', (code) => {
  expect(isUnavailable(failure(code))).toBe(true)
})

test.each([
  ['22003', 'numeric_value_out_of_range'],
  ['22P02', 'invalid_text_representation'],
  ['23505', 'unique_violation'],
  ['25001', 'active_sql_transaction'],
  ['40002', 'transaction_integrity_constraint_violation'],
  ['42501', 'insufficient_privilege'],
  ['42P01', 'undefined_table'],
  ['54000', 'program_limit_exceeded'],
  ['55000', 'object_not_in_prerequisite_state'],
  ['P0001', 'raise_exception'],
])('%s, %s, is a mistake of ours', (code) => {
  expect(isUnavailable(failure(code))).toBe(false)
})

test('what is not of the database is not', () => {
  expect(isUnavailable(new TypeError('08006'))).toBe(false)
  expect(isUnavailable('08006')).toBe(false)
})
