/**
 * The settings of an experiment: what each may be, what goes with what, and how
 * they fit into the address of the page, so that a link opens a prepared
 * experiment.
 *
 * @typedef {import('../generated/catalog.js').Settings & {preset: string, workers: number}} Settings preset: the one it began with
 */
import { InkdriftError } from '../lib/errors.js';
import { defaults, families, fields, pixels, presets } from '../generated/catalog.js';
import { starts } from '../generated/start-models.js';
import { isMade, setInfo, madeSets } from './made-sets.js';
import { presetNames } from './presets.js';
import { auto } from './worker-count.js';

/**
 * The settings of a preset.
 *
 * @param {string} name
 * @param {number} workers
 * @returns {Settings}
 * @throws {InkdriftError} bad-value
 */
export function preset(name, workers) {
  if (!Object.hasOwn(presets, name)) {
    throw new InkdriftError('bad-value', `${JSON.stringify(name)}, should be one of ${presetNames.join(', ')}`, 'preset');
  }
  return /** @type {Settings} */ (structuredClone({ ...defaults, ...presets[name].settings, preset: name, workers }));
}

/**
 * What choosing a preset sets. It brings its data set; people's own pictures
 * stay where it has such, of a pen or of light.
 *
 * @param {string} name
 * @param {Settings} from what there was
 * @returns {Partial<Settings>}
 */
export function presetChange(name, { data, workers }) {
  return { preset: name, workers, ...(!isMade(data) && setInfo(data).ink === setInfo(preset(name, workers).data).ink && { data }) };
}

/**
 * A value as a setting has it.
 *
 * @param {string} name
 * @param {any} value its own type, or what a form or an address says
 * @returns {any}
 * @throws {InkdriftError} bad-value, with the setting as its field
 */
export function check(name, value) {
  const bad = (/** @type {string} */ wanted) => {
    throw new InkdriftError('bad-value', `${JSON.stringify(value)}, should be ${wanted}`, name);
  };
  if (!Object.hasOwn(fields, name)) throw new InkdriftError('bad-value', `there is no setting of this name`, name);
  const field = fields[name];
  switch (field.type) {
    case 'int':
    case 'number': {
      const known = name === 'workers' && value === 'auto' ? auto : value;
      const n = typeof known === 'string' && known.trim() ? Number(known) : known;
      if (typeof n !== 'number' || !(n >= field.min && n <= field.max) || (field.type === 'int' && !Number.isInteger(n))) {
        bad(`a ${field.type === 'int' ? 'whole ' : ''}number from ${field.min} to ${field.max}`);
      }
      return n;
    }
    case 'choice':
      if (!field.choices.includes(value)) bad(`one of ${field.choices.join(', ')}`);
      return value;
    case 'widths': {
      const list =
        typeof value === 'string'
          ? value
              .split(/[\s,;→-]+/)
              .filter(Boolean)
              .map(Number)
          : value;
      const good = (/** @type {any} */ w) => Number.isInteger(w) && w >= 1 && w <= field.width;
      if (!Array.isArray(list) || list.length > field.layers || !list.every(good)) {
        bad(`at most ${field.layers} widths from 1 to ${field.width}, as in "400, 200"`);
      }
      return [...list];
    }
    case 'start':
      if (typeof value !== 'string' || !(value === '' || Object.hasOwn(starts, value) || runStart.test(value)))
        bad(`the name of a model (${Object.keys(starts).join(', ')}), or empty`);
      return value;
    case 'name':
      if (typeof value !== 'string' || !value || value.length > 200) bad('the name of a data set');
      return value;
  }
}

/** What names a run whose model another one begins with. */
const runStart = /^run:[a-z0-9-]{1,60}$/;

/** The id of the run whose model is to begin with; '' where it is no run's. @param {string} from */
export const runOfStart = (from) => (runStart.test(from) ? from.slice(4) : '');

