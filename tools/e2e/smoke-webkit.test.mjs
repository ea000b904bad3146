import { test } from 'node:test';

import { launch } from './webkit.mjs';
import { smoke } from './smoke.mjs';

const { WEBKIT, WEBKIT_MISSING } = process.env;

test('the main job in WebKitGTK', { skip: WEBKIT ? false : (WEBKIT_MISSING ?? 'WEBKIT names none') }, (t) => smoke(t, launch));
