import { launch } from './firefox.mjs';
import { smoke } from './smoke.mjs';

smoke('Firefox', launch, process.env.FIREFOX ? undefined : 'FIREFOX names none');
