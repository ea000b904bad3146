/**
 * Notices a page that does not start because one of its modules or styles did not
 * arrive, and loads it once more; if that does not help it says what to do. A classic
 * script in the head, with words of its own: modules could not tell that they are
 * missing, and catalogues come with them.
 */
(() => {
  /** How long the page may take to start once all that it names has arrived, in milliseconds. */
  const patience = 10_000;
  /** Says, until the page has started, that it was loaded once more. */
  const key = 'inkdrift.reloaded';

  /** @type {Record<'file' | 'lost' | 'late' | 'again', [en: string, zh: string]>} */
  const words = {
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
      lang = JSON.parse(localStorage.getItem('inkdrift.language') ?? 'null');
    } catch {
      // Storage is refused, or damaged.
    }
    return /^zh/i.test(lang ?? navigator.language);
  };

  const started = () => 'inkdrift' in window;

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

  /** What was asked for and has not arrived, as far as the browser tells. */
  function missing() {
    const entries = /** @type {PerformanceResourceTiming[]} */ (performance.getEntriesByType?.('resource') ?? []);
    const bad = entries.filter((e) => e.responseStatus >= 400 || (e.responseStatus === 0 && e.decodedBodySize === 0 && e.responseEnd > 0));
    return [...new Set(bad.map((e) => new URL(e.name).pathname.split('/').at(-1)))].join(', ');
  }

  /** @param {'file' | 'lost' | 'late'} what */
  function say(what) {
    if (document.getElementById('start-failure')) return;
    const word = (/** @type {keyof typeof words} */ name) => words[name][inChinese() ? 1 : 0];
    const box = Object.assign(document.createElement('div'), { id: 'start-failure', className: 'error' });
    box.setAttribute('role', 'alert');
    const sentence = document.createElement('p');
    const names = what === 'file' ? '' : missing();
    sentence.textContent = word(what) + (names && ` (${names})`);
    box.append(sentence);
    if (what !== 'file') {
      const again = Object.assign(document.createElement('button'), { type: 'button', textContent: word('again') });
      again.addEventListener('click', () => location.reload());
      box.append(again);
    }
    document.body.prepend(box);
    document.getElementById('status')?.replaceChildren(); // it says “Loading”
  }

  function failed() {
    if (location.protocol === 'file:') say('file');
    else if (isFirst()) location.reload();
    else say('lost');
  }

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
    document.getElementById('start-failure')?.remove();
    try {
      sessionStorage.removeItem(key);
    } catch {
      // Nothing was remembered.
    }
  }
  addEventListener('load', () => setTimeout(look, patience));
})();
