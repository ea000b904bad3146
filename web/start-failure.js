/**
 * Sees to it that the page starts: a style that did not arrive whole is fetched
 * again, and where a module did not the page is loaded once more. If that does not
 * help, or nothing comes for long, it says what is missing and what to do. A classic
 * script in the head, with words of its own: modules could not tell that they are
 * missing, and catalogues come with them. Nothing waits for it: it may be missing, too.
 * Then styles show a sentence after a while, .not-started.
 *
 * Modules tell it of files that are late, by inkdriftFiles.
 */
(() => {
  const root = document.documentElement;
  /** Whether old-browser.js says what there is to say. */
  const isOld = () => root.dataset.old !== undefined;
  if (isOld()) return;
  root.dataset.watched = '';

  /** How long nothing may come until that is said, in milliseconds. */
  const patience = 10_000;
  /** Says, until the page has started, that it was loaded once more. */
  const key = 'inkdrift.reloaded';
  const base = new URL('.', document.baseURI).href;

  /** @type {Record<'file' | 'frame' | 'type' | 'lost' | 'late' | 'again', [en: string, zh: string]>} */
  const words = {
    file: [
      'Browsers run this page from a web server, not from a file on the disk. “make run” starts one; so does “python3 -m http.server” in its folder.',
      '浏览器只能从网页服务器运行本页，不能直接打开硬盘上的文件。请运行 make run，或在其文件夹中运行 python3 -m http.server。',
    ],
    frame: [
      'This page is in a sandboxed frame. Its server must send “Access-Control-Allow-Origin: *”, or the frame must allow “allow-same-origin”.',
      '本页位于沙盒框架中。服务器须发送 Access-Control-Allow-Origin: *，或框架须设置 allow-same-origin。',
    ],
    type: [
      'The server sends scripts with a wrong content type. It must be text/javascript for files that end in .js.',
      '服务器发送脚本的类型不对：以 .js 结尾的文件应为 text/javascript。',
    ],
    lost: ['A part of the page did not arrive.', '页面的一部分未能载入。'],
    late: ['A part of the page takes unusually long to arrive.', '页面的一部分迟迟未能载入。'],
    again: ['Try again', '重试'],
  };

  const inChinese = () => {
    let lang = null;
    try {
      lang = JSON.parse(localStorage.getItem('inkdrift.language') ?? 'null');
    } catch {
      // Storage is refused, or damaged.
    }
    return /^zh/i.test(lang ?? navigator.language);
  };

  const started = () => 'inkdrift' in window;

  /** Whether a sandbox gives the page an origin of its own: of files nothing is known there. */
  const isSandboxed = () => window.origin === 'null' && location.protocol !== 'file:';

  /** Remembers that the page was loaded once more. @returns {boolean} whether that is new */
  function isFirst() {
    try {
      if (sessionStorage.getItem(key)) return false;
      sessionStorage.setItem(key, '1');
      return sessionStorage.getItem(key) === '1';
    } catch {
      return false; // without storage it would load for ever
    }
  }

  const nameOf = (/** @type {string} */ address) => new URL(address, base).pathname.split('/').at(-1) ?? '';

  /** What became of each file that was asked for, by address without a query. @returns {Map<string, PerformanceResourceTiming>} */
  function arrivals() {
    const entries = /** @type {PerformanceResourceTiming[]} */ (performance.getEntriesByType?.('resource') ?? []);
    return new Map(entries.filter((e) => e.name.startsWith(base)).map((e) => [e.name.split('?')[0], e]));
  }

  /**
   * The addresses of scripts and styles that did not arrive, or not whole, as far as the browser tells.
   *
   * @param {(path: string) => number | undefined} bytesOf the length of a file
   */
  function damaged(bytesOf) {
    if (isSandboxed()) return [];
    return [...arrivals()].flatMap(([address, { responseStatus: status, decodedBodySize: size, responseEnd }]) => {
      const path = address.slice(base.length);
      const bytes = /\.(js|css)$/.test(path) ? bytesOf(path) : undefined;
      const torn = size > 0 && bytes !== undefined && size !== bytes;
      return status >= 400 || (status === 0 && size === 0 && responseEnd > 0) || torn ? [address] : [];
    });
  }

  /**
   * Fetches a file past all caches, which then have it.
   *
   * @param {string} address
   * @returns {Promise<{bytes: number, type: string, text: string}>} bytes: -1 if it cannot be had
   */
  async function renew(address) {
    try {
      const response = await fetch(address, { cache: 'reload', signal: AbortSignal.timeout?.(patience) });
      const text = await response.text();
      const type = response.headers.get('content-type') ?? '';
      return { bytes: response.ok ? new TextEncoder().encode(text).length : -1, type, text };
    } catch {
      return { bytes: -1, type: '', text: '' };
    }
  }

  /** The lengths of all files, from assets.json. @returns {Promise<(path: string) => number | undefined>} */
  async function lengths() {
    try {
      /** @type {{path: string, bytes: number}[]} */
      const files = JSON.parse((await renew(`${base}assets.json`)).text).files;
      return (path) => files.find((f) => f.path === path)?.bytes;
    } catch {
      return () => undefined;
    }
  }

  /** Files that are late. @type {Set<string>} */
  const late = new Set();

  const box = () => document.getElementById('start-failure');

  /**
   * @param {Exclude<keyof typeof words, 'again'>} what
   * @param {string[]} [files]
   */
  function say(what, files = []) {
    if (isOld()) return;
    const word = (/** @type {keyof typeof words} */ name) => words[name][inChinese() ? 1 : 0];
    const names = [...new Set(files.map(nameOf))].join(', ');
    const text = word(what) + (names && ` (${names})`);
    if (box()?.firstChild?.textContent === text) return;
    const sentence = Object.assign(document.createElement('p'), { textContent: text });
    const message = Object.assign(document.createElement('div'), { id: 'start-failure', className: 'error' });
    message.dataset.what = what;
    message.setAttribute('role', 'alert');
    message.append(sentence);
    if (what === 'lost' || what === 'late') {
      const again = Object.assign(document.createElement('button'), { type: 'button', textContent: word('again') });
      again.addEventListener('click', () => void reload());
      const buttons = Object.assign(document.createElement('div'), { className: 'buttons' });
      buttons.append(again);
      message.append(buttons);
    }
    box()?.remove();
    if (!document.body) root.append(document.createElement('body'));
    document.body.prepend(message);
    if (!started()) document.getElementById('status')?.replaceChildren(); // it says “Loading”
  }

  /** Loads the page again, and what was damaged before that. */
  async function reload() {
    await Promise.all(damaged(await lengths()).map(renew));
    location.reload();
  }

  let restarting = false;
  /**
   * A module has not arrived: loads the page once more, then says so.
   *
   * @param {string} known the address of a file that may be at fault
   * @param {boolean} isSure whether something has failed; else it may only be late
   */
  async function restart(known, isSure = true) {
    if (started() || restarting || isOld()) return;
    restarting = true;
    if (location.protocol === 'file:') return say('file');
    if (isSandboxed()) return say('frame');
    const found = damaged(await lengths());
    const files = found.length > 0 ? found : [known];
    const got = await Promise.all(files.map(renew));
    const isMistyped = got.some(({ bytes, type }, i) => files[i].endsWith('.js') && bytes > 0 && !/(java|ecma)script/.test(type));
    if (isMistyped) say('type', files);
    else if (!isSure && found.length === 0) {
      restarting = false;
      if (!started()) say('late');
    } else if (isFirst()) location.reload();
    else say('lost', files);
  }

  /**
   * Fetches a style again, under another address: the browser would give the old one.
   *
   * @param {HTMLLinkElement} link
   * @returns {Promise<void>} settles when that has been tried
   */
  function relink(link) {
    const [address] = link.href.split('?');
    if (link.dataset.again) {
      say('lost', [address]);
      return Promise.resolve();
    }
    const other = /** @type {HTMLLinkElement} */ (link.cloneNode());
    other.dataset.again = '1';
    other.href = `${address}?again=1`;
    return new Promise((settled) => {
      const end = () => {
        link.remove();
        settled();
      };
      other.addEventListener('load', end);
      other.addEventListener('error', end);
      link.after(other);
    });
  }

  /** @returns {HTMLLinkElement[]} */
  const styles = () => [...document.querySelectorAll('link')].filter((l) => l.rel === 'stylesheet');

  /** The addresses of the document and of its scripts. */
  const page = () => location.href.split('#')[0];
  const scripts = () => [...document.querySelectorAll('script')].map((s) => s.src).filter(Boolean);

  /**
   * The parser waits for a script in the head, and until it goes on the browser shows nothing: loads
   * the page once more, then ends the waiting and says what is missing.
   *
   * @param {string[]} missing addresses
   */
  function waitNoLonger(missing) {
    restarting = true;
    clearInterval(looking);
    if (isFirst()) return location.reload();
    document.open(); // ends the parser, too
    document.write('<!doctype html><meta name="color-scheme" content="light dark"><body>');
    document.close();
    say('lost', missing);
  }

  let begun = performance.now();
  /** Looks whether anything has come since. */
  function look() {
    if (started()) {
      clearInterval(looking);
      files.came('');
      return;
    }
    const now = performance.now();
    const had = arrivals();
    if (now - Math.max(begun, ...[...had.values()].map((e) => e.responseEnd)) < patience) {
      files.came('');
      return;
    }
    const links = [...document.querySelectorAll('link')].filter((l) => /^(stylesheet|modulepreload)$/.test(l.rel)).map((l) => l.href);
    const missing = [...scripts(), ...links].filter((address) => !had.has(address.split('?')[0]));
    if (missing.length === 0) {
      // The document itself is cut off; or something may have failed before there was this script to see it.
      const isCut = document.readyState === 'loading';
      return void restart(isCut ? page() : (scripts().at(-1) ?? page()), isCut);
    }
    if (!document.body) return waitNoLonger(missing);
    say('late', missing);
    // A style that does not come keeps the page from being painted.
    for (const link of styles()) {
      if (link.dataset.again || had.has(link.href)) continue; // no lazy one is there yet
      const name = nameOf(link.href);
      late.add(name); // also once the page has started without it
      void relink(link).then(() => files.came(name));
      link.remove();
      begun = now;
    }
  }
  const looking = setInterval(look, 1000);

  /** What assets.json says, once it is known. @type {((path: string) => number | undefined) | undefined} */
  let measure;
  /** Settles when all looks so far are done. @type {Promise<unknown>} */
  let checking = Promise.resolve();

  /** @param {(path: string) => number | undefined} [bytesOf] */
  async function check(bytesOf) {
    const torn = [];
    measure = bytesOf ?? measure ?? (await lengths());
    for (const address of restarting ? [] : damaged(measure)) {
      const { bytes, text } = await renew(address);
      if (bytes !== measure(address.slice(base.length))) {
        // Some servers change files on their way; a style that is cut off hardly ends like one.
        if (bytes >= 0 && address.endsWith('.css') && !text.trimEnd().endsWith('}')) say('lost', [address]);
        continue;
      }
      const link = styles().find((l) => l.href.split('?')[0] === address);
      if (link) await relink(link);
      else if (address.endsWith('.js')) torn.push(nameOf(address));
    }
    return torn;
  }

  const files = {
    /**
     * A file sends nothing for long.
     *
     * @param {string} name
     */
    late(name) {
      late.add(name);
      if (box()?.dataset.what !== 'lost') say('late', [...late]);
    },

    /**
     * It has come, or nobody waits for it any more.
     *
     * @param {string} name
     */
    came(name) {
      late.delete(name);
      if (box()?.dataset.what !== 'late') return;
      if (late.size > 0) say('late', [...late]);
      else box()?.remove();
    },

    /**
     * A file cannot be had, and without it the page cannot be used.
     *
     * @param {string} name
     */
    lost: (name) => say('lost', [name]),

    reload,

    /**
     * Looks whether scripts and styles have arrived whole, and fetches again what has not.
     *
     * @param {(path: string) => number | undefined} [bytesOf] what assets.json says, for this look and later ones
     * @returns {Promise<string[]>} the names of scripts that were damaged
     */
    check(bytesOf) {
      const names = checking.then(() => check(bytesOf));
      checking = names;
      return names;
    },

    /**
     * The page has started, with everything whole or not.
     *
     * @param {string[]} damaged scripts of it
     */
    begun(damaged) {
      if (damaged.length > 0) {
        if (isFirst()) location.reload();
        else say('lost', damaged);
        return;
      }
      try {
        sessionStorage.removeItem(key);
      } catch {
        // Nothing was remembered.
      }
    },
  };
  Object.assign(window, { inkdriftFiles: files });

  // Errors of elements do not bubble.
  addEventListener(
    'error',
    (event) => {
      const { target } = event;
      const { filename } = /** @type {ErrorEvent} */ (event);
      if (target instanceof HTMLLinkElement && target.rel === 'stylesheet' && !('lazy' in target.dataset)) {
        if (!document.body) addEventListener('DOMContentLoaded', () => void relink(target), { once: true });
        else void relink(target);
      } else if ((target instanceof HTMLScriptElement && target.src) || filename?.startsWith(base)) {
        const known = filename || /** @type {HTMLScriptElement} */ (target).src;
        if (document.body) void restart(known);
        else addEventListener('DOMContentLoaded', () => void restart(known), { once: true });
      }
    },
    true,
  );
  /** The document has been read: modules run next. */
  function parsed() {
    // It may be cut off, and initial-view.js may have failed.
    if (!document.querySelector('[data-end]') || root.dataset.view === undefined) void restart(page());
  }
  if (document.readyState !== 'loading') parsed();
  else document.addEventListener('readystatechange', parsed, { once: true });

  // What failed before this script ran.
  for (const address of damaged(() => undefined)) {
    const link = styles().find((l) => l.href === address);
    if (link) void relink(link);
    else if (scripts().includes(address)) void restart(address);
  }
})();
