import { test } from 'node:test';

import { launch } from './firefox.mjs';
import { smoke } from './smoke.mjs';

const { FIREFOX, FIREFOX_MISSING } = process.env;

test('the main job in Firefox', { skip: FIREFOX ? false : (FIREFOX_MISSING ?? 'FIREFOX names none') }, (t) => smoke(t, launch));
