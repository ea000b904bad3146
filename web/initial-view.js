/**
 * Says which view the address asks for, whether the page is embedded, and in
 * which language it speaks, before anything is drawn. A classic script in the
 * head: modules come after the first picture of the page.
 *
 * The HTML's own words are English. In another language they are not seen until
 * the words of that one have come, which are asked for at once.
 */
(() => {
  /** Milliseconds for which words are waited for. */
  const patience = 8000;
  const root = document.documentElement;
  const isEmbedded = new URLSearchParams(location.search).get('embed') === '1';
  if (isEmbedded) root.dataset.embed = '';
  root.dataset.view = isEmbedded ? 'studio' : (/^#([a-z]+)(?=\?|$)/.exec(location.hash)?.[1] ?? 'studio');

  /** @type {unknown} */
  let chosen = null;
  try {
    if (!isEmbedded) chosen = JSON.parse(localStorage.getItem('inkdrift.language') ?? 'null');
  } catch {
    // Storage is refused, or damaged.
  }
  const wanted = typeof chosen === 'string' ? [chosen] : navigator.languages;
  if (!/^zh/i.test(wanted.find((tag) => /^(en|zh)/i.test(tag)) ?? '')) return;
  root.lang = 'zh-Hans';
  root.dataset.words = 'coming';
  globalThis.inkdriftWords = fetch('locales/zh.json', { cache: 'no-cache', signal: AbortSignal.timeout?.(patience) })
    .then((response) => (response.ok ? response.json() : null))
    .catch(() => null); // main.js tries again, and says so
})();
