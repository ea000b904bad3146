import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { simulate } from './scenario.js';

/** Seeds that have failed once, and what they showed. @type {{seed: number, found: string}[]} */
const cases = JSON.parse(readFileSync(new URL('cases.json', import.meta.url), 'utf8'));

/** `make soak` plays others, for as long as it is told. */
const seeds = 200;

test('seeds that have failed once pass', async () => {
  for (const { seed, found } of cases) {
    const { problems, plan } = await simulate(seed);
    assert.deepEqual(problems, [], `seed ${seed}, ${plan}; it failed first because ${found}`);
  }
});

test('whatever fails, training that is not kept is little or told of, and what has ended is there', async (t) => {
  const sum = { operations: 0, thrown: 0, hung: 0, late: 0, kills: 0, finished: 0, resumed: 0 };
  for (let seed = 1; seed <= seeds; seed++) {
    const { problems, plan, counts } = await simulate(seed);
    assert.deepEqual(problems, [], `seed ${seed}, ${plan}: node tools/soak/simulate.mjs -trace ${seed}`);
    for (const name of /** @type {(keyof typeof sum)[]} */ (Object.keys(sum))) sum[name] += counts[name];
  }
  t.diagnostic(JSON.stringify(sum));
  for (const [name, n] of Object.entries(sum)) assert.ok(n > seeds / 2, `${n} ${name}`);
});

test('a seed gives the same course each time', async () => {
  const courses = [];
  for (let i = 0; i < 2; i++) {
    /** @type {string[]} */
    const lines = [];
    await simulate(11, (line) => lines.push(line));
    courses.push(lines.join('\n'));
  }
  assert.equal(courses[0], courses[1]);
  assert.ok(courses[0].length > 500);
});
