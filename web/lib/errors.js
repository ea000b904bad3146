/**
 * Errors that people and scripts see. Each has a code; the catalogues of
 * locales/ have a sentence for every code under "error.CODE".
 */

import { codes as engineCodes } from '../generated/protocol.js';

/** Codes of the shell itself. */
const shellCodes = [
  'assets-missing', // assets.json is not there or not what it should be
  'bad-run', // an imported file is no run and no model
  'data-too-large', // files are more than can be read
  'data-missing', // a data set beside the page or a kept one cannot be had
  'disk-full', // there is no room for what is to be kept
  'drawing-full', // the strokes of a pad have as many points as can be handled
  'engine-died', // the worker died and took this request with it
  'engine-gone', // the worker died too often and is not started again
  'file-of-data', // a file of a data set was given to a pad
  'file-unknown', // a dropped file is neither picture nor model
  'file-unreadable', // the browser could not read a chosen file
  'model-missing', // the model file could not be fetched
  'model-unknown', // no model of this name is in models/index.json
  'models-missing', // models/index.json is not there or not what it should be
  'no-data', // an archive holds neither pictures nor a data set
  'no-wasm', // the browser has no WebAssembly
  'nothing-to-save', // there is no morph yet
  'read-only', // a call from the window around an embedded page would change something
  'run-elsewhere', // another tab holds the run
  'run-missing', // there is no such run, or it has no model
  'setting-unknown', // an address names a setting that there is not
  'stage-failed', // the stage reported an error
  'stage-silent', // the stage did not start
  'storage', // drawings cannot be kept for the next visit
  'storage-damaged', // a kept file is not what was written
  'storage-failed', // the storage could not be read or written
  'storage-memory', // there is no storage: all is gone with the tab
  'timeout', // no answer in time
  'unexpected', // a fault of the page itself
];

/** Every code there is a sentence for. */
export const codes = [...engineCodes, ...shellCodes];

const known = new Set(codes);

/** The one error type of the page and of window.inkdrift. */
export class InkdriftError extends Error {
  /**
   * @param {string} code one of {@link codes}
   * @param {string} message the detail, in English, for developers
   * @param {string} [field] which argument or part is at fault
   */
  constructor(code, message, field = '') {
    super(message);
    this.name = 'InkdriftError';
    this.code = known.has(code) ? code : 'unexpected';
    this.field = field;
    /** Files that were of no use, of an error about files. @type {import('../generated/protocol.js').LeftOut[]} */
    this.leftOut = [];
    /** Whether it came of loading a data set. */
    this.ofData = false;
    /** Whether only a reload of the page helps. */
    this.reload = false;
  }

  /**
   * Reads the error object of a message.
   *
   * @param {any} e
   * @returns {InkdriftError}
   */
  static from(e) {
    if (e instanceof InkdriftError) return e;
    if (typeof e?.code === 'string') {
      const error = new InkdriftError(e.code, String(e.message ?? ''), String(e.field ?? ''));
      if (Array.isArray(e.leftOut)) error.leftOut = e.leftOut;
      return error;
    }
    return new InkdriftError('unexpected', String(e?.message ?? e));
  }
}

/** Codes of files of the page that did not arrive. */
const unreachable = ['assets-missing', 'fetch-failed', 'model-missing', 'models-missing'];

/** Codes whose field names something that people know: a file that they gave or that did not arrive, a setting of an address. */
const given = [
  ...unreachable,
  ...['bad-data', 'bad-model', 'bad-picture', 'bad-value', 'data-missing', 'file-of-data', 'file-unknown', 'file-unreadable'],
  ...[
    'no-archive',
    'no-data',
    'picture-too-large',
    'torn-file',
    'data-too-large',
    'web-page',
    'lfs-pointer',
    'password',
    'format',
    'too-few',
  ],
];

/** Fields that name an argument of an engine, and nothing that a person knows. */
const internal = ['file', 'files', 'data', 'name', 'config', 'model'];

/**
 * What is known of an error besides its sentence: the file or setting that it is
 * about, for everybody, and folded the detail in English, for developers.
 *
 * @param {InkdriftError} e
 * @param {import('./i18n.js').I18n} i18n
 * @returns {HTMLElement[]}
 */
export function particulars(e, i18n) {
  const parts = [];
  if (given.includes(e.code) && e.field && !internal.includes(e.field)) {
    const about = document.createElement('p');
    about.className = 'about-field';
    i18n.text(about, 'detail.about', { field: e.field });
    parts.push(about);
  }
  if (e.message) {
    const detail = document.createElement('details');
    const head = document.createElement('summary');
    const text = document.createElement('p');
    detail.className = 'detail';
    i18n.text(head, 'detail.head');
    text.lang = 'en';
    text.textContent = e.field ? `${e.field}: ${e.message}` : e.message;
    detail.append(head, text);
    parts.push(detail);
  }
  return parts;
}

/** How many different errors are shown at once. */
const maxShown = 2;

/**
 * That the browser refuses to store something: one quiet line for all of these
 * codes, with the sentence of the gravest, which comes first here.
 */