/** Settings of a network: those that a model to begin with fixes. */
export const network = /** @type {const} */ ([
  'family',
  'encoder',
  'decoder',
  'hidden',
  'kernel',
  'latent',
  'activation',
  'likelihood',
  'sigma',
  'output',
  'conditions',
  'recogniser',
  'discriminator',
]);

/**
 * The network of a shipped model.
 *
 * @param {string} from
 * @returns {Partial<Settings>} nothing where there is no such model
 */
function networkOf(from) {
  if (!Object.hasOwn(starts, from)) return {};
  const whole = /** @type {any} */ ({ ...defaults, ...starts[from].settings });
  return structuredClone(Object.fromEntries(network.map((name) => [name, whole[name]])));
}

/**
 * What choosing a model to begin with sets: the usual settings of its family, and pictures that it takes.
 *
 * @param {string} from the name of a shipped model; '': none, and the preset stays
 * @param {Settings} was
 * @returns {Partial<Settings>}
 */
export function startChange(from, was) {
  if (!Object.hasOwn(starts, from)) return { preset: was.preset, from: '', workers: was.workers, data: was.data };
  const { preset: name, settings, input } = starts[from];
  const keep = String(setInfo(was.data).shape) === String(input) && setInfo(was.data).ink === (input[0] === 1);
  const { data = defaults.data } = settings;
  const [model, usual] = [{ ...defaults, ...settings }, preset(name, 1)];
  const pixelsOf = /** @type {const} */ (['binarize', 'clipNorm']);
  const fit = Object.fromEntries(pixelsOf.filter((k) => model[k] !== usual[k]).map((k) => [k, model[k]]));
  return { preset: name, from, workers: was.workers, data: keep && !isMade(was.data) ? was.data : data, ...fit };
}

/** Settings that each family has its own usual values of. @type {(keyof Settings)[]} */
const ofFamily = [
  'encoder',
  'decoder',
  'hidden',
  'kernel',
  'activation',
  'output',
  'discriminator',
  'learningRate',
  'batch',
  'beta',
  'betaStart',
  'klWarmUp',
  'noise',
  'discriminatorRate',
];

/**
 * What goes with another family or another data set, and is taken over with it
 * unless it is said, too.
 *
 * @param {Settings} from
 * @param {any} part
 * @returns {Partial<Settings>}
 */
function company(from, { family = from.family, data = from.data }) {
  /** @type {Partial<Settings>} */
  const out = {};
  if (family !== from.family && Object.hasOwn(families, family)) {
    const usual = preset(families[family].preset, 1);
    Object.assign(out, Object.fromEntries(ofFamily.map((name) => [name, usual[name]])));
    if (!families[family].adversarial && from.binarize === 'none') delete out.output; // as its pictures want it
  }
  if (data === from.data) return out;
  const [was, is] = [from.data, data].map((name) => setInfo(name).ink);
  if (was !== is) Object.assign(out, is ? pixels.ink : pixels.shades);
  const kinds = isMade(data) ? madeSets[data].conditions : setInfo(data).classes.length;
  if (kinds > 1) out.conditions = kinds;
  return out;
}

/**
 * Whole settings out of a part of them.
 *
 * @param {any} part of what scripts and forms give; may name a preset
 * @param {number} workers how many, where nothing is said
 * @param {Settings} [from] where what is not said comes from; else the preset
 * @returns {Settings}
 * @throws {InkdriftError} bad-value
 */
export function complete(part, workers, from) {
  if (typeof part !== 'object' || part === null || Array.isArray(part)) {
    throw new InkdriftError('bad-value', 'not an object of settings', 'config');
  }
  const { preset: name, ...rest } = part;
  const settings = name === undefined && from ? structuredClone(from) : preset(name ?? presetNames[0], workers);
  const checked = Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, check(key, value)]));
  Object.assign(settings, company(settings, checked), checked);
  return Object.assign(settings, networkOf(settings.from));
}

/**
 * Names of the settings that differ.
 *
 * @param {Settings} a
 * @param {Settings} b
 * @returns {string[]}
 */
