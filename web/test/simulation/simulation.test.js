import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { play } from './play.js';

/** Seeds that have failed once, and what they showed. @type {{seed: number, found: string}[]} */
const cases = JSON.parse(readFileSync(new URL('cases.json', import.meta.url), 'utf8'));

/** `make soak` plays others, for as long as it is told. */
const seeds = 200;

test('seeds that have failed once pass', async () => {
  const played = await play(cases.map(({ seed }) => seed));
  assert.equal(played.length, cases.length);
  for (const [i, { seed, problems, plan }] of played.entries())
    assert.deepEqual(problems, [], `seed ${seed}, ${plan}; it failed first because ${cases[i].found}`);
});

test('whatever fails, training that is not kept is little or told of, and what has ended is there', async (t) => {
  const sum = { operations: 0, thrown: 0, hung: 0, late: 0, kills: 0, finished: 0, resumed: 0 };
  const played = await play(Array.from({ length: seeds }, (_, i) => i + 1));
  assert.equal(played.length, seeds);
  for (const { seed, problems, plan, counts } of played) {
    assert.deepEqual(problems, [], `seed ${seed}, ${plan}: node tools/soak/simulate.mjs -trace ${seed}`);
    for (const name of /** @type {(keyof typeof sum)[]} */ (Object.keys(sum))) sum[name] += counts[name];
  }
  t.diagnostic(JSON.stringify(sum));
  for (const [name, n] of Object.entries(sum)) assert.ok(n > seeds / 2, `${n} ${name}`);
});

test('a seed gives the same course each time', async () => {
  const [first, second] = await play([11, 11], { traced: true });
  assert.deepEqual(first.lines, second.lines);
  assert.ok(first.lines.join('\n').length > 500);
});