const quiet = ['storage-memory', 'storage-failed', 'storage'];

/** Errors whose cause is not in the view where they are shown: they stay until it is gone. */
const lasting = ['disk-full', 'no-wasm', 'stage-failed', 'wasm-type', 'kernel-failed', 'no-simd'];

/**
 * @typedef {object} Shown
 * @property {HTMLElement} item
 * @property {boolean} stays whether it outlives the view
 */

/**
 * The error area of the page: a sentence for each error, its detail, a button
 * that dismisses it and, where trying again can help, one that does. It stands
 * beside what the newest error is of, at the top of the page where that is not
 * known or not seen. It is a part of the page's flow, so that it covers nothing;
 * while a pointer is down it waits, so that nothing moves under a hand that draws.
 */
export class ErrorArea {
  /** @type {Map<string, Shown>} */
  #shown = new Map();
  /** Codes of storage that were refused. @type {Set<string>} */
  #refused = new Set();
  /** What is to be shown when the pointer is up. @type {(() => void)[]} */
  #waiting = [];
  #pressed = false;
  #area;
  /** Where the area is at the top of the page. */
  #home = document.createComment('errors');
  #line;
  #i18n;

  /**
   * @param {HTMLElement} area
   * @param {HTMLElement} line the quiet line of storage
   * @param {import('./i18n.js').I18n} i18n
   */
  constructor(area, line, i18n) {
    this.#area = area;
    area.before(this.#home);
    this.#line = line;
    this.#i18n = i18n;
    addEventListener('pointerdown', () => (this.#pressed = true), { capture: true, passive: true });
    for (const event of ['pointerup', 'pointercancel']) {
      addEventListener(
        event,
        () => {
          this.#pressed = false;
          for (const show of this.#waiting.splice(0)) show();
        },
        { capture: true, passive: true },
      );
    }
  }

  /**
   * Shows an error; one of the same code takes the place of the last.
   *
   * @param {any} error
   * @param {() => void} [retry]
   * @param {Element} [cause] a part of the page that stays; the error is shown below it
   */
  show(error, retry, cause) {
    const e = InkdriftError.from(error);
    if (quiet.includes(e.code)) {
      this.#refused.add(e.code);
      this.#showLine();
    } else if (this.#pressed) this.#waiting.push(() => this.#add(e, retry, cause));
    else this.#add(e, retry, cause);
  }

  /**
   * @param {InkdriftError} e
   * @param {() => void} [retry]
   * @param {Element} [cause]
   */
  #add(e, retry, cause) {
    this.clear(e.code);
    const seen = cause?.isConnected && (cause.checkVisibility?.() ?? true);
    (seen ? cause : this.#home).after(this.#area);
    while (this.#shown.size >= maxShown) this.clear(this.#shown.keys().next().value ?? '');

    const item = document.createElement('div');
    item.className = 'error';
    /** What had the focus before. @type {HTMLElement | null} */
    let before = null;
    item.addEventListener('focusin', ({ relatedTarget: from }) => {
      if (from instanceof HTMLElement && !this.#area.contains(from)) before = from;
    });
    const close = () => {
      this.clear(e.code);
      before?.focus({ preventScroll: true });
    };
    const sentence = document.createElement('p');
    sentence.textContent = e.code; // until there are words
    this.#i18n.text(sentence, unreachable.includes(e.code) && !navigator.onLine ? 'error.offline' : `error.${e.code}`, {
      field: e.field,
    });
    item.append(sentence, ...particulars(e, this.#i18n));
    const buttons = document.createElement('div');
    buttons.className = 'buttons';
    if (retry) {
      buttons.append(
        this.#button('error.retry', 'Try again', () => {
          close();
          retry();
        }),
      );
    }
    buttons.append(this.#button('error.dismiss', 'Dismiss', close));
    item.append(buttons);
    this.#shown.set(e.code, { item, stays: retry !== undefined || lasting.includes(e.code) });
    this.#area.append(item);
    this.#area.hidden = false;
    item.scrollIntoView({ block: 'nearest' });
  }

  /** Another view is shown: what went wrong in the last one goes with it. */
  leave() {
    for (const [code, { stays }] of this.#shown) if (!stays) this.clear(code);
    this.#home.after(this.#area);
  }

  #showLine() {
    const code = quiet.find((c) => this.#refused.has(c));
    this.#line.hidden = !code;
    if (code) this.#i18n.text(this.#line, `error.${code}`);
  }

  /**
   * Takes the error of this code away, if it is shown.
   *
   * @param {string} code
   */
  clear(code) {
    if (this.#refused.delete(code)) this.#showLine();
    this.#shown.get(code)?.item.remove();
    this.#shown.delete(code);
    this.#area.hidden = this.#shown.size === 0;
  }

  /**
   * @param {string} key
   * @param {string} text until there are words
   * @param {() => void} fn
   */
  #button(key, text, fn) {
    const b = document.createElement('button');
    b.type = 'button';
    b.textContent = text;
    this.#i18n.text(b, key);
    b.addEventListener('click', fn);
    return b;
  }
}
