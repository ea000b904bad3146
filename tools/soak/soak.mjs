/**
 * What make soak runs: faults of storage for an hour, and a report.
 *
 *   1. seeds of the simulation, for a third of the time
 *   2. in Chromium, the k-th operation of storage throws or never ends, for k from 1 to 30
 *   3. training in Chromium, for the rest of the time: the heap must stay flat
 *
 *   node tools/soak/soak.mjs [-minutes 60] [-from SEED] [-k 30] [-only PART] [-state FILE] [-report docs/reliability.md]
 *
 * With -report the section "Storage" of that file gets the totals. With -state each part
 * is written to FILE when it has ended, and one that is there is not done again. With
 * -only seeds, operations or training one part is done, which has all the minutes: so
 * they may run beside each other, with the same FILE. Needs dist/ and what
 * tools/e2e/start.mjs says.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

import { serve } from '../e2e/start.mjs';
import { growthOf, trainLong } from './hour.mjs';
import { failOperations } from './operations.mjs';
import { playSeeds } from './simulate.mjs';

/** @param {string} name @param {string} otherwise */
function option(name, otherwise) {
  const at = process.argv.indexOf(`-${name}`);
  return at < 0 ? otherwise : process.argv[at + 1];
}

const minutes = Number(option('minutes', '60'));
const from = Number(option('from', String(1 + Math.floor(Math.random() * 1e8))));
const report = option('report', '');
const file = option('state', '');
const began = Date.now();

const only = option('only', '');

/** The parts that have ended, in FILE. @returns {Record<string, any>} */
const read = () => (file && existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {});

/**
 * Does a part, unless it is done.
 *
 * @template T
 * @param {string} name
 * @param {() => Promise<T>} run
 * @returns {Promise<T | undefined>} undefined: it was not asked for
 */
async function part(name, run) {
  const done = read()[name];
  if (done || (only && only !== name)) return done;
  const result = await run();
  if (file) writeFileSync(file, `${JSON.stringify({ ...read(), [name]: result })}\n`);
  return result;
}

const seeds = await part('seeds', () => playSeeds(only ? minutes : minutes / 3, from));
for (const { seed, plan, problems } of seeds?.failed ?? []) console.log(`seed ${seed}, ${plan}: ${problems.join('; ')}`);
if (seeds) console.log(`${seeds.seeds} seeds from ${seeds.from} in ${seeds.seconds} s, ${seeds.failed.length} failed`);

const { url, end } = await serve();
const operations = await part('operations', () => failOperations(url, Number(option('k', '30'))));
for (const line of operations?.lost ?? []) console.log(line);
if (operations)
  console.log(`${operations.injected} operations failed in Chromium, ${operations.survived} of ${operations.cases} runs survived`);

const long = await part('training', () => trainLong(url, Math.max(1, minutes - (Date.now() - began) / 60_000)));
const grown = growthOf(long?.samples ?? []);
const problems = long ? [...long.problems, ...grown.problems] : [];
for (const line of problems) console.log(line);
const growth = (/** @type {'heap' | 'nodes' | 'listeners'} */ name) => `${((grown.growth[name] - 1) * 100).toFixed(1)} %`;
if (long)
  console.log(
    `${long.minutes.toFixed(0)} minutes of training, ${long.steps} steps: the heap grew by ${growth('heap')}, nodes by ${growth('nodes')}`,
  );
end();

if (report && seeds && operations && long) {
  const { counts } = seeds;
  const faults = counts.thrown + counts.hung + counts.late;
  const number = (/** @type {number} */ n) => n.toLocaleString('en');
  const table = `| | injected | survived | lost |
|---|---|---|---|
| simulation, ${number(seeds.seeds)} seeds: ${number(counts.thrown)} operations threw, ${number(counts.hung)} hung, ${number(counts.late)} were late; ${number(counts.kills)} tabs died; ${number(counts.workers)} workers failed | ${number(faults + counts.kills + counts.workers)} | ${number(seeds.seeds - seeds.failed.length)} seeds | ${number(seeds.failed.length)} seeds |
| Chromium, the k-th operation of both kinds of storage throws or never ends | ${number(operations.injected)} | ${number(operations.survived)} of ${number(operations.cases)} runs | ${number(operations.cases - operations.survived)} |

The simulated runs had ${number(counts.runs)} runs and ${number(counts.steps)} steps in ${number(Math.round(counts.seconds / 3600))} hours of their own time, ${number(counts.finished)} came to their end, ${number(counts.resumed)} were taken up again.
The seeds began at ${seeds.from}. In Chromium a crash cost ${operations.most} checkpoints of a quarter of a second at most. In ${long.minutes.toFixed(0)} minutes of training with a drawing that follows the model the least heap of ten seconds
grew by ${growth('heap')}, nodes by ${growth('nodes')}, listeners by ${growth('listeners')}.`;
  const text = readFileSync(report, 'utf8');
  const [start, stop] = ['<!-- totals of storage -->', '<!-- end of totals of storage -->'];
  const [a, b] = [text.indexOf(start), text.indexOf(stop)];
  if (a < 0 || b < a) throw new Error(`${report} has no place for totals: ${start}`);
  writeFileSync(report, `${text.slice(0, a + start.length)}\n${table}\n${text.slice(b)}`);
}
const lost = (seeds?.failed.length ?? 0) + (operations?.lost.length ?? 0) + problems.length;
process.exitCode = lost > 0 ? 1 : 0;
