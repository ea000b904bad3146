import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatDuration, formatMegabytes, formatNumber, formatPercent, formatProbability } from './format.js';

test('numbers have about three significant digits', () => {
  /** @type {[number, string][]} */
  const cases = [
    [0, '0'],
    [123.456, '123'],
    [12.345, '12.3'],
    [1.2345, '1.23'],
    [0.12345, '0.123'],
    [0.0012345, '0.00123'],
    [-12.345, '-12.3'],
    [123456, '123,456'],
    [1234567, '1.23E6'],
    [0.000012345, '1.23E-5'],
  ];
  for (const [v, text] of cases) assert.equal(formatNumber(v, 'en'), text);
  assert.equal(formatNumber(1.2, 'en', 2), '1.20');
  assert.equal(formatNumber(99.5, 'en', 0), '100');
  assert.equal(formatNumber(2e6, 'en', 1), '2E6');
});

test('only the whole is 100 %, and no classifier is certain', () => {
  assert.deepEqual([0, 0.004, 0.5, 0.994, 0.995, 0.9999, 1].map(formatPercent), ['0', '0', '50', '99', '> 99', '> 99', '100']);
  assert.deepEqual([0.123, 0.997, 1].map(formatProbability), ['12', '> 99', '> 99']);
});

test('durations are read as on a clock', () => {
  /** @type {[number, string][]} */
  const cases = [
    [0, '0:00'],
    [9.9, '0:09'],
    [61, '1:01'],
    [3599, '59:59'],
    [3600, '1:00:00'],
    [36_061, '10:01:01'],
  ];
  for (const [seconds, text] of cases) assert.equal(formatDuration(seconds), text);
});

test('megabytes have one digit after the point', () => {
  assert.equal(formatMegabytes(0, 'en'), '0.0');
  assert.equal(formatMegabytes(5_930_000, 'en'), '5.9');
  assert.equal(formatMegabytes(1_234_567_890, 'en'), '1,234.6');
});
