import { launch } from './webkit.mjs';
import { smoke } from './smoke.mjs';

smoke('WebKitGTK', launch, process.env.WEBKIT ? undefined : 'WEBKIT names none');
