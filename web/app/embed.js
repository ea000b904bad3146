/**
 * The page in a frame of somebody else's (?embed=1): pads, morph, and a link to
 * the whole page. It tells the window above what goes on and takes calls from
 * it, both with postMessage. docs/scripting.md has the messages.
 *
 * Any page may put it in a frame, so calls only read, unless the frame's own
 * address says control=1. The frame may have no origin of its own (sandbox).
 */
import { byId, make } from '../lib/dom.js';
import { InkdriftError } from '../lib/errors.js';
import { copyText } from '../ui/copy.js';
import { readLink } from './link.js';

/** Longest title and note that are shown. */
const longest = { title: 80, note: 300 };

/** The least time between two messages of a kind, in milliseconds. */
const pauseMs = { state: 100, morph: 50, train: 100 };

/** Calls that only read. */
const reading = new Set(['state', 'rects', 'models', 'encode', 'decode', 'morph', 'link', 'map.project', 'map.at']);

/** Calls that change what is shown, or train. */
const writing = new Set(['load', 'show', 'play', 'pause', 'seek', 'train.start', 'train.pause', 'train.step', 'train.reset']);

/**
 * @typedef {object} EmbedPage
 * @property {Readonly<Record<string, any>>} api window.inkdrift
 * @property {import('../views/studio/studio.js').Studio} studio
 * @property {import('../lib/i18n.js').I18n} i18n
 * @property {import('../lib/emitter.js').Emitter} events
 */

/**
 * Adds what the frame has of its own, and opens it to the window above.
 *
 * @param {EmbedPage} page
 */
export function openEmbed(page) {
  const query = new URLSearchParams(location.search);
  addHead(page, plainText(query.get('title'), longest.title), plainText(query.get('note'), longest.note));
  if (parent !== window) connect(page, query.get('control') === '1');
}

/**
 * A line of text from the address.
 *
 * @param {string | null} text
 * @param {number} most characters
 */
export function plainText(text, most) {
  const line = [...(text ?? '').replace(/[\s\p{Cc}\p{Cf}]+/gu, ' ').trim()];
  return line.length > most ? `${line.slice(0, most - 1).join('')}…` : line.join('');
}

/**
 * @param {EmbedPage} page
 * @param {string} title
 * @param {string} note
 */
function addHead({ api, i18n }, title, note) {
  const head = make('div', { className: 'embed-head' });
  if (title) head.append(make('h2', {}, title));
  const link = make('a', { id: 'embed-open', target: '_blank', rel: 'noopener', href: api.link() });
  i18n.text(link, 'embed.open');
  void api.ready.then(() => (link.href = api.link()));
  for (const event of ['pointerdown', 'focus']) link.addEventListener(event, () => (link.href = api.link()));
  link.addEventListener('click', (e) => {
    link.href = api.link();
    if (window.origin !== 'null') return;
    // Where the frame may open no window, the address is there to be copied.
    e.preventDefault();
    const opened = open(link.href);
    if (opened) opened.opener = null;
    else void copyText(link.href, i18n);
  });
  head.append(link);
  if (note) head.append(make('p', {}, note));
  byId('stage', HTMLElement).parentElement?.before(head);
}

/**
 * @param {EmbedPage} page
 * @param {boolean} control whether calls may change something
 */
function connect({ api, studio, events }, control) {
  const tell = (/** @type {object} */ message) => parent.postMessage(message, '*');
  const calls = makeCalls(api, studio, control);
  addEventListener('message', async ({ source, data }) => {
    if (source !== parent || data?.inkdrift !== 'call') return;
    const { id } = data;
    try {
      tell({ inkdrift: 'answer', id, value: await calls(data.call, data.args) });
    } catch (e) {
      const { code, message, field } = InkdriftError.from(e);
      tell({ inkdrift: 'answer', id, error: { code, message, field } });
    }
  });
  const state = spaced(pauseMs.state, () => tell({ inkdrift: 'state', state: api.state() }));
  events.on('change', state);
  studio.onMoved(spaced(pauseMs.morph, () => tell({ inkdrift: 'morph', morph: api.state().morph })));
  const train = spaced(pauseMs.train, () => tell({ inkdrift: 'train', train: api.state().train }));
  events.on('progress', (progress) => 'train' in progress && train());
  events.on('error', ({ code, message, field }) => tell({ inkdrift: 'error', error: { code, message, field } }));
  void api.ready.then(() => {
    tell({ inkdrift: 'ready', control });
    state();
  });
}

/**
 * Makes the function that does what a message calls for.
 *
 * @param {Readonly<Record<string, any>>} api
 * @param {Pick<import('../views/studio/studio.js').Studio, 'show' | 'start' | 'pause' | 'seek'>} studio
 * @param {boolean} control
 * @returns {(name: unknown, args: unknown) => unknown} it throws an InkdriftError: bad-value, read-only
 */
export function makeCalls(api, studio, control) {
  /** @type {Record<string, (arg: any) => unknown>} */
  const own = {
    show(address) {
      const at = typeof address === 'string' ? address.indexOf('#') : -1;
      const link = at < 0 ? null : readLink(address.slice(at));
      if (!link || link.wrong.length > 0) throw new InkdriftError('bad-value', 'no link of inkdrift.link()', 'link');
      studio.show(link);
      return link.model === undefined || link.model === api.state().model ? null : api.load(link.model);
    },
    play: () => studio.start(),
    pause: () => studio.pause(),
    seek(t) {
      if (typeof t !== 'number' || !(t >= 0 && t <= 1)) throw new InkdriftError('bad-value', `${t}, should be from 0 to 1`, 't');
      studio.seek(t);
    },
  };
  return async (name, args = []) => {
    if (typeof name !== 'string' || !(reading.has(name) || writing.has(name))) {
      throw new InkdriftError('bad-value', `${JSON.stringify(name)}, should be one of ${[...reading, ...writing].join(', ')}`, 'call');
    }
    if (!Array.isArray(args)) throw new InkdriftError('bad-value', 'not an array', 'args');
    if (writing.has(name) && !control) throw new InkdriftError('read-only', `${name}: the address of the frame has no control=1`, 'call');
    await api.ready;
    if (Object.hasOwn(own, name)) return own[name](args[0]);
    const fn = name.split('.').reduce((/** @type {any} */ at, part) => at?.[part], api);
    if (typeof fn !== 'function') throw new InkdriftError('bad-value', `${name} is not there`, 'call');
    const value = await fn(...args);
    return value === undefined ? null : value;
  };
}

/**
 * A function that calls fn at most once in a while, and in the end for the last time.
 *
 * @param {number} ms
 * @param {() => void} fn
 */
function spaced(ms, fn) {
  let waits = false;
  return () => {
    if (waits) return;
    waits = true;
    setTimeout(() => {
      waits = false;
      fn();
    }, ms);
  };
}