export function differences(a, b) {
  return Object.keys(fields).filter((k) => !same(/** @type {any} */ (a)[k], /** @type {any} */ (b)[k]));
}

/**
 * Names of the settings that differ and that only a new run takes over.
 *
 * @param {Settings} a
 * @param {Settings} b
 * @returns {string[]}
 */
export function needReset(a, b) {
  return differences(a, b).filter((k) => fields[k].when === 'new');
}

/**
 * Takes over what can change a run that is going on.
 *
 * @param {Settings} active of the run; changed
 * @param {Settings} next
 * @returns {Partial<Settings>} what has changed
 */
export function applySettings(active, next) {
  const changed = differences(active, next).filter((k) => fields[k].when === 'live');
  const part = Object.fromEntries(changed.map((k) => [k, /** @type {any} */ (next)[k]]));
  Object.assign(active, part);
  return part;
}

/** @param {any} a @param {any} b */
function same(a, b) {
  return Array.isArray(a) ? String(a) === String(b) : a === b;
}

/** What the address begins with where it opens the train view. */
const place = '#train';

/**
 * Whether an address opens the train view.
 *
 * @param {string} hash
 */
export function isTrainAddress(hash) {
  return hash === place || hash.startsWith(`${place}?`);
}

/**
 * The part of an address that opens the train view with these settings: what differs
 * from the preset.
 *
 * @param {Settings} settings
 * @param {number} workers how many there are where nothing is said
 */
export function toHash(settings, workers) {
  const isUsual = Object.hasOwn(starts, settings.from) && starts[settings.from].preset === settings.preset;
  const plain = preset(settings.preset, workers);
  const base = isUsual ? complete(startChange(settings.from, plain), workers, plain) : plain;
  const query = new URLSearchParams();
  if (isUsual) query.set('from', settings.from);
  else if (settings.preset !== presetNames[0]) query.set('preset', settings.preset);
  for (const name of Object.keys(fields)) {
    const value = /** @type {any} */ (settings)[name];
    if (same(value, /** @type {any} */ (base)[name])) continue;
    query.set(name, Array.isArray(value) ? value.join('-') : name === 'workers' && value === auto ? 'auto' : String(value));
  }
  if (Object.hasOwn(starts, settings.from)) for (const name of network) query.delete(name);
  const text = query.toString();
  return text ? `${place}?${text}` : place;
}

/**
 * The settings that an address asks for. What it says wrong is left out and
 * told, so that a mistyped link still opens.
 *
 * @param {string} hash
 * @param {number} workers
 * @returns {{settings: Settings, errors: InkdriftError[], wrong: Record<string, string>}} wrong: what it says of settings that there are
 */
export function fromHash(hash, workers) {
  /** @type {InkdriftError[]} */
  const errors = [];
  /** @type {Record<string, string>} */
  const wrong = {};
  const query = new URLSearchParams(hash.slice(place.length).replace(/^\?/, ''));
  const attempt = (/** @type {() => void} */ fn) => {
    try {
      fn();
    } catch (e) {
      errors.push(InkdriftError.from(e));
    }
  };
  let settings = preset(presetNames[0], workers);
  const name = query.get('preset');
  if (name !== null) attempt(() => (settings = preset(name, workers)));
  const from = query.get('from') ?? '';
  if (name === null && Object.hasOwn(starts, from)) attempt(() => (settings = complete(startChange(from, settings), workers, settings)));
  for (const [key, value] of query) {
    if (key === 'preset') continue;
    if (!Object.hasOwn(fields, key)) {
      errors.push(new InkdriftError('setting-unknown', 'the address names it', key));
      continue;
    }
    const before = errors.length;
    attempt(() => void Object.assign(settings, { [key]: check(key, value) }));
    if (errors.length > before) wrong[key] = value;
  }
  Object.assign(settings, networkOf(settings.from));
  return { settings, errors, wrong };
}
