/**
 * Notices a page that does not start, because the browser is too old for its modules
 * or because one of them or a style did not arrive. It loads the page once more in the
 * second case; if that does not help it says what to do. A classic script in the head,
 * with words of its own: modules could not tell that they are missing, and catalogues
 * come with them. Written in JavaScript that browsers of 2017 read.
 */
(() => {
  /** How long the page may take to start once all that it names has arrived, in milliseconds. */
  const patience = 10_000;
  /** Says, until the page has started, that it was loaded once more. */
  const key = 'inkdrift.reloaded';

  /** @type {Record<'old' | 'file' | 'lost' | 'late' | 'again', [en: string, zh: string]>} */
  const words = {
    old: [
      'This browser is too old for Inkdrift. It needs Chrome or Edge 98, Firefox 102, Safari 15.4, or a newer version.',
      '此浏览器版本过旧，无法运行 Inkdrift。请使用 Chrome 或 Edge 98、Firefox 102、Safari 15.4 或更新的版本。',
    ],
    file: [
      'Browsers run this page from a web server, not from a file on the disk. “make run” starts one; so does “python3 -m http.server” in its folder.',
      '浏览器只能从网页服务器运行本页，不能直接打开硬盘上的文件。请运行 make run，或在其文件夹中运行 python3 -m http.server。',
    ],
    lost: ['A part of the page did not arrive.', '页面的一部分未能载入。'],
    late: ['A part of the page takes unusually long to arrive.', '页面的一部分迟迟未能载入。'],
    again: ['Try again', '重试'],
  };

  const inChinese = () => {
    let lang = null;
    try {
      lang = JSON.parse(localStorage.getItem('inkdrift.language') || 'null');
    } catch (_) {
      // Storage is refused, or damaged.
    }
    return /^zh/i.test(lang || navigator.language);
  };

  const started = () => 'inkdrift' in window;

  /** Remembers that the page was loaded once more. @returns {boolean} whether that is new */
  function isFirst() {
    try {
      if (sessionStorage.getItem(key)) return false;
      sessionStorage.setItem(key, '1');
      return sessionStorage.getItem(key) === '1';
    } catch (_) {
      return false; // without storage it would load for ever
    }
  }

  /** What was asked for and has not arrived, as far as the browser tells. */
  function missing() {
    const entries = /** @type {PerformanceResourceTiming[]} */ (performance.getEntriesByType('resource'));
    const bad = entries.filter((e) => e.responseStatus >= 400 || (e.responseStatus === 0 && e.decodedBodySize === 0 && e.responseEnd > 0));
    return [...new Set(bad.map((e) => new URL(e.name).pathname.split('/').pop()))].join(', ');
  }

  /** @param {'old' | 'file' | 'lost' | 'late'} what */
  function say(what) {
    if (document.getElementById('start-failure')) return;
    const word = (/** @type {keyof typeof words} */ name) => words[name][inChinese() ? 1 : 0];
    const box = Object.assign(document.createElement('div'), { id: 'start-failure', className: 'error' });
    box.setAttribute('role', 'alert');
    const sentence = document.createElement('p');
    const isLoading = what === 'lost' || what === 'late';
    const names = isLoading ? missing() : '';
    sentence.textContent = word(what) + (names && ` (${names})`);
    box.append(sentence);
    if (isLoading) {
      const again = Object.assign(document.createElement('button'), { type: 'button', textContent: word('again') });
      again.addEventListener('click', () => location.reload());
      box.append(again);
    }
    document.body.prepend(box);
    const status = document.getElementById('status');
    if (status) status.textContent = ''; // it says “Loading”
  }

  function failed() {
    if (location.protocol === 'file:') say('file');
    else if (isFirst()) location.reload();
    else say('lost');
  }

  /** Whether the browser lacks what the page cannot do without; who has all of it can read the modules, too. */
  const isOld = () => typeof TransformStream !== 'function' || typeof structuredClone !== 'function' || !('hasOwn' in Object);

  // Errors of elements do not bubble.
  addEventListener(
    'error',
    ({ target }) => {
      if (!(target instanceof HTMLElement) || !target.matches('script[type=module], link[rel=stylesheet]')) return;
      if (document.body) failed();
      else addEventListener('DOMContentLoaded', failed, { once: true });
    },
    true,
  );
  /** Whether what is late has come. */
  function look() {
    if (!started()) {
      say('late');
      setTimeout(look, 1000);
      return;
    }
    const box = document.getElementById('start-failure');
    if (box) box.remove();
    try {
      sessionStorage.removeItem(key);
    } catch (_) {
      // Nothing was remembered.
    }
  }
  if (isOld() && location.protocol !== 'file:') addEventListener('DOMContentLoaded', () => say('old'));
  else addEventListener('load', () => setTimeout(look, patience));
})();
